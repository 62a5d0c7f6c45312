"""How numbers of regions, and many names, are written for a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_MOST_NAMES = 3


def every(regions: int) -> str:
    """Name all of a number of regions, in words that go before them: "Both" or "All 3"."""
    return "Both" if regions == 2 else f"All {regions}"


def counted(number: int, thing: str = "region") -> str:
    """Return a number of things, in words."""
    return f"1 {thing}" if number == 1 else f"{number} {thing}s"


def some(names: Sequence[str], show: Callable[[str], str] = str) -> str:
    """Return the first of some names, each as `show` makes it, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(map(show, names[:_MOST_NAMES]))}{more}"
