"""What the exporter remembers of its rounds: the last result whole, and of those before as much as the page shows."""

from __future__ import annotations

from datetime import datetime

import attrs

from wsconn._outcome import RegionOutcome, Status
from wsconn._result import ConnectivityResult
from wsconn.fleet._exporter.totals import Totals

ROUNDS = 60  # that the page shows of each region


@attrs.frozen
class Mark:
    """What became of a region in one round: `stage/cause`, where it failed."""

    at: datetime
    status: Status
    round_trip: float | None
    failure: str | None


class Memory:
    """Written by the schedule, read by whoever asks: each field is replaced whole."""

    def __init__(self) -> None:
        self.totals = Totals()
        self.last: ConnectivityResult | None = None
        self.marks: dict[str, tuple[Mark, ...]] = {}

    def add(self, result: ConnectivityResult) -> None:
        """Take the result of a round. Regions that are not in it any more are forgotten."""
        marks = {o.region: (*self.marks.get(o.region, ()), _mark(o, result))[-ROUNDS:] for o in result.outcomes}
        self.totals.add(result)
        self.totals.keep(marks.keys())
        self.marks = marks
        self.last = result


def _mark(outcome: RegionOutcome, result: ConnectivityResult) -> Mark:
    failure = outcome.failure
    told = f"{failure.stage}/{failure.cause}" if failure else None
    return Mark(result.started_at, outcome.status, outcome.round_trip, told)
