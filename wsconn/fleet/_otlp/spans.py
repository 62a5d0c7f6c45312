"""A check as spans: the check, in it a region each, in that a stage each, with their times.

A stage's duration was measured, and its place follows from what else is known. Discovery begins with its region. The
connection's attempt lasted until the region ended, so that tells when the way to the server began. The other stages
follow on one another and end with the region. Between connection and the rest this machine may have loaded its root
certificates and libraries; what was tried before the last URL comes before all of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import attrs

from wsconn._outcome import RegionOutcome, Stage
from wsconn._result import ConnectivityResult
from wsconn.fleet._otlp.attributes import Attributes, of_check, of_region, of_stage
from wsconn.reports._analysis.times import times_of

_WAY = (Stage.RESOLVE, Stage.CONNECT, Stage.PROXY)


@attrs.frozen(kw_only=True)
class Span:
    """What was done from when to when, in seconds since 1970; an `error` says that it failed, and how."""

    name: str
    start: float
    end: float
    attributes: Attributes
    error: str | None = None
    is_client: bool = False
    children: tuple[Span, ...] = ()


def span_of(result: ConnectivityResult) -> Span:
    """Return the span of a whole check. No part of it is outside its time, even if the clock was set meanwhile."""
    start = result.started_at.timestamp()
    end = start + _duration(result.duration)
    return Span(
        name="wsconn check",
        start=start,
        end=end,
        attributes=of_check(result),
        children=tuple(_region(outcome, start, end) for outcome in result.outcomes),
    )


def _region(outcome: RegionOutcome, earliest: float, latest: float) -> Span:
    began = outcome.started_at
    start = _within(earliest if began is None or not math.isfinite(began) else began, earliest, latest)
    end = _within(start + _duration(outcome.duration), start, latest)
    return Span(
        name=outcome.region,
        start=start,
        end=end,
        attributes=of_region(outcome),
        error=outcome.failure.message if outcome.failure else None,
        is_client=True,
        children=tuple(_stages(outcome, start, end)),
    )


def _stages(outcome: RegionOutcome, start: float, end: float) -> Iterator[Span]:
    times = {stage: _duration(seconds) for stage, seconds in times_of(outcome).items()}
    place, left = start, sum(times.values())
    for stage, seconds in times.items():
        if stage is not Stage.DISCOVERY:
            ends_last = end - left
            place = max(place, min(ends_last, _way_began(outcome, times, end)) if stage in _WAY else ends_last)
        ends = _within(place + seconds, place, end)
        yield _stage(outcome, stage, place, ends)
        place, left = ends, left - seconds


def _way_began(outcome: RegionOutcome, times: Mapping[Stage, float], end: float) -> float:
    """Return when the way to the server began, as its last attempt has it, or never."""
    if not outcome.attempts or outcome.attempts[-1].url != outcome.url:
        return math.inf
    return end - _duration(outcome.attempts[-1].duration) - times.get(Stage.RESOLVE, 0.0)


def _stage(outcome: RegionOutcome, stage: Stage, start: float, end: float) -> Span:
    failure = outcome.failure if outcome.failure and outcome.failure.stage is stage else None
    return Span(
        name=str(stage),
        start=start,
        end=end,
        attributes=of_stage(outcome, stage),
        error=failure.message if failure else None,
    )


def _duration(seconds: float) -> float:
    """Return a span of time; a record that was made by hand may hold anything."""
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0


def _within(moment: float, earliest: float, latest: float) -> float:
    return min(max(moment, earliest), latest)
