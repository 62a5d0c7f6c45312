"""Wait for a test to end, and show meanwhile how it stands."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Protocol, Self, TypeAlias

from wsconn import ConnectivityResult, ConnectivityTest, RegionOutcome
from wsconn._run.state import State

TICK_SECONDS = 0.1

Progress: TypeAlias = Sequence[tuple[State, RegionOutcome]]  # an unsettled region's outcome is what an abort would give


class Display(Protocol):
    """Where a person sees how a test stands. Leaving it leaves a tidy terminal."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def show(self, progress: Progress) -> None:
        """Show where each region stands, in input order, with what is known of it so far."""


def follow(handle: ConnectivityTest, show: Callable[[Progress], None]) -> tuple[ConnectivityResult, bool]:
    """Wait for the end, or for Ctrl-C, which makes one; the second value says whether it did."""
    try:
        while not handle.done():
            show(_progress(handle))
            with contextlib.suppress(TimeoutError):
                handle.result(TICK_SECONDS)
        show(_progress(handle))
        return handle.result(), False
    except KeyboardInterrupt:
        handle.abort()
        return handle.result(), True


def _progress(handle: ConnectivityTest) -> Progress:
    return handle._progress()  # noqa: SLF001 - no user needs it: they have `outcomes`
