"""Rules about single machines: one that fails where others pass, and what is left after all rules."""

from __future__ import annotations

from collections.abc import Iterator

from wsconn._text import value
from wsconn.fleet._merged.facts import Fleet, beginning, common
from wsconn.fleet._merged.findings import FindingKind, FleetFinding, Suspect
from wsconn.fleet._merged.records import moment
from wsconn.fleet._merged.rules.rule import Left, Rule
from wsconn.fleet._merged.rules.words import FEW_NAMES, at, listed, machines, manner, names_of, regions_of

_MOST_ALONE = 5  # machines that are told one by one
_FEWEST_REGIONS = 2
_FEWEST_ROUNDS = 3  # of failures, where a machine tests one region alone
_FEWEST_OTHERS = 2


def _alone(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    found = {number: regions for number in sorted(left.hosts) if (regions := _only_here(fleet, left, number))}
    if len(found) > _MOST_ALONE:
        yield _together(fleet, found)
    else:
        for number, regions in found.items():
            yield _told(fleet, number, regions)
    for number, regions in found.items():
        left.take([number], regions)


def _only_here(fleet: Fleet, left: Left, number: int) -> list[int]:
    """Return the regions that a machine fails in and others pass, where these are so many that it is no chance."""
    known = sum(cell is not None for cell in fleet.cells[number])
    failed = [region for region in left.of(number) if _passes_elsewhere(fleet, region, number)]
    if len(failed) < max(known / 2, min(known, _FEWEST_REGIONS)):
        return []
    if len(failed) >= _FEWEST_REGIONS:
        return failed
    return [region for region in failed if _lasts(fleet, number, region)]


def _lasts(fleet: Fleet, number: int, region: int) -> bool:
    cell = fleet.cells[number][region]
    return bool(cell and cell.failed >= _FEWEST_ROUNDS and not cell.passed)


def _passes_elsewhere(fleet: Fleet, region: int, number: int) -> bool:
    """Whether most other machines pass a region: those of the same site, where it has some."""
    passing, known = len(fleet.known[region]) - len(fleet.failing[region]), len(fleet.known[region])
    if site := fleet.hosts[number].site:
        at_site, known_there = fleet.passing[site, region]
        if known_there > _FEWEST_OTHERS:
            passing, known = at_site, known_there
    return passing >= _FEWEST_OTHERS and passing > (known - 1) / 2


def _told(fleet: Fleet, number: int, regions: list[int]) -> FleetFinding:
    cells = [cell for region in regions for cell in fleet.some([number], region)]
    facts = common(cell.ending for cell in cells)
    together, since = beginning(cells)
    when = f", since {at(since).replace('their clocks', 'its clock')}" if together and since is not None else ""
    host = fleet.hosts[number]
    where = f" of site {value(host.site)}" if host.site and fleet.names[number] == host.name else ""
    return FleetFinding(
        kind=FindingKind.HOST_ALONE,
        suspect=Suspect.MACHINE,
        hosts=(fleet.names[number],),
        of_hosts=len(fleet.hosts),
        sites=fleet.sites_of([number]),
        regions=tuple(fleet.report.regions[region] for region in regions),
        since=moment(since) if when and since is not None else None,
        by_clocks=bool(when),
        marked=f"{value(fleet.names[number])}{where} alone fails in {regions_of(fleet, regions)}"
        f"{manner(facts, count=len(cells))}{when}:"
        " that machine, or its own connection.",
        **facts,  # type: ignore[arg-type]  # fields of a finding by their names
    )


def _together(fleet: Fleet, found: dict[int, list[int]]) -> FleetFinding:
    cells = [cell for number, regions in found.items() for region in regions for cell in fleet.some([number], region)]
    facts = common(cell.ending for cell in cells)
    names = names_of(fleet, found)
    regions = sorted({region for one in found.values() for region in one})
    return FleetFinding(
        kind=FindingKind.HOST_ALONE,
        suspect=Suspect.MACHINE,
        hosts=names,
        of_hosts=len(fleet.hosts),
        sites=fleet.sites_of(found),
        regions=tuple(fleet.report.regions[region] for region in regions),
        marked=f"{len(names)} machines fail in most regions, each alone where it stands{manner(facts)}:"
        f" {listed(names)}.",
        **facts,  # type: ignore[arg-type]  # fields of a finding by their names
    )


def _scattered(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    hosts = left.hosts
    if not hosts:
        return
    regions = [region for region, failing in left.failing.items() if failing]
    names = names_of(fleet, hosts)
    cells = [cell for region in regions for cell in fleet.some(left.failing[region], region)]
    facts = common(cell.ending for cell in cells)
    fail = "fails" if len(hosts) == 1 else "fail"
    more = "" if len(fleet.hosts) > _FEWEST_OTHERS else "; there are too few machines to compare"
    shown = f" ({listed(names)})" if len(names) <= FEW_NAMES or len(names) < len(fleet.hosts) else ""
    who = machines(len(hosts), len(fleet.hosts))
    yield FleetFinding(
        kind=FindingKind.SCATTERED,
        hosts=names,
        of_hosts=len(fleet.hosts),
        sites=fleet.sites_of(hosts),
        regions=tuple(fleet.report.regions[region] for region in regions),
        marked=f"{who[0].upper()}{who[1:]}{shown} {fail if len(fleet.hosts) > 1 else 'fails'} in"
        f" {_spread(fleet, left, regions)}{manner(facts, count=len(cells))}, and nothing known"
        f" about {'it' if len(hosts) == 1 else 'them'} explains why{more}.",
        **facts,  # type: ignore[arg-type]  # fields of a finding by their names
    )


def _spread(fleet: Fleet, left: Left, regions: list[int]) -> str:
    """Say in which regions they fail, and in how many each."""
    most = max(len(left.of(number)) for number in left.hosts)
    if len(regions) == 1 or len(left.hosts) == 1:
        return regions_of(fleet, regions)
    return f"{'one region' if most == 1 else f'up to {most} regions'} each, of {regions_of(fleet, regions)}"


ALONE = Rule(
    kinds=(FindingKind.HOST_ALONE,),
    meaning="A machine fails in half of its regions, two at least, which most others pass: those of its site, if there"
    " are two. A machine with one region has to fail three times and never pass.",
    find=_alone,
)
SCATTERED = Rule(
    kinds=(FindingKind.SCATTERED,),
    meaning="Failures that no other rule explains.",
    find=_scattered,
)
