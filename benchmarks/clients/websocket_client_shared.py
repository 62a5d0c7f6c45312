"""websocket-client in a ThreadPoolExecutor, with one TLS context for all connections."""

from __future__ import annotations

import websocket

from benchmarks.clients.harness import Run
from benchmarks.clients.threads import Passed, in_threads


def probe(run: Run, url: str, passed: Passed) -> None:
    """Open and close one WebSocket."""
    trust = {"context": run.context} if url.startswith("wss") else {}
    opened = websocket.create_connection(url, timeout=run.timeout, sslopt=trust)
    if run.pings:
        opened.ping(b"12345678")
        opened.recv_data_frame(control_frame=True)
    passed()
    opened.close()


if __name__ == "__main__":
    in_threads(probe, shares_context=True)
