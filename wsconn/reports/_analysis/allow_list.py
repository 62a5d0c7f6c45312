"""The hosts and ports that a network's administrator has to let through, what fails first.

Directly that is outgoing TCP; behind a proxy it is the proxy that connects (CONNECT), and its administrator who allows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wsconn._outcome import Attempt, Cause, Failure, RegionOutcome, Stage, Status
from wsconn._result import ConnectivityResult
from wsconn._text import is_loopback, value
from wsconn.reports._analysis.destinations import Destination
from wsconn.reports._analysis.facts import Regions, facts_of
from wsconn.reports._analysis.led import destination_in, destinations_of
from wsconn.reports._analysis.phrases import AT

_ORDER = (Status.FAILED, Status.ABORTED, Status.PASSED)
_DISCOVERY = ("https", "http")
_DISCOVERY_SAID = "https leads to the service that names a region's server (discovery)."


class Seen(NamedTuple):
    """What one region saw of a host: a failure has its stage and cause."""

    region: str
    status: Status
    stage: Stage | None = None
    cause: Cause | None = None

    @property
    def told(self) -> str:
        """The failure in words."""
        return f"{self.cause} {AT[self.stage]}" if self.stage else ""


class Place(NamedTuple):
    """A host and port, and what each region saw there."""

    destination: Destination
    seen: tuple[Seen, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that it is needed for."""
        return tuple(seen.region for seen in self.seen)

    @property
    def status(self) -> Status:
        """Failed where any region failed there; aborted where nothing is known."""
        return min((seen.status for seen in self.seen), key=_ORDER.index)

    @property
    def told(self) -> str:
        """What was seen, in words."""
        failures = [seen.told for seen in self.seen if seen.status is Status.FAILED]
        if not failures:
            return "works" if self.status is Status.PASSED else "not tested"
        some = f" ({len(failures)} of {len(self.seen)})" if len(failures) < len(self.seen) else ""
        return f"{', '.join(dict.fromkeys(failures))}{some}"


class AllowList(NamedTuple):
    """What to allow for the direct way (there are no `proxies`), or at the proxies."""

    proxies: tuple[str, ...]
    places: tuple[Place, ...]

    @property
    def fails(self) -> bool:
        """Whether anything on it does."""
        return any(place.status is Status.FAILED for place in self.places)

    @property
    def title(self) -> str:
        """What is to be allowed, as the end of a heading; a proxy in it is marked."""
        if not self.proxies:
            return "outgoing TCP"
        return f"CONNECT at the proxy {value(self.proxies[0])}" if len(self.proxies) == 1 else "CONNECT at the proxies"

    @property
    def note(self) -> str | None:
        """What has to be said of a row that is no region's server."""
        found = any(place.destination.scheme in _DISCOVERY for place in self.places)
        return _DISCOVERY_SAID if found else None


def allow_lists_of(result: ConnectivityResult) -> tuple[AllowList, ...]:
    """Return what to allow directly and at proxies, for discovery and alternates too; nobody has to allow loopback."""
    untested = facts_of(result).untested
    direct = [outcome for outcome in result.outcomes if not outcome.proxy]
    behind = [outcome for outcome in result.outcomes if outcome.proxy]
    lists = (_allow_list(direct, untested), _allow_list(behind, untested))
    return tuple(allowed for allowed in lists if allowed.places)


def _allow_list(outcomes: Iterable[RegionOutcome], untested: Regions) -> AllowList:
    proxies: dict[str, None] = {}
    found: dict[Destination, list[Seen]] = {}
    for outcome in outcomes:
        if outcome.proxy:
            proxies[outcome.proxy] = None
        for destination in destinations_of(outcome):
            if outcome.proxy or not is_loopback(destination.host):
                found.setdefault(destination, []).append(_seen(outcome, destination, untested))
    places = [Place(destination, tuple(seen)) for destination, seen in found.items()]
    return AllowList(tuple(proxies), tuple(sorted(places, key=lambda place: _ORDER.index(place.status))))


def _seen(outcome: RegionOutcome, destination: Destination, untested: Regions) -> Seen:
    attempts = [attempt for attempt in outcome.attempts if destination_in(outcome, attempt.url) == destination]
    is_last = destination_in(outcome, outcome.url) == destination
    if any(attempt.cause is None for attempt in attempts) or (is_last and outcome.status is Status.PASSED):
        return Seen(outcome.region, Status.PASSED)
    failure = outcome.failure if is_last and outcome.failure else _last_failure(attempts)
    if failure is None or failure.cause is None or outcome in untested:
        return Seen(outcome.region, Status.ABORTED)
    return Seen(outcome.region, Status.FAILED, failure.stage, failure.cause)


def _last_failure(attempts: Iterable[Attempt]) -> Attempt | Failure | None:
    return next((attempt for attempt in [*attempts][::-1] if attempt.cause is not Cause.OUTRUN), None)
