"""Failed regions gathered by what they share, the largest group first."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from wsconn._outcome import Cause, RegionOutcome, Stage


@attrs.frozen
class Group:
    """Regions that failed at one stage for one cause, in input order."""

    stage: Stage
    cause: Cause
    regions: tuple[RegionOutcome, ...]


def grouped(outcomes: Iterable[RegionOutcome]) -> tuple[Group, ...]:
    """Gather the failed ones by stage and cause; of two groups of one size the one that comes first stays first."""
    found: dict[tuple[Stage, Cause], list[RegionOutcome]] = {}
    for outcome in outcomes:
        if failure := outcome.failure:
            found.setdefault((failure.stage, failure.cause), []).append(outcome)
    groups = [Group(stage, cause, tuple(regions)) for (stage, cause), regions in found.items()]
    return tuple(sorted(groups, key=lambda group: -len(group.regions)))
