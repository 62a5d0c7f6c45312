"""wsconn, with what its first test would import imported beforehand, as the others import all they need."""

from __future__ import annotations

import contextlib

import websocket  # noqa: F401  else the first region that gets an answer waits for it

import wsconn
from benchmarks.clients.wsconn_cold import main

if __name__ == "__main__":
    wsconn.check({"refused": "ws://127.0.0.1:9/"}, proxy=None)  # loads wsconn's modules but for those of an answer
    with contextlib.suppress(ImportError):  # 0.1.0 has loaded them with the rest
        from wsconn._probe.probe import load_conversation
        from wsconn._probe.trust import load_tls

        load_conversation()
        load_tls()
    main()
