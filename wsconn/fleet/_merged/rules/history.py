"""Rules that need several rounds: machines that no longer report, regions that are back, regions that fail at times."""

from __future__ import annotations

from collections.abc import Iterator

from wsconn._outcome import Status
from wsconn._text import value
from wsconn.fleet._merged.facts import MOST, Fleet, beginning, interval_of
from wsconn.fleet._merged.findings import FindingKind, FleetFinding, Suspect
from wsconn.fleet._merged.records import Cell, moment
from wsconn.fleet._merged.rules.rule import Left, Rule
from wsconn.fleet._merged.rules.words import at, listed, machines, names_of
from wsconn.reports._quantities import counted

_MISSED_ROUNDS = 3
_SHORTEST_SECONDS = 600.0  # of silence
_FEWEST = 3  # machines
_FEWEST_ROUNDS = 5  # on each, to tell that a region fails at times
_LOSS = 0.02


def _silent(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    silent = {number for number in fleet.timed(range(len(fleet.hosts))) if _is_silent(fleet, number)}
    for site in fleet.sites:
        members = fleet.by_site[site]
        if len(members) > 1 and members <= silent:
            yield _told(fleet, members, FindingKind.SILENT_SITE, site)
            silent -= members
    if silent:
        yield _told(fleet, silent, FindingKind.SILENT, None)


def _is_silent(fleet: Fleet, number: int) -> bool:
    host = fleet.hosts[number]
    interval = interval_of(host) or fleet.interval
    if interval is None or fleet.newest is None or len(fleet.hosts) < _FEWEST:
        return False
    return fleet.newest - host.at[-1] > max(_MISSED_ROUNDS * interval, _SHORTEST_SECONDS)


def _told(fleet: Fleet, silent: set[int], kind: FindingKind, site: str | None) -> FleetFinding:
    last = max(fleet.hosts[number].at[-1] for number in silent)
    names = names_of(fleet, silent)
    who = (
        f"No machine of site {value(site)} ({len(names)}) has reported"
        if site
        else f"{listed(names)} ({len(names)} of {counted(len(fleet.hosts), 'machine')})"
        f" {'has' if len(names) == 1 else 'have'} not reported"
    )
    means = "that site's network or power, or the way of its reports" if site else "switched off, cut off, or renamed"
    return FleetFinding(
        kind=kind,
        suspect=Suspect.NETWORK if site else Suspect.MACHINE,
        hosts=names,
        of_hosts=len(silent) if site else len(fleet.hosts),
        sites=fleet.sites_of(silent),
        group=("site", site) if site else None,
        since=moment(last),
        by_clocks=True,
        marked=f"{who} since {at(last)}: {means}.",
    )


def _recovered(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    for region, known in fleet.known.items():
        back = [number for number in known if _is_back(fleet.cells[number][region])]
        if len(back) < max(_FEWEST, MOST * len(known)):
            continue
        together, until = beginning(fleet.some(fleet.timed(back), region))
        if not together or until is None:
            continue
        name = fleet.report.regions[region]
        yield FleetFinding(
            kind=FindingKind.RECOVERED,
            suspect=Suspect.SERVICE,
            hosts=names_of(fleet, back),
            of_hosts=len(known),
            sites=fleet.sites_of(back),
            regions=(name,),
            until=moment(until),
            by_clocks=True,
            marked=f"{value(name)} failed everywhere ({machines(len(back), len(known))}), and passes again since"
            f" {at(until)}.",
        )


def _is_back(cell: Cell | None) -> bool:
    return cell is not None and cell.ending.status is Status.PASSED and cell.before is not None


def _at_times(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    told = {region for finding in _recovered(fleet, left) for region in finding.regions}
    for region, known in fleet.known.items():
        name = fleet.report.regions[region]
        cells = [cell for cell in fleet.some(known, region) if cell.passed + cell.failed >= _FEWEST_ROUNDS]
        flaky = [cell for cell in cells if cell.failed and cell.passed and cell.ending.status is Status.PASSED]
        if name in told or len(flaky) < max(_FEWEST, len(cells) / 2):
            continue
        failed = sum(cell.failed for cell in flaky)
        loss = failed / sum(cell.failed + cell.passed for cell in flaky)
        if loss >= _LOSS:
            hosts = [number for number in known if fleet.cells[number][region] in flaky]
            yield FleetFinding(
                kind=FindingKind.AT_TIMES,
                hosts=names_of(fleet, hosts),
                of_hosts=len(known),
                sites=fleet.sites_of(hosts),
                regions=(name,),
                marked=f"{value(name)} fails at times on {machines(len(flaky), len(known))}: {loss:.0%} of the rounds"
                " there failed, and the last one passed.",
            )


SILENT = Rule(
    kinds=(FindingKind.SILENT_SITE, FindingKind.SILENT),
    meaning="A machine that reported before has missed three rounds, and ten minutes at least.",
    find=_silent,
)
RECOVERED = Rule(
    kinds=(FindingKind.RECOVERED,),
    meaning="A region passes on nine in ten machines that failed there before, all since the same time.",
    find=_recovered,
)
AT_TIMES = Rule(
    kinds=(FindingKind.AT_TIMES,),
    meaning="On half of the machines, three at least, with five rounds or more, a region has failed in some rounds and"
    " passed in the last.",
    find=_at_times,
)
