"""The stages of each region as bars on one scale: what is drawn, in percent of the width; how is the template's.

The scale is that of the regions that passed. A timeout of ten seconds would squeeze all else into a line, so what does
not fit is cut off at the edge and marked as cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import attrs

from wsconn._outcome import Cause, RegionOutcome, Stage, Status
from wsconn._text import duration
from wsconn.reports._analysis.times import times_of

_SILENT = (Cause.TIMEOUT, Cause.NO_PONG)  # their last stage took as long as it was given, and says nothing of speed
_MOST_TICKS = 4
_MOST_MEDIANS = 5  # one slow region of many does not set the scale for the others
_LEAST_PERCENT = 0.4  # a stage that took no time is still to be seen


@attrs.frozen(kw_only=True)
class Segment:
    """A stage of a region: where its bar begins and how wide it is, in percent."""

    stage: Stage
    seconds: float
    start: float
    width: float
    is_silent: bool

    @property
    def told(self) -> str:
        """The stage and its time, in words."""
        return f"{self.stage} {duration(self.seconds)}"


@attrs.frozen(kw_only=True)
class Bar:
    """The bar of one region; a cut one went on beyond the edge."""

    outcome: RegionOutcome
    segments: tuple[Segment, ...]
    is_cut: bool

    @property
    def end(self) -> float:
        """Where it ends, in percent."""
        return self.segments[-1].start + self.segments[-1].width if self.segments else 0.0

    @property
    def is_silent(self) -> bool:
        """Whether its last stage waited in vain."""
        return any(segment.is_silent for segment in self.segments)

    @property
    def told(self) -> str:
        """What the bar shows, in words."""
        failure = self.outcome.failure
        why = f", {failure.cause} at {failure.stage}" if failure else ""
        times = ", ".join(segment.told for segment in self.segments) or "no stage was timed"
        return f"{self.outcome.region} {self.outcome.status}{why}: {times}"


@attrs.frozen
class Tick:
    """A line of the scale: where, in percent, and what it says."""

    at: float
    label: str


@attrs.frozen
class Waterfall:
    """The bars in input order, the scale's lines, and the stages that occur."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    stages: tuple[Stage, ...]


def waterfall_of(outcomes: tuple[RegionOutcome, ...]) -> Waterfall:
    """Lay the stages of all regions out on one scale."""
    end, step = scale(_greatest(outcomes))
    bars = tuple(_bar(outcome, end) for outcome in outcomes)
    ticks = tuple(Tick(100 * step * place / end, duration(step * place)) for place in range(round(end / step) + 1))
    seen = {segment.stage for bar in bars for segment in bar.segments}
    return Waterfall(bars, ticks, tuple(stage for stage in Stage if stage in seen))


def _greatest(outcomes: tuple[RegionOutcome, ...]) -> float:
    """Return the seconds that are to fit: those of the passed regions, else of the others without their silence."""
    import statistics  # here: it loads much, and each command knows all formats

    passed = [_total(outcome) for outcome in outcomes if outcome.status is Status.PASSED]
    others = [sum(spent for stage, spent in _times(o) if not _is_silent(o, stage)) for o in outcomes]
    totals = [total for total in passed or others if total > 0] or [_total(outcome) for outcome in outcomes]
    return min(max(totals), _MOST_MEDIANS * statistics.median(totals)) if totals else 0.0


def scale(greatest: float) -> tuple[float, float]:
    """Return where a scale ends and the step of its lines, in seconds: a 1, 2 or 5 with zeros, for few enough lines."""
    rough = max(greatest, 0.001) / _MOST_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in (1, 2, 5, 10) if nice * power >= rough * 0.999)
    return step * math.ceil(greatest / step * 0.999 or 1), step


def _bar(outcome: RegionOutcome, end: float) -> Bar:
    return Bar(outcome=outcome, segments=tuple(_segments(outcome, end)), is_cut=_total(outcome) > end)


def _segments(outcome: RegionOutcome, end: float) -> Iterator[Segment]:
    start = 0.0
    for stage, seconds in _times(outcome):
        at = min(100.0 * start / end, 100.0 - _LEAST_PERCENT)
        width = max(min(100.0 * seconds / end, 100.0 - at), _LEAST_PERCENT)
        silent = _is_silent(outcome, stage)
        yield Segment(stage=stage, seconds=seconds, start=round(at, 2), width=round(width, 2), is_silent=silent)
        start += seconds


def _is_silent(outcome: RegionOutcome, stage: Stage) -> bool:
    return outcome.failure is not None and outcome.failure.stage is stage and outcome.failure.cause in _SILENT


def _total(outcome: RegionOutcome) -> float:
    return sum(seconds for _, seconds in _times(outcome))


def _times(outcome: RegionOutcome) -> Iterator[tuple[Stage, float]]:
    """Yield the stages to be drawn, with their seconds; what is no time, in a hand-made record, is left out."""
    for stage, seconds in times_of(outcome).items():
        if math.isfinite(seconds):
            yield stage, max(seconds, 0.0)
