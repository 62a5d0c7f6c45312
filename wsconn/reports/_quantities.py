"""How a time span and a number of regions are written for a person."""

from __future__ import annotations

import math

_SECONDS_FROM = 9.9995  # below that, milliseconds; four digits are read at a glance


def duration(seconds: float) -> str:
    """Return a span in milliseconds, or from 10 s on in seconds."""
    if not math.isfinite(seconds):
        return "an unknown time"
    return f"{seconds:.1f} s" if abs(seconds) >= _SECONDS_FROM else f"{seconds * 1000:.0f} ms"


def every(regions: int) -> str:
    """Name all of a number of regions, in words that go before them: "Both" or "All 3"."""
    return "Both" if regions == 2 else f"All {regions}"


def counted(regions: int) -> str:
    """Return a number of regions, in words."""
    return "1 region" if regions == 1 else f"{regions} regions"
