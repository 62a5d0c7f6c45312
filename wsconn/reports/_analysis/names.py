"""What the regions together tell of name servers."""

from __future__ import annotations

from collections.abc import Iterator

from wsconn._addresses import is_public_name
from wsconn._outcome import Cause, RegionOutcome, Stage
from wsconn._text import duration, value
from wsconn.reports._analysis.facts import Facts
from wsconn.reports._analysis.led import destination_in, evidence_of


def silent_name_servers(facts: Facts) -> Iterator[str]:
    """Say that the first name server is silent: names are found all the same, seconds late."""
    late: dict[str, float] = {}
    for outcome in facts.result.outcomes:
        evidence = evidence_of(outcome)
        if evidence and evidence.silent_name_server:
            seconds = outcome.timings.resolve or outcome.timings.discovery or 0.0
            late[evidence.silent_name_server] = max(seconds, late.get(evidence.silent_name_server, 0.0))
    for server, seconds in late.items():
        yield (
            f"The first name server, {value(server)}, does not answer: a lookup takes {duration(seconds)}, until the"
            " next one has. Have it repaired, or removed from this machine's settings"
        )


def found_through_the_search_list(facts: Facts) -> Iterator[str]:
    """Say of a public name that it was found as another, be it that what answered there has passed."""
    seen = (evidence_of(outcome) for outcome in (*facts.passed, *facts.failed))
    found = [one for one in seen if one and one.search_domain and is_public_name(one.host or "")]
    for host, canonical in dict.fromkeys((one.host, one.canonical_name) for one in found):
        yield (
            f"The name {value(host)} was found as {value(canonical)}, through this machine's DNS search list: what"
            " answers there may be another server"
        )


def other_names_resolve(facts: Facts) -> Iterator[str]:
    """Say that this machine is online, where a region's own advice has that looked at."""
    is_online = any(_was_looked_up(region) for region in facts.passed)
    if is_online and any(_was_not_answered(region) for region in facts.failed):
        yield "This machine is online and other names resolve: the fault is with the names, or with their name servers"


def _was_looked_up(region: RegionOutcome) -> bool:
    destination = destination_in(region, region.url)
    return region.proxy is None and destination is not None and is_public_name(destination.host)


def _was_not_answered(region: RegionOutcome) -> bool:
    failure, seen = region.failure, evidence_of(region)
    if failure is None or ((seen and seen.stage) or failure.stage) is not Stage.RESOLVE:
        return False
    return failure.cause in (Cause.DNS_FAILED, Cause.TIMEOUT)
