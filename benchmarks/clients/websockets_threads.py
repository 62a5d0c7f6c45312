"""`websockets`, its blocking client in a ThreadPoolExecutor."""

from __future__ import annotations

from websockets.sync.client import connect

from benchmarks.clients.harness import Run
from benchmarks.clients.threads import Passed, in_threads


def probe(run: Run, url: str, passed: Passed) -> None:
    """Open and close one WebSocket."""
    trust = {"ssl": run.context} if run.context else {}
    with connect(url, open_timeout=run.timeout, **trust) as websocket:
        if run.pings:
            websocket.ping().wait(run.timeout)
        passed()


if __name__ == "__main__":
    in_threads(probe)
