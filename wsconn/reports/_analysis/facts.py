"""The outcomes of a test sorted by what they tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import attrs

from wsconn._outcome import Cause, RegionOutcome, Stage, Status, Timings
from wsconn._result import ConnectivityResult
from wsconn.reports._analysis.destinations import destination_of

Regions = tuple[RegionOutcome, ...]
T = TypeVar("T")

_UNTESTED = (Cause.LOCAL_LIMIT, Cause.INTERNAL_ERROR)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Sorted:
    """Outcomes in input order. The `untested` ones failed for a reason that says nothing about the way to them."""

    passed: Regions
    failed: Regions
    untested: Regions
    aborted: Regions

    @property
    def tested(self) -> int:
        """How many regions something is known of."""
        return len(self.passed) + len(self.failed)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Facts(Sorted):
    """The outcomes of a result, sorted."""

    result: ConnectivityResult


def facts_of(result: ConnectivityResult) -> Facts:
    """Sort the outcomes of a result."""
    known = sort(result.outcomes)
    return Facts(
        result=result, passed=known.passed, failed=known.failed, untested=known.untested, aborted=known.aborted
    )


def sort(outcomes: Regions) -> Sorted:
    """Sort outcomes by what they tell."""
    failed = _with(Status.FAILED, outcomes)
    return Sorted(
        passed=_with(Status.PASSED, outcomes),
        failed=tuple(outcome for outcome in failed if not _is_untested(outcome)),
        untested=tuple(outcome for outcome in failed if _is_untested(outcome)),
        aborted=_with(Status.ABORTED, outcomes),
    )


def is_not_begun(outcome: RegionOutcome) -> bool:
    """Whether the whole test's time (`total_timeout`) was over before this one's turn came: no stage took any."""
    failure = outcome.failure
    if failure and failure.evidence:
        return failure.evidence.never_began
    if failure is None or (failure.stage, failure.cause) != (Stage.RESOLVE, Cause.TIMEOUT):
        return False
    return outcome.timings == Timings() and len(outcome.attempts) <= 1


def _is_untested(outcome: RegionOutcome) -> bool:
    return is_not_begun(outcome) or (outcome.failure is not None and outcome.failure.cause in _UNTESTED)


def _with(status: Status, outcomes: Regions) -> Regions:
    return tuple(outcome for outcome in outcomes if outcome.status is status)


def shared(values: Iterable[T]) -> T | None:
    """Return the value that all have, or `None` where they differ."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def are_on_several_hosts(regions: Regions) -> bool:
    """Whether these are on different hosts, so that no single server can be at fault."""
    return len({destination.host for region in regions if (destination := destination_of(region.url))}) > 1
