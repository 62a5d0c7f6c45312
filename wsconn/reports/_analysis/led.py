"""Regions that name where to connect to in their URL's place (`connect_to`), or from where (`source`)."""

from __future__ import annotations

from collections.abc import Iterator

from wsconn._outcome import Evidence, RegionOutcome
from wsconn._places import split_place
from wsconn._text import host_port, value
from wsconn.reports._analysis.destinations import Destination, destination_of
from wsconn.reports._analysis.facts import Facts

_OF_DISCOVERY = ("https", "http")  # an endpoint is asked at its own address


def evidence_of(outcome: RegionOutcome) -> Evidence | None:
    """Return the evidence of a region, however it ended."""
    return outcome.failure.evidence if outcome.failure else outcome.evidence


def connect_to_of(outcome: RegionOutcome) -> str | None:
    """Return the place that a region names in its URL's place."""
    seen = evidence_of(outcome)
    return seen.connect_to if seen else None


def destination_in(outcome: RegionOutcome, url: str | None) -> Destination | None:
    """Return where the connections for one of a region's URLs lead."""
    own, place = destination_of(url), connect_to_of(outcome)
    if own is None or place is None or own.scheme in _OF_DISCOVERY:
        return own
    host, port = split_place(place)
    return Destination(host, port, own.scheme)


def destinations_of(outcome: RegionOutcome) -> tuple[Destination, ...]:
    """Return everywhere that a region's way leads, in the order of going there: discovery, alternates, the server."""
    urls = [*(attempt.url for attempt in outcome.attempts), outcome.url]
    found = [destination for url in urls if (destination := destination_in(outcome, url))]
    return tuple(dict.fromkeys(found))


def way_of(outcome: RegionOutcome) -> str | None:
    """Say where a region was connected to and from, where it names that."""
    seen = evidence_of(outcome)
    if seen is None or not (seen.connect_to or seen.source):
        return None
    own = host_port(seen.host or "", seen.port or 0)
    told = [
        *([f"to {seen.connect_to} in place of {own}"] if seen.connect_to else []),
        *([f"from {seen.source}"] if seen.source else []),
    ]
    return f"connected {', '.join(told)}" if outcome.address else f"to be connected {', '.join(told)}"


def passes_otherwise(facts: Facts) -> Iterator[str]:
    """Say of a URL that it passes at one place, or from one address, and fails at another."""
    told: dict[str, None] = {}
    for region in facts.failed:
        other = next((passed for passed in facts.passed if passed.url == region.url), None)
        if other and (said := _difference(other, region)):
            told[said] = None
    yield from told


def _difference(passed: RegionOutcome, failed: RegionOutcome) -> str | None:
    good, bad = evidence_of(passed) or Evidence(), evidence_of(failed) or Evidence()
    place = destination_of(failed.url)
    if place is None or bad.no_such_source or (good.connect_to, good.source) == (bad.connect_to, bad.source):
        return None
    differs = good.connect_to != bad.connect_to, good.source != bad.source
    return f"{value(place)} passes {_led(good, *differs)}, and not {_led(bad, *differs)}"


def _led(seen: Evidence, by_place: bool, by_source: bool) -> str:
    at = f"at {value(seen.connect_to) if seen.connect_to else 'its own address'}"
    source = f"from {value(seen.source) if seen.source else 'the address that the system takes'}"
    return " ".join([*([at] if by_place else []), *([source] if by_source else [])])
