"""The hosts and ports to allow, as lines of text: the table of what was tried, and what the operator lists."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from wsconn._result import ConnectivityResult
from wsconn._text import plain
from wsconn.reports._analysis.allow_list import AllowList, Place, allow_lists_of
from wsconn.reports._analysis.operator_list import TITLE, OperatorList, operator_lists_of
from wsconn.reports._columns import padded, wide
from wsconn.reports._printable import printable
from wsconn.reports._quantities import some
from wsconn.reports._signs import Signs


def allow_lines(result: ConnectivityResult, width: int, signs: Signs) -> Iterator[str]:
    """Yield the tables in which something fails, each behind an empty line; where all works nobody is to be asked."""
    for allowed in allow_lists_of(result):
        if allowed.fails:
            yield ""
            yield from textwrap.wrap(f"Hosts and ports to allow: {plain(allowed.title)}", width, break_long_words=False)
            yield from _rows(allowed, width, signs)
            if allowed.note:
                yield f"  {allowed.note}"
    lists = operator_lists_of(result)
    for operator in lists:
        if operator.fails:
            yield ""
            yield from _operator_list(operator, width, is_only=len(lists) == 1)


def _operator_list(operator: OperatorList, width: int, *, is_only: bool) -> Iterator[str]:
    whose = "" if is_only else f" (for {some(operator.regions)})"
    told = [f"{TITLE}{whose}", *([f"  {', '.join(operator.allow)}"] if operator.allow else [])]
    for line in [*told, *([f"  {operator.help}"] if operator.help else [])]:
        yield from textwrap.wrap(
            printable(line), width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )


def _rows(allowed: AllowList, width: int, signs: Signs) -> Iterator[str]:
    """Yield a row for each host; where they would be too wide, the last columns are left out of all."""
    rows = [_cells(place, signs) for place in allowed.places]
    columns = [max(map(wide, cells)) for cells in zip(*rows, strict=True)]
    while len(columns) > 1 and sum(columns) + 2 * (len(columns) - 1) > width:
        del columns[-1]
    for row in rows:
        yield "  ".join(padded(cell, size) for cell, size in zip(row, columns, strict=False)).rstrip()


def _cells(place: Place, signs: Signs) -> list[str]:
    """Return what can be left out last: the sign and the host with its port first."""
    host = f"{signs.of(place.status)} {place.destination}"
    return [printable(cell) for cell in (host, place.told, place.destination.scheme, some(place.regions))]
