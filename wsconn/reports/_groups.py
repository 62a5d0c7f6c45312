"""Failed regions gathered by what they share, the largest group first."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from wsconn._outcome import Cause, Failure, RegionOutcome, Stage


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
    def advice(self) -> dict[str, tuple[str, ...]]:
        """What to do, and for which regions: where a server is named in it, it differs from one to the other."""
        found: dict[str, tuple[str, ...]] = {}
        for name, failure in self.failures:
            found[failure.advice] = (*found.get(failure.advice, ()), name)
        return found


def grouped(outcomes: Iterable[RegionOutcome]) -> tuple[Group, ...]:
    """Gather the failed ones by stage and cause; of two groups of one size the one that comes first stays first."""
    found: dict[tuple[Stage, Cause], list[RegionOutcome]] = {}
    for outcome in outcomes:
        if failure := outcome.failure:
            found.setdefault((failure.stage, failure.cause), []).append(outcome)
    groups = [Group(stage, cause, tuple(regions)) for (stage, cause), regions in found.items()]
    return tuple(sorted(groups, key=lambda group: -len(group.regions)))
