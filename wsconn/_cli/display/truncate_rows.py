"""Which rows of a table stay where there is no room for all."""

from __future__ import annotations

from collections.abc import Sequence


def truncate_rows(ranks: Sequence[int], height: int) -> tuple[list[int], list[int]]:
    """Return the indexes of the rows that stay, and of those that do not; rows of the least rank stay the longest.

    Where not all have room, a line is left for a word about the others. Both keep the order of the rows.
    """
    if len(ranks) <= height:
        return list(range(len(ranks))), []
    wanted = sorted(range(len(ranks)), key=ranks.__getitem__)
    return sorted(wanted[: height - 1]), sorted(wanted[height - 1 :])
