"""What became of the whole test, and the rule that turns outcomes into one word."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import datetime

import attrs

from wsconn._outcome import RegionOutcome, Status
from wsconn._record import Record


class Verdict(enum.StrEnum):
    """The four words of daily-js' `testWebsocketConnectivity()`."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    ABORTED = "aborted"


def verdict(statuses: Iterable[Status]) -> Verdict:
    """Tell the verdict of a finished test: aborted beats all, no pass is a failure, some passes are a warning."""
    seen = set(statuses)
    if Status.ABORTED in seen:
        return Verdict.ABORTED
    if Status.PASSED not in seen:
        return Verdict.FAILED
    return Verdict.WARNING if Status.FAILED in seen else Verdict.PASSED


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ConnectivityResult(Record):
    """What became of the whole test. `outcomes` are in the order in which the regions were given.

    `started_at` is an aware UTC datetime, `duration` is in seconds on a monotonic clock.
    """

    outcomes: tuple[RegionOutcome, ...]
    started_at: datetime
    duration: float

    @property
    def result(self) -> Verdict:
        """`passed`, `warning`, `failed` or `aborted`."""
        return verdict(outcome.status for outcome in self.outcomes)

    @property
    def passed_regions(self) -> tuple[str, ...]:
        """The names of the regions that passed, in input order."""
        return self._names(Status.PASSED)

    @property
    def failed_regions(self) -> tuple[str, ...]:
        """The names of the regions that failed, in input order."""
        return self._names(Status.FAILED)

    @property
    def aborted_regions(self) -> tuple[str, ...]:
        """The names of the regions that had not settled when the test was aborted, in input order."""
        return self._names(Status.ABORTED)

    def outcome(self, name: str) -> RegionOutcome:
        """Return the outcome of the region called `name`; `KeyError` if there was none."""
        for outcome in self.outcomes:
            if outcome.region == name:
                return outcome
        raise KeyError(name)

    def fastest(self) -> RegionOutcome | None:
        """Return the passed region with the least round trip, or `None`.

        Where no region has a round trip (`verify_frames=False`), the least `timings.upgrade` decides.
        """
        passed = [outcome for outcome in self.outcomes if outcome.status is Status.PASSED]
        timed = [(o.round_trip, o) for o in passed if o.round_trip is not None] or [
            (o.timings.upgrade, o) for o in passed if o.timings.upgrade is not None
        ]
        return min(timed, key=lambda pair: pair[0])[1] if timed else None

    def to_dict(self) -> dict[str, str | list[str]]:
        """Return exactly daily-js' object: `result`, `passedRegions`, `failedRegions`, `abortedRegions`."""
        return {
            "result": str(self.result),
            "passedRegions": list(self.passed_regions),
            "failedRegions": list(self.failed_regions),
            "abortedRegions": list(self.aborted_regions),
        }

    def _names(self, status: Status) -> tuple[str, ...]:
        return tuple(outcome.region for outcome in self.outcomes if outcome.status is status)
