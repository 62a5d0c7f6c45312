"""How a number of regions is written for a person."""

from __future__ import annotations


def every(regions: int) -> str:
    """Name all of a number of regions, in words that go before them: "Both" or "All 3"."""
    return "Both" if regions == 2 else f"All {regions}"


def counted(regions: int) -> str:
    """Return a number of regions, in words."""
    return "1 region" if regions == 1 else f"{regions} regions"
