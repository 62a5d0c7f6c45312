"""Numbers as a line of little bars."""

from __future__ import annotations

from collections.abc import Sequence

from wsconn.reports._signs import ASCII_SIGNS, SIGNS

BARS = "▁▂▃▄▅▆▇█"
ASCII_BARS = "_.-~=+*#"


def sparkline(values: Sequence[float | None], *, ascii_only: bool = False) -> str:
    """Return a bar for each value, and a cross for each that is missing.

    The scale begins at zero: one that began at the least value would show a storm where there is calm.
    """
    bars, lost = (ASCII_BARS, ASCII_SIGNS.failed) if ascii_only else (BARS, SIGNS.failed)
    most = max((value for value in values if value is not None), default=0.0)
    return "".join(lost if value is None else bars[_level(value, most)] for value in values)


def _level(value: float, most: float) -> int:
    return round(value / most * (len(BARS) - 1)) if most > 0 else 0
