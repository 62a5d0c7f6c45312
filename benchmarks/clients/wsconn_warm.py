"""wsconn, with what its first test would import imported beforehand, as the others import all they need."""

from __future__ import annotations

import contextlib

import websocket  # noqa: F401  else the first region that gets an answer waits for it

import wsconn
from benchmarks.clients.wsconn_cold import main

if __name__ == "__main__":
    wsconn.check({"refused": "ws://127.0.0.1:9/"}, proxy=None)  # loads wsconn's modules but one, which it did not need
    with contextlib.suppress(ImportError):  # in 0.1.0 it is no module of its own
        import wsconn._protocols.websocket_client
    main()
