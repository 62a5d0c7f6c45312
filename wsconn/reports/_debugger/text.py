"""What the debugger adds to a report in text, as lines before those of the check."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from wsconn._debug.records import DebugReport
from wsconn._text import duration
from wsconn.reports._columns import padded, wide
from wsconn.reports._debugger.conclusions import ENDED_EARLY, Told, told_of
from wsconn.reports._debugger.holds import held_of, kind_of, told
from wsconn.reports._debugger.trials import Row, Strip, strips_of
from wsconn.reports._labels import labelled, wrapped
from wsconn.reports._printable import printable
from wsconn.reports._quantities import some
from wsconn.reports._signs import Signs

_REACHED = 9  # columns of the longest stage
_NAME = 24  # columns of a region's name, where it is short


def debug_lines(report: DebugReport, width: int, signs: Signs) -> Iterator[str]:
    """Yield who is in the way, the experiments, and what was held, with an empty line behind each part."""
    for conclusion in told_of(report):
        yield from _conclusion(conclusion, width)
        yield ""
    if report.aborted:
        yield from textwrap.wrap(ENDED_EARLY, width)
        yield ""
    for strip in strips_of(report):
        yield from _strip(strip, width, signs)
        yield ""
    yield from _holds(report, width)


def _conclusion(conclusion: Told, width: int) -> Iterator[str]:
    yield from labelled(conclusion.kind, conclusion.whole, width)
    if conclusion.whom:
        yield from labelled("tell", conclusion.whom, width)
    name = "regions" if len(conclusion.regions) > 1 else "region"
    yield from labelled(name, some(conclusion.regions), width)


def _strip(strip: Strip, width: int, signs: Signs) -> Iterator[str]:
    control = " (control: it passed)" if all(row.is_control for row in strip.rows[1:]) else ""
    yield from textwrap.wrap(f"Experiments at {strip.region}{control}, and how far each came", width)
    for row in strip.rows:
        yield from _row(row, width, signs)


def _row(row: Row, width: int, signs: Signs) -> list[str]:
    reached = padded(str(row.stage), _REACHED)
    ended = f" ({row.cause}, {duration(row.seconds)})" if row.cause else f" ({duration(row.seconds)})"
    return wrapped(f"{signs.of(row.status)} {reached}  ", f"{row.changed}{ended}", width)


def _holds(report: DebugReport, width: int) -> Iterator[str]:
    held = held_of(report)
    if not held:
        return
    yield "Held open after the check"
    names = max(wide(printable(one.region)) for one in held)
    for one in held:
        for hold in one.holds:
            first = f"  {padded(printable(one.region), min(names, _NAME))}  "
            yield from wrapped(first, f"{kind_of(hold)}: {told(hold)}", width)
    yield ""
