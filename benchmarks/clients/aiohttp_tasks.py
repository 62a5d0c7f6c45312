"""aiohttp, one session without its limit of 100 connections. Its default context is made by its import."""

from __future__ import annotations

import aiohttp

from benchmarks.clients.harness import Run
from benchmarks.clients.tasks import Passed, gather, in_tasks


async def main(run: Run) -> None:
    """Open and close a WebSocket for each URL."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def probe(url: str, passed: Passed) -> None:
            async with session.ws_connect(url, ssl=run.context or True, autoping=not run.pings) as websocket:
                if run.pings:
                    await websocket.ping(b"12345678")
                    assert (await websocket.receive()).type is aiohttp.WSMsgType.PONG
                passed()

        await gather(run, probe)


if __name__ == "__main__":
    in_tasks(main)
