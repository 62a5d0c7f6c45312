"""The round trips over a held connection, in four numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable

import attrs

from wsconn._debug.records import RoundTrip


@attrs.frozen(kw_only=True)
class Summary:
    """Seconds, and how many pings were sent and never answered. Without an answer there are no seconds."""

    pings: int
    lost: int
    least: float | None = None
    median: float | None = None
    most_of_all: float | None = None  # 99 in 100 were as quick


def summary_of(round_trips: Iterable[RoundTrip]) -> Summary:
    """Return the four numbers."""
    import statistics  # here: it loads much, and each command knows all formats

    trips = list(round_trips)
    took = sorted(trip.seconds for trip in trips if trip.seconds is not None)
    if not took:
        return Summary(pings=len(trips), lost=len(trips))
    return Summary(
        pings=len(trips),
        lost=len(trips) - len(took),
        least=took[0],
        median=statistics.median(took),
        most_of_all=took[math.ceil(0.99 * len(took)) - 1],
    )
