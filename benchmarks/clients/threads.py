"""A thread for each region, as the clients that block need it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from benchmarks.clients.harness import Run

Passed = Callable[[], None]


def in_threads(
    probe: Callable[[Run, str, Passed], object],
    stop: Callable[[], object] | None = None,
    *,
    shares_context: bool = False,
) -> None:
    """Run `probe` for every URL; it calls what it is given once the WebSocket is open, and raises where it cannot be.

    Args:
        probe: opens and closes one WebSocket.
        stop: wakes all threads. Without it an abort can only wait for them to end by themselves.
        shares_context: whether to load the system's roots first, on the clock, where no context is given.
    """
    run = Run()
    if shares_context and run.context is None and run.urls[0].startswith("wss"):
        run.context = ssl.create_default_context()

    def one(number: int, url: str) -> None:
        try:
            probe(run, url, lambda: run.settle(number, True))
        except Exception as error:  # noqa: BLE001  whatever a client raises is a verdict
            run.settle(number, False, repr(error))

    with ThreadPoolExecutor(len(run.urls)) as executor:
        for number, url in enumerate(run.urls):
            executor.submit(one, number, url)
        if run.abort_after is not None:
            time.sleep(run.abort_after)
            run.mark_abort()
            if stop is not None:
                stop()
    run.report()
