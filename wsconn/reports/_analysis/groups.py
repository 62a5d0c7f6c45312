"""Failed regions gathered by what they share, the largest group first."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from wsconn._diagnosis.advice import advice_for_any_server
from wsconn._outcome import Cause, Failure, RegionOutcome, Stage


@attrs.frozen
class Advice:
    """What to do for some regions, `failure` being the first one's. If not `is_for_all`, it names that one's server."""

    failure: Failure
    regions: tuple[str, ...]
    is_for_all: bool = True

    @property
    def text(self) -> str:
        """What to do."""
        return self.failure.advice


@attrs.frozen
class Group:
    """Regions that failed at one stage for one cause, in input order."""

    stage: Stage
    cause: Cause
    regions: tuple[RegionOutcome, ...]

    @property
    def failures(self) -> tuple[tuple[str, Failure], ...]:
        """The names of the regions, and why each failed."""
        return tuple((region.region, region.failure) for region in self.regions if region.failure)

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What to do; what differs only in the server that it names is told once."""
        found: dict[str, Advice] = {}
        for region in self.regions:
            if region.failure:
                key = _key(region.failure)
                first = found.setdefault(key, Advice(region.failure, ()))
                alike = first.is_for_all and first.text == region.failure.advice
                found[key] = attrs.evolve(first, regions=(*first.regions, region.region), is_for_all=alike)
        return tuple(found.values())


def _key(failure: Failure) -> str:
    """Return what is equal where the same is to be done, be it about another server."""
    return advice_for_any_server(failure.cause, failure.evidence) if failure.evidence else failure.advice


def grouped(outcomes: Iterable[RegionOutcome]) -> tuple[Group, ...]:
    """Gather the failed ones by stage and cause; of two groups of one size the one that comes first stays first."""
    found: dict[tuple[Stage, Cause], list[RegionOutcome]] = {}
    for outcome in outcomes:
        if failure := outcome.failure:
            found.setdefault((failure.stage, failure.cause), []).append(outcome)
    groups = [Group(stage, cause, tuple(regions)) for (stage, cause), regions in found.items()]
    return tuple(sorted(groups, key=lambda group: -len(group.regions)))


def has_majority(groups: tuple[Group, ...]) -> bool:
    """Whether more than half of what failed, and more than one region, is in the first group."""
    first = len(groups[0].regions) if groups else 0
    return first > 1 and 2 * first > sum(len(group.regions) for group in groups)


def advice_for_most(groups: tuple[Group, ...]) -> Advice | None:
    """Return what to do about all that failed, or at least the most of it; `None` where there is no one thing to do."""
    if len(groups) == 1 or has_majority(groups):
        first, *others = groups[0].advice
        return None if others else first
    return None
