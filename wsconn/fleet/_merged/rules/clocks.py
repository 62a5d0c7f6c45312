"""Rules about clocks: they come first, for the other rules believe what a machine's clock says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wsconn._outcome import Cause
from wsconn._text import value
from wsconn.fleet._merged.facts import FEW, MOST, Fleet, common
from wsconn.fleet._merged.findings import FindingKind, FleetFinding, Suspect
from wsconn.fleet._merged.records import moment
from wsconn.fleet._merged.rules.rule import Left, Rule
from wsconn.fleet._merged.rules.words import listed, names_of, regions_of

_BY_A_CLOCK = (Cause.TLS_EXPIRED, Cause.TLS_NOT_YET_VALID)
_AHEAD_SECONDS = 3600.0
_FEWEST = 3  # machines that others can be compared with


def _wrong(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    found = {number: regions for number in left.hosts if (regions := _out_of_date(fleet, left, number))}
    if not found or len(found) > len(fleet.hosts) / 2:
        return
    fleet.wrong_clocks.update(found)
    for number, regions in sorted(found.items())[:_FEWEST] if len(found) <= _FEWEST else ():
        yield _finding(fleet, [number], regions)
        left.take([number], regions)
    if len(found) > _FEWEST:
        regions = sorted({region for one in found.values() for region in one})
        yield _finding(fleet, sorted(found), regions)
        for number, own in found.items():
            left.take([number], own)


def _out_of_date(fleet: Fleet, left: Left, number: int) -> list[int]:
    """Return the regions whose certificates one machine finds out of date, and most others valid."""
    cells = fleet.cells[number]
    failed = [region for region in left.of(number) if (cell := cells[region]) and cell.ending.cause in _BY_A_CLOCK]
    if any(cell and cell.ending.encrypted and cell.ending.cause is None for cell in cells):
        return []  # a certificate was valid by this clock
    return [region for region in failed if _is_valid_elsewhere(fleet, region)]


def _is_valid_elsewhere(fleet: Fleet, region: int) -> bool:
    others = [*fleet.some(fleet.known[region], region)]
    return sum(cell.ending.cause in _BY_A_CLOCK for cell in others) <= max(1, len(others) / 2) < len(others)


def _finding(fleet: Fleet, hosts: list[int], regions: list[int]) -> FleetFinding:
    facts = common(cell.ending for number in hosts for region in regions for cell in fleet.some([number], region))
    names = names_of(fleet, hosts)
    clock = ""
    if len(hosts) == 1 and fleet.hosts[hosts[0]].at:
        clock = f", which said {value(f'{moment(fleet.hosts[hosts[0]].at[-1]):%Y-%m-%d %H:%M} UTC')}"
    who = f"{value(names[0])} alone finds" if len(hosts) == 1 else f"{len(hosts)} machines ({listed(names)}) find"
    whose = "its clock" if len(hosts) == 1 else "their clocks"
    return FleetFinding(
        kind=FindingKind.CLOCK,
        suspect=Suspect.CLOCK,
        hosts=names,
        of_hosts=len(fleet.hosts),
        sites=fleet.sites_of(hosts),
        regions=tuple(fleet.report.regions[region] for region in regions),
        marked=f"{who} the certificates of {regions_of(fleet, regions)} out of date{_told(facts)},"
        f" which other machines find valid: {whose}{clock}.",
        **facts,  # type: ignore[arg-type]  # fields of a finding by their names
    )


def _told(facts: Mapping[str, object]) -> str:
    return f" ({facts['cause']})" if facts.get("cause") else ""


def _ahead(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    last = sorted(host.at[-1] for host in fleet.hosts if host.at)
    if len(last) < _FEWEST:
        return
    latest = last[min(int(len(last) * MOST), len(last) - 2)]
    ahead = [number for number, host in enumerate(fleet.hosts) if host.at and host.at[-1] > latest + _AHEAD_SECONDS]
    if not ahead or len(ahead) > max(1, FEW * len(last)):
        return
    fleet.wrong_clocks.update(ahead)
    names = names_of(fleet, ahead)
    date = f"{moment(max(fleet.hosts[number].at[-1] for number in ahead)):%Y-%m-%d %H:%M} UTC"
    whose = "its clock is" if len(ahead) == 1 else "their clocks are"
    yield FleetFinding(
        kind=FindingKind.CLOCK_AHEAD,
        suspect=Suspect.CLOCK,
        hosts=names,
        of_hosts=len(last),
        sites=fleet.sites_of(ahead),
        by_clocks=True,
        marked=f"Reports of {listed(names)} are dated up to {value(date)}, the others' only up to"
        f" {value(f'{moment(latest):%Y-%m-%d %H:%M} UTC')}: {whose} ahead, and not believed.",
    )


RULES = (
    Rule(
        kinds=(FindingKind.CLOCK,),
        meaning="A machine finds certificates expired or not yet valid that most others find valid, and has found none"
        " valid itself.",
        find=_wrong,
    ),
    Rule(
        kinds=(FindingKind.CLOCK_AHEAD,),
        meaning="The last report of a machine is dated more than an hour after those of nine in ten others.",
        find=_ahead,
    ),
)
