"""websocket-client in a ThreadPoolExecutor, the obvious lines: each connection makes a TLS context of its own."""

from __future__ import annotations

import websocket

from benchmarks.clients.harness import Run
from benchmarks.clients.threads import Passed, in_threads


def probe(run: Run, url: str, passed: Passed) -> None:
    """Open and close one WebSocket."""
    trust = {"ca_certs": run.roots} if run.roots else {}
    opened = websocket.create_connection(url, timeout=run.timeout, sslopt=trust)
    passed()
    opened.close()


if __name__ == "__main__":
    in_threads(probe)
