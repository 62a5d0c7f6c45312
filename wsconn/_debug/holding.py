"""Connections that are held open after the check, to see what ends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wsconn._debug.records import Hold
from wsconn._io.abort import CancelScope
from wsconn._probe.probe import Probe
from wsconn._regions import Region


def hold_open(
    regions: Sequence[Region],
    probe: Probe,
    scope: CancelScope,
    *,
    seconds: float,
    tell: Callable[[Hold], object],
) -> tuple[Hold, ...]:
    """Hold two connections open to each of `regions`, and return how each ended, in their order.

    It is called once a run, on a thread of its own, after the check.

    Args:
        regions: those that passed.
        probe: the check's own; a connection is opened as it would.
        scope: its deadline leaves time to open connections before `seconds`, and to close them after. `Aborted` need
            not be caught: what was told by then is in the report.
        seconds: how long to hold them.
        tell: called with each as it ends, from this thread or others.
    """
    return ()
