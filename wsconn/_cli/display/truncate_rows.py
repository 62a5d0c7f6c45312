"""Which rows of a table stay where there is no room for all."""

from __future__ import annotations

from collections.abc import Sequence


def truncate_rows(ranks: Sequence[int], height: int) -> tuple[list[int], list[int]]:
    """Return which rows are shown and which are not, by index; `ranks` has a number for each, the least stay longest.

    Where not all have room, one line less is given away: it tells of the others. Both keep the order of the rows.
    """
    if len(ranks) <= height:
        return list(range(len(ranks))), []
    wanted = sorted(range(len(ranks)), key=ranks.__getitem__)
    return sorted(wanted[: height - 1]), sorted(wanted[height - 1 :])
