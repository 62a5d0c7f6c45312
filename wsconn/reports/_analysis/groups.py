"""Failed regions gathered by what they share, the largest group first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import attrs

from wsconn._diagnosis.advice import advice_for_any_server
from wsconn._diagnosis.causes import message_on
from wsconn._outcome import Cause, Failure, RegionOutcome, Stage
from wsconn._text import plain, value
from wsconn.reports._analysis.weighed import better_advice


class Advice(NamedTuple):
    """What to do for some regions, `failure` being the first one's. If not `is_for_all`, it names that one's server.

    `better` takes the place of the failure's own advice: all regions together told more. Its values are marked. Where
    it was told before, `told_for` is the region that it was told for.
    """

    failure: Failure
    regions: tuple[str, ...]
    is_for_all: bool = True
    better: str | None = None
    told_for: str | None = None

    @property
    def marked(self) -> str | None:
        """What to do, with its values marked, where it is not the failure's own advice."""
        return f"As for {value(self.told_for)}." if self.told_for is not None else self.better

    @property
    def text(self) -> str:
        """What to do."""
        return self.failure.advice if self.marked is None else plain(self.marked)


class Group(NamedTuple):
    """Regions that failed at one stage for one cause, in input order, and what to do about them.

    What differs only in the server that it names is told once.
    """

    stage: Stage
    cause: Cause
    regions: tuple[RegionOutcome, ...]
    advice: tuple[Advice, ...]

    @property
    def failures(self) -> tuple[tuple[str, Failure], ...]:
        """The names of the regions, and why each failed."""
        return tuple((region.region, region.failure) for region in self.regions if region.failure)


def _advice(regions: Iterable[RegionOutcome], better: Mapping[str, str]) -> tuple[Advice, ...]:
    found: dict[str, Advice] = {}
    for region in regions:
        if region.failure:
            own = Advice(region.failure, (), better=better.get(region.region))
            first = found.setdefault(own.better or _key(region.failure), own)
            alike = first.is_for_all and first.text == own.text
            names = (*first.regions, region.region)
            found[own.better or _key(region.failure)] = first._replace(regions=names, is_for_all=alike)
    return tuple(found.values())


def kind_of_message(failure: Failure) -> str:
    """Return what is equal where the same was seen, be it of another server and after another time."""
    seen = failure.evidence
    if seen is None or message_on(failure.cause, seen) != failure.message:
        return failure.message
    alike = attrs.evolve(seen, **_OF_ONE_REGION, connect_to=seen.connect_to and "…:0")
    return message_on(failure.cause, alike)


_OF_ONE_REGION: Mapping[str, Any] = {
    "host": "…",
    "port": 0,
    "address": None,
    "other_addresses_failed": None,
    "elapsed": None,
    "clock": None,
}


def _key(failure: Failure) -> str:
    """Return what is equal where the same is to be done, be it about another server."""
    return advice_for_any_server(failure.cause, failure.evidence) if failure.evidence else failure.advice


def grouped(outcomes: Iterable[RegionOutcome]) -> tuple[Group, ...]:
    """Gather the failed ones by stage and cause; of two groups of one size the one that comes first stays first."""
    outcomes = tuple(outcomes)
    found: dict[tuple[Stage, Cause], list[RegionOutcome]] = {}
    for outcome in outcomes:
        if failure := outcome.failure:
            found.setdefault((failure.stage, failure.cause), []).append(outcome)
    better = {name: one.advice for name, one in better_advice(outcomes).items()}
    groups = [
        Group(stage, cause, tuple(regions), _advice(regions, better)) for (stage, cause), regions in found.items()
    ]
    return tuple(_told_once(sorted(groups, key=lambda group: -len(group.regions))))


def _told_once(groups: Iterable[Group]) -> Iterator[Group]:
    """Where better advice was told of a group before, refer to that."""
    told: dict[str, str] = {}
    for group in groups:
        advice = tuple(one._replace(told_for=told.get(one.better or "")) for one in group.advice)
        told = {one.better: one.regions[0] for one in group.advice if one.better} | told
        yield group._replace(advice=advice)


def has_majority(groups: tuple[Group, ...]) -> bool:
    """Whether more than half of what failed, and more than one region, is in the first group."""
    first = len(groups[0].regions) if groups else 0
    return first > 1 and 2 * first > sum(len(group.regions) for group in groups)


def advice_for_most(groups: tuple[Group, ...]) -> Advice | None:
    """Return what to do about all that failed, or at least the most of it; `None` where there is no one thing to do."""
    if better := _better_for_most(groups):
        return better
    if len(groups) == 1 or has_majority(groups):
        first, *others = groups[0].advice
        return None if others else first
    return None


def _better_for_most(groups: tuple[Group, ...]) -> Advice | None:
    """Return the advice that all regions together gave for more than half of what failed, in several groups."""
    every = [one for group in groups for one in group.advice]
    failed = sum(len(one.regions) for one in every)
    for first in every:
        regions = [region for one in every if one.better == first.better for region in one.regions]
        if first.better and 2 * len(regions) > failed > 1:
            return first._replace(regions=tuple(regions))
    return None
