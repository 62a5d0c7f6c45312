"""Rules about regions that fail for nearly all machines, or for many at several sites."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from wsconn._text import value
from wsconn.fleet._merged.facts import CLOCKS_SECONDS, FEW, MOST, Fleet, beginning, common
from wsconn.fleet._merged.findings import FindingKind, FleetFinding, Suspect
from wsconn.fleet._merged.records import moment
from wsconn.fleet._merged.rules.rule import Left, Rule
from wsconn.fleet._merged.rules.words import at, machines, manner, names_of, regions_of
from wsconn.reports._quantities import counted

_FEWEST = 3  # machines that make "everywhere"


@attrs.frozen
class _Outage:
    """Regions that fail everywhere in the same way since the same time."""

    kind: FindingKind
    since: float | None
    manner: tuple[object, object]
    regions: list[int]


def _everywhere(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    outages: list[_Outage] = []
    for region in left.failing:
        failing, known = _telling(fleet, left, region)
        if len(failing) >= max(_FEWEST, MOST * len(known)):
            _put(outages, fleet, region, failing)
    for outage in sorted(outages, key=lambda one: -len(one.regions)):
        yield _told(fleet, left, outage)
        for region in outage.regions:
            left.take(set(left.failing[region]), [region])


def _telling(fleet: Fleet, left: Left, region: int) -> tuple[set[int], set[int]]:
    """Return on which machines a region fails and is known: of those that pass elsewhere, if there are enough."""
    failing, known = left.failing[region], left.known[region]
    if len(known & fleet.telling) < _FEWEST:
        return failing, known
    return failing & fleet.telling, known & fleet.telling


def _put(outages: list[_Outage], fleet: Fleet, region: int, failing: set[int]) -> None:
    """Put a region to those that fail like it, if there are any."""
    together, since = beginning(fleet.some(fleet.timed(failing), region))
    kind = FindingKind.REGION_EVERYWHERE
    if together:
        kind = FindingKind.REGION_ALWAYS if since is None else FindingKind.REGION_SINCE
    facts = common(cell.ending for cell in fleet.some(failing, region))
    how = (facts.get("stage"), facts.get("cause"))
    for other in outages:
        if (other.kind, other.manner) == (kind, how) and abs((other.since or 0) - (since or 0)) <= CLOCKS_SECONDS:
            other.regions.append(region)
            return
    outages.append(_Outage(kind, since, how, [region]))


def _told(fleet: Fleet, left: Left, outage: _Outage) -> FleetFinding:
    regions = outage.regions
    told_by = {region: _telling(fleet, left, region) for region in regions}
    hosts = set().union(*(failing for failing, _ in told_by.values()))
    known = set().union(*(known for _, known in told_by.values()))
    facts = common(cell.ending for region, (failing, _) in told_by.items() for cell in fleet.some(failing, region))
    sites = fleet.sites_of(hosts)
    suspect = None if len(sites) == 1 or outage.kind is FindingKind.REGION_EVERYWHERE else Suspect.SERVICE
    fail = "fails" if len(regions) == 1 else "fail"
    where = f" at {counted(len(sites), 'site')}" if len(sites) > 1 else ""
    names = regions_of(fleet, regions)
    return FleetFinding(
        kind=outage.kind,
        suspect=suspect,
        hosts=names_of(fleet, hosts),
        of_hosts=len(known),
        sites=sites,
        regions=tuple(fleet.report.regions[region] for region in regions),
        since=None if outage.since is None else moment(outage.since),
        by_clocks=outage.kind is not FindingKind.REGION_ALWAYS,
        marked=f"{'All' + names[3:] if names.startswith('all ') else names} {fail} everywhere{_when(outage)}"
        f" ({machines(len(hosts), len(known))}{where}){manner(facts)}: {_suspected(fleet, outage, sites)}.",
        **facts,  # type: ignore[arg-type]  # fields of a finding by their names
    )


def _when(outage: _Outage) -> str:
    if outage.since is not None:
        return f" since {at(outage.since)}"
    always = ", in every report that was read"
    return always if outage.kind is FindingKind.REGION_ALWAYS else ", on each machine since another time"


def _suspected(fleet: Fleet, outage: _Outage, sites: tuple[str, ...]) -> str:
    if outage.kind is FindingKind.REGION_EVERYWHERE:
        return "no one event explains that; look at one machine's own report"
    if len(sites) == 1:
        return f"the service, or the network of site {value(sites[0])}, where all these machines are"
    if len(outage.regions) == len(fleet.report.regions) > 1:
        return "the service, or what all these machines share (a proxy, a provider, their file of regions)"
    if outage.kind is FindingKind.REGION_ALWAYS:
        return "the service, or the URL that all these machines were given"
    return "the service"


def _partly(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    for region, failing in left.failing.items():
        known, sites = left.known[region], fleet.sites_of(failing)
        if len(failing) < max(_FEWEST, FEW * len(known)) or (fleet.sites and len(sites) < 2):
            continue
        facts = common(cell.ending for cell in fleet.some(failing, region))
        together, since = beginning(fleet.some(fleet.timed(failing), region))
        when = f" since {at(since)}" if together and since is not None else ""
        where = f" at {len(sites)} of {counted(len(fleet.sites), 'site')}" if sites else ""
        yield FleetFinding(
            kind=FindingKind.REGION_PARTLY,
            suspect=Suspect.SERVICE,
            hosts=names_of(fleet, failing),
            of_hosts=len(known),
            sites=sites,
            regions=(fleet.report.regions[region],),
            since=moment(since) if when and since is not None else None,
            by_clocks=bool(when),
            marked=f"{value(fleet.report.regions[region])} fails on {machines(len(failing), len(known))}{where}{when}"
            f"{manner(facts)}, and passes on the others: most likely the service, of which one server of several may be"
            " down.",
            **facts,  # type: ignore[arg-type]  # fields of a finding by their names
        )
        left.take(set(failing), [region])


EVERYWHERE = Rule(
    kinds=(FindingKind.REGION_SINCE, FindingKind.REGION_ALWAYS, FindingKind.REGION_EVERYWHERE),
    meaning="A region fails on nine in ten machines, three at least, of those that pass in another region. If the"
    " change lies between the same two moments on all of them, it is one event.",
    find=_everywhere,
)
PARTLY = Rule(
    kinds=(FindingKind.REGION_PARTLY,),
    meaning="A region fails on one in ten machines or more, three at least, at two sites or more, and nothing else that"
    " they have in common explains it.",
    find=_partly,
)
