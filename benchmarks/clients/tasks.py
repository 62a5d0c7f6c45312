"""A task of asyncio for each region, as the clients that do not block need it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from benchmarks.clients.harness import Run

Passed = Callable[[], None]
Probe = Callable[[str, Passed], Coroutine[object, object, object]]


async def gather(run: Run, probe: Probe) -> None:
    """Run `probe` for every URL; it calls what it is given once the WebSocket is open. To abort is to cancel all."""

    async def one(number: int, url: str) -> None:
        try:
            async with asyncio.timeout(run.timeout):
                await probe(url, lambda: run.settle(number, True))
        except asyncio.CancelledError:
            run.settle(number, False, "aborted")
        except Exception as error:  # noqa: BLE001  whatever a client raises is a verdict
            run.settle(number, False, repr(error))

    def abort() -> None:
        run.mark_abort()
        for task in tasks:
            task.cancel()

    tasks = [asyncio.create_task(one(number, url)) for number, url in enumerate(run.urls)]
    if run.abort_after is not None:
        asyncio.get_running_loop().call_later(run.abort_after, abort)
    await asyncio.gather(*tasks)


def in_tasks(main: Callable[[Run], Coroutine[object, object, None]]) -> None:
    """Run `main`, which calls `gather`, in an event loop of its own."""
    run = Run()
    asyncio.run(main(run))
    run.report()
