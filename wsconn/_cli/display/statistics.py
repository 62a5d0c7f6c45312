"""What is known of a region after several rounds: records and rules, without a clock.

Mean and deviation are kept by Welford's method (Knuth, The Art of Computer Programming, volume 2, 4.2.2): they need no
list of all that was measured, so a watch may run for months.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import attrs

from wsconn import Cause, RegionOutcome, Status, Verdict

MOST_RECENT = 60  # round trips that are kept for the sparkline


@attrs.frozen(kw_only=True)
class Statistics:
    """One region over the rounds in which it settled. Times are in seconds, `None` before there is one.

    `measured` counts the round trips: a region may pass without one. `recent` has one for each of the last rounds,
    `None` for a round without.
    """

    region: str
    rounds: int = 0
    lost: int = 0
    measured: int = 0
    last: float | None = None
    least: float | None = None
    mean: float | None = None
    most: float | None = None
    squares: float = attrs.field(default=0.0, repr=False)  # the sum of the squared distances from the mean
    recent: tuple[float | None, ...] = ()
    cause: Cause | None = None  # of the last failure, however long ago

    @property
    def loss(self) -> float | None:
        """The share of rounds that failed, 0 to 1; it takes a round."""
        return self.lost / self.rounds if self.rounds else None

    @property
    def deviation(self) -> float | None:
        """The standard deviation of the round trips as a sample of all, as in mtr; it takes two."""
        return math.sqrt(self.squares / (self.measured - 1)) if self.measured > 1 else None

    def after(self, outcome: RegionOutcome) -> Statistics:
        """Return what is known after one more round. An aborted one adds nothing."""
        if outcome.status is Status.ABORTED:
            return self
        seconds = measure(outcome)
        after = attrs.evolve(
            self,
            rounds=self.rounds + 1,
            lost=self.lost + (outcome.status is Status.FAILED),
            last=seconds,
            recent=(*self.recent, seconds)[-MOST_RECENT:],
            cause=outcome.failure.cause if outcome.failure else self.cause,
        )
        return after if seconds is None else _with(after, seconds)


def measure(outcome: RegionOutcome) -> float | None:
    """Return the round trip of a region that passed; without frames the time for the upgrade stands for it."""
    if outcome.status is not Status.PASSED:
        return None
    return outcome.timings.upgrade if outcome.round_trip is None else outcome.round_trip


def verdict(regions: Iterable[Statistics]) -> Verdict:
    """Sum all rounds up in one word: a region that was lost in one of them is a warning, only losses are a failure.

    As in a check, it was aborted where a region never settled, whatever the others did.
    """
    known = list(regions)
    if not all(region.rounds for region in known):
        return Verdict.ABORTED
    if not any(region.lost < region.rounds for region in known):
        return Verdict.FAILED
    return Verdict.WARNING if any(region.lost for region in known) else Verdict.PASSED


def _with(known: Statistics, seconds: float) -> Statistics:
    measured = known.measured + 1
    before = known.mean or 0.0
    mean = before + (seconds - before) / measured
    return attrs.evolve(
        known,
        measured=measured,
        least=seconds if known.least is None else min(known.least, seconds),
        mean=mean,
        most=seconds if known.most is None else max(known.most, seconds),
        squares=known.squares + (seconds - before) * (seconds - mean),
    )
