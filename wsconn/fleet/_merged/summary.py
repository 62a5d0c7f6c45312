"""A fleet in figures, for every format: by site, by region, and by machines that are alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import attrs

from wsconn._outcome import Status
from wsconn._result import Verdict, verdict
from wsconn._text import duration
from wsconn.fleet._merged.facts import Fleet
from wsconn.fleet._merged.findings import FleetFinding
from wsconn.fleet._merged.records import Cell, FleetHost, FleetReport, moment
from wsconn.fleet._merged.rules import findings_of
from wsconn.reports._quantities import counted


@attrs.frozen(kw_only=True)
class SiteLine:
    """A site: its machines, those that fail in a region or more, and of each region how many fail and are known."""

    name: str | None
    hosts: tuple[int, ...]
    failing: int
    regions: tuple[tuple[int, int], ...]

    @property
    def title(self) -> str:
        """What it is called."""
        return self.name or "(no site)"


@attrs.frozen(kw_only=True)
class RegionLine:
    """A region: on how many machines it fails and is known, how many rounds failed, and its least round trip."""

    name: str
    failing: int
    known: int
    rounds: int
    failed_rounds: int
    round_trip: float | None
    nearest: str | None

    @property
    def loss(self) -> float:
        """The share of the rounds that failed."""
        return self.failed_rounds / self.rounds if self.rounds else 0.0

    @property
    def loss_told(self) -> str:
        """The same, in words."""
        return f"{self.loss:.1%}" if self.rounds else "not known"

    @property
    def round_trip_told(self) -> str:
        """The least round trip, in words."""
        return "none" if self.round_trip is None else duration(self.round_trip)

    @property
    def status(self) -> Verdict | None:
        """How it is: `None` where nothing is known."""
        if not self.known:
            return None
        return Verdict.PASSED if not self.failing else Verdict.FAILED if self.failing == self.known else Verdict.WARNING


class Summary:
    """What the formats write."""

    def __init__(self, report: FleetReport) -> None:
        self.report = report
        self.fleet = Fleet(report)

    @cached_property
    def findings(self) -> tuple[FleetFinding, ...]:
        """What the machines show together."""
        return findings_of(self.fleet)

    @cached_property
    def verdict(self) -> Verdict | None:
        """The word for all of them; `None` where nothing is known."""
        statuses = {cell.ending.status for cells in self.fleet.cells for cell in cells if cell}
        return verdict(statuses) if statuses else None

    @cached_property
    def failing(self) -> frozenset[int]:
        """The machines that fail in a region or more."""
        return frozenset(set().union(*self.fleet.failing.values()))

    @cached_property
    def sites(self) -> tuple[SiteLine, ...]:
        """The sites, those first of which the largest part fails."""
        lines = [self._site(name, sorted(hosts)) for name, hosts in self.fleet.by_site.items()]
        return tuple(sorted(lines, key=lambda line: (-self._weight(line), line.name is None, line.name or "")))

    @cached_property
    def regions(self) -> tuple[RegionLine, ...]:
        """The regions, in order."""
        return tuple(map(self._region, range(len(self.report.regions))))

    @property
    def when(self) -> str:
        """From when to when the reports are, in words."""
        times = [at for host in self.report.hosts for at in (host.at[:1] + host.at[-1:])]
        if not times:
            return "none"
        first, last = f"{moment(min(times)):%Y-%m-%d %H:%M}", f"{moment(max(times)):%Y-%m-%d %H:%M}"
        return f"{first} UTC" if first == last else f"{first} to {last} UTC"

    @property
    def counts(self) -> str:
        """How much there is of everything, in words."""
        report = self.report
        places = f" at {counted(len(self.fleet.sites), 'site')}" if self.fleet.sites else ""
        again = f", {report.duplicates} more were there already" if report.duplicates else ""
        more = f" ({report.more_regions} more that few machines name are left out)" if report.more_regions else ""
        return (
            f"{counted(len(report.hosts), 'machine')}{places}, {counted(len(report.regions))}{more},"
            f" {counted(report.reports, 'report')}{again}; {len(self.failing) or 'no'}"
            f" {'machine fails' if len(self.failing) == 1 else 'machines fail'} in a region or more"
        )

    @property
    def left_out(self) -> int:
        """How many reports could not be read."""
        return len(self.report.left_out) + self.report.more_left_out

    def cells(self) -> Iterator[tuple[FleetHost, str, Cell]]:
        """Yield what is known of each region on each machine."""
        for host, cells in zip(self.report.hosts, self.fleet.cells, strict=True):
            for region, cell in zip(self.report.regions, cells, strict=True):
                if cell:
                    yield host, region, cell

    def alike(self, hosts: Iterable[int]) -> list[tuple[tuple[str, ...], list[int]]]:
        """Return machines by what is seen of them, those that fail most first: of each region a letter."""
        found: dict[tuple[str, ...], list[int]] = {}
        for number in hosts:
            found.setdefault(tuple(map(letter, self.fleet.cells[number])), []).append(number)
        return sorted(found.items(), key=lambda item: -sum(sign.isupper() for sign in item[0]))

    def _site(self, name: str | None, hosts: list[int]) -> SiteLine:
        members = set(hosts)
        regions = tuple(
            (len(self.fleet.failing[region] & members), len(self.fleet.known[region] & members))
            for region in range(len(self.report.regions))
        )
        return SiteLine(name=name, hosts=tuple(hosts), failing=len(self.failing & members), regions=regions)

    @staticmethod
    def _weight(line: SiteLine) -> float:
        known = sum(of for _, of in line.regions)
        return sum(failing for failing, _ in line.regions) / known if known else 0.0

    def _region(self, region: int) -> RegionLine:
        rounds = failed = 0
        least: tuple[float, int] | None = None
        for number in self.fleet.known[region]:
            if (cell := self.fleet.cells[number][region]) is None:
                continue
            rounds, failed = rounds + cell.passed + cell.failed, failed + cell.failed
            if cell.round_trip is not None:
                least = min(least or (cell.round_trip, number), (cell.round_trip, number))
        return RegionLine(
            name=self.report.regions[region],
            failing=len(self.fleet.failing[region]),
            known=len(self.fleet.known[region]),
            rounds=rounds,
            failed_rounds=failed,
            round_trip=least and least[0],
            nearest=None if least is None else self.fleet.names[least[1]],
        )


PASSED, UNKNOWN = "·", "?"
STAGE_LETTERS = {
    "discovery": "D",
    "resolve": "R",
    "connect": "C",
    "proxy": "P",
    "tls": "T",
    "upgrade": "U",
    "frames": "F",
}
OTHER_STAGE = "X"


def letter(cell: Cell | None) -> str:
    """Return the sign of a cell: a point for a pass, the stage's letter for a failure."""
    if cell is None:
        return UNKNOWN
    if cell.ending.status is Status.PASSED:
        return PASSED
    return STAGE_LETTERS.get(cell.ending.stage or "", OTHER_STAGE)
