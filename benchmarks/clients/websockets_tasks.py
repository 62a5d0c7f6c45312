"""`websockets`, its client for asyncio."""

from __future__ import annotations

from websockets.asyncio.client import connect

from benchmarks.clients.harness import Run
from benchmarks.clients.tasks import Passed, gather, in_tasks


async def main(run: Run) -> None:
    """Open and close a WebSocket for each URL."""
    trust = {"ssl": run.context} if run.context else {}

    async def probe(url: str, passed: Passed) -> None:
        async with connect(url, open_timeout=None, **trust) as websocket:
            if run.pings:
                await (await websocket.ping())
            passed()

    await gather(run, probe)


if __name__ == "__main__":
    in_tasks(main)
