"""picows, whose protocol is compiled (Cython)."""

from __future__ import annotations

from picows import WSCloseCode, WSListener, ws_connect

from benchmarks.clients.harness import Run
from benchmarks.clients.tasks import Passed, gather, in_tasks


async def main(run: Run) -> None:
    """Open and close a WebSocket for each URL."""

    async def probe(url: str, passed: Passed) -> None:
        transport, _ = await ws_connect(WSListener, url, ssl_context=run.context, websocket_handshake_timeout=None)
        passed()
        transport.send_close(WSCloseCode.OK)
        await transport.wait_disconnected()

    await gather(run, probe)


if __name__ == "__main__":
    in_tasks(main)
