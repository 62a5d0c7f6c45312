"""Held connections as a picture: what is drawn, in percent of the width and of the height; how is the template's.

All regions share one scale of time. Each has its own of round trips, since a far one would press a near one flat.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import attrs

from wsconn._debug.records import Hold, HoldEnd, RoundTrip
from wsconn._text import duration
from wsconn.reports._analysis.waterfall import Tick, scale
from wsconn.reports._debugger.holds import Held, end_of, is_cut, kind_of, notes_of, round_trips_of

_MOST_STEMS = 240  # of a day's pings each stem is the longest of some
_LEAST_PERCENT = 0.4


@attrs.frozen
class Stem:
    """A ping: where, how high, and whether it was lost."""

    at: float
    height: float
    lost: bool


@attrs.frozen(kw_only=True)
class Lane:
    """A connection: the bar of what it stood for certain, of when it was cut unseen, and the pings over it."""

    kind: str
    kept_alive: bool
    end: str
    trips: str
    notes: tuple[str, ...]
    stood: float
    unsure: float
    is_cut: bool
    stems: tuple[Stem, ...]
    top: str

    @property
    def ended(self) -> float:
        """Where it ended, in percent."""
        return round(self.stood + self.unsure, 2)

    @property
    def told(self) -> str:
        """What is drawn, in words."""
        return ", ".join(said for said in (self.kind, self.end, self.trips) if said)


@attrs.frozen
class Plot:
    """The lanes of each region, and the lines of the scale of time."""

    regions: tuple[tuple[str, tuple[Lane, ...]], ...]
    ticks: tuple[Tick, ...]
    has_unsure: bool


def plot_of(held: Sequence[Held]) -> Plot:
    """Lay all holds out on one scale of time."""
    spans = [_finite(hold.seconds) for one in held for hold in one.holds]
    end, step = scale(max(spans, default=0.0))
    regions = tuple((one.region, tuple(_lane(hold, end) for hold in one.holds)) for one in held)
    ticks = tuple(Tick(100 * step * place / end, _seconds(step * place)) for place in range(round(end / step) + 1))
    unsure = any(lane.unsure for _, lanes in regions for lane in lanes)
    return Plot(regions, ticks, unsure)


def _lane(hold: Hold, end: float) -> Lane:
    whole = _percent(hold.seconds, end)
    sure = whole if hold.ended_by is not HoldEnd.SILENCE else min(whole, _percent(hold.least_seconds, end))
    top = _top(hold.round_trips)
    return Lane(
        kind=kind_of(hold),
        kept_alive=hold.kept_alive,
        end=end_of(hold),
        trips=round_trips_of(hold),
        notes=notes_of(hold),
        stood=round(sure, 2),
        unsure=round(whole - sure, 2),
        is_cut=is_cut(hold),
        stems=tuple(_stems(hold.round_trips, end, top)) if hold.kept_alive else (),
        top=duration(top) if top else "",
    )


def _top(round_trips: Sequence[RoundTrip]) -> float:
    """Return where the scale of round trips ends: at a number that is easy to read."""
    took = [_finite(trip.seconds) for trip in round_trips if trip.seconds is not None]
    return scale(max(took))[0] if any(took) else 0.0


def _stems(round_trips: Sequence[RoundTrip], end: float, top: float) -> Iterator[Stem]:
    size = math.ceil(len(round_trips) / _MOST_STEMS) or 1
    for first in range(0, len(round_trips), size):
        some = round_trips[first : first + size]
        longest = max(some, key=lambda trip: math.inf if trip.seconds is None else _finite(trip.seconds))
        lost = longest.seconds is None
        height = 100.0 if lost or not top else 100 * _finite(longest.seconds or 0.0) / top
        yield Stem(round(_percent(longest.at, end), 2), round(max(height, _LEAST_PERCENT), 2), lost)


def _percent(seconds: float, end: float) -> float:
    return min(100.0, 100 * _finite(seconds) / end)


def _finite(seconds: float) -> float:
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0


def _seconds(seconds: float) -> str:
    return f"{seconds:g} s"
