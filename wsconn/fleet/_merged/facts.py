"""A fleet's facts as the rules ask for them: who fails where, what machines have in common, when a change was."""

from __future__ import annotations

import bisect
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from wsconn._outcome import Status
from wsconn.fleet._merged.records import Cell, Ending, FleetHost, FleetReport

MOST = 0.9  # of some: nearly all
FEW = 0.1  # of some: hardly any
CLOCKS_SECONDS = 120.0  # by which clocks may differ that nobody would call wrong
_SHARED = 0.8  # of some: most, of which a cause is told

Group = tuple[str, str]  # what machines have in common: `site`, a label's name, `system` or `wsconn`, and its value
Cells = dict[int, set[int]]  # by region: machines


class Fleet:
    """The last known state of each region on each machine. Machines and regions are numbers here."""

    def __init__(self, report: FleetReport) -> None:
        self.report = report
        self.hosts = report.hosts
        self.cells = [host.cells(len(report.regions)) for host in report.hosts]
        self.failing: Cells = {region: set() for region in range(len(report.regions))}
        self.known: Cells = {region: set() for region in range(len(report.regions))}
        for number, cells in enumerate(self.cells):
            for region, cell in enumerate(cells):
                if cell:
                    self.known[region].add(number)
                    if cell.ending.status is Status.FAILED:
                        self.failing[region].add(number)
        self.wrong_clocks: set[int] = set()  # the rules about clocks come first, and put them here

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each machine is called: with its site, where another has its name too."""
        count = Counter(host.name for host in self.hosts)
        return tuple(
            host.name if count[host.name] == 1 else f"{host.name} ({host.site or 'no site'})" for host in self.hosts
        )

    @cached_property
    def groups(self) -> dict[Group, set[int]]:
        """What two machines or more have in common, and not all; sites first."""
        found: dict[Group, set[int]] = {}
        for number, host in enumerate(self.hosts):
            for group in _groups_of(host):
                found.setdefault(group, set()).add(number)
        several = {group: members for group, members in found.items() if 1 < len(members) < len(self.hosts)}
        return dict(sorted(several.items(), key=lambda item: _ORDER.get(item[0][0], 1)))

    @cached_property
    def telling(self) -> set[int]:
        """The machines that pass somewhere: one that passes nowhere tells nothing about a single region."""
        return set().union(*(self.known[region] - self.failing[region] for region in self.known))

    @cached_property
    def by_site(self) -> dict[str | None, set[int]]:
        """The machines of each site; `None` is that of those which name none."""
        found: dict[str | None, set[int]] = {}
        for number, host in enumerate(self.hosts):
            found.setdefault(host.site, set()).add(number)
        return found

    @cached_property
    def passing(self) -> dict[tuple[str | None, int], tuple[int, int]]:
        """By site and region, on how many machines it passes and is known."""
        found = {}
        for site, members in self.by_site.items():
            for region, known in self.known.items():
                there = members & known
                found[site, region] = len(there - self.failing[region]), len(there)
        return found

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """All sites that are named."""
        return tuple(dict.fromkeys(host.site for host in self.hosts if host.site))

    def sites_of(self, hosts: Iterable[int]) -> tuple[str, ...]:
        """Return the sites of some machines."""
        return tuple(sorted({site for number in hosts if (site := self.hosts[number].site)}))

    def some(self, hosts: Iterable[int], region: int) -> Iterator[Cell]:
        """Yield a region's cells of some machines."""
        for number in hosts:
            if cell := self.cells[number][region]:
                yield cell

    def timed(self, hosts: Iterable[int]) -> list[int]:
        """Return those of some machines whose clocks are not known to be wrong."""
        return [number for number in hosts if number not in self.wrong_clocks]

    @cached_property
    def newest(self) -> float | None:
        """When the last reports came, by most machines' clocks: late machines and wrong clocks do not count."""
        last = sorted(
            self.hosts[number].at[-1] for number in self.timed(range(len(self.hosts))) if self.hosts[number].at
        )
        return last[int(len(last) * MOST)] if last else None

    @cached_property
    def interval(self) -> float | None:
        """How many seconds there mostly are between two rounds of a machine."""
        gaps = [gap for host in self.hosts if (gap := interval_of(host)) is not None]
        return statistics.median(gaps) if gaps else None


_ORDER = {"site": 0, "system": 2, "wsconn": 3}


def _groups_of(host: FleetHost) -> Iterator[Group]:
    if host.site:
        yield "site", host.site
    yield from host.labels.items()
    if host.system:
        yield "system", host.system
    if host.wsconn:
        yield "wsconn", host.wsconn


def interval_of(host: FleetHost) -> float | None:
    """Return how many seconds there mostly are between two rounds of a machine, where it has three or more."""
    if len(host.at) < 3:
        return None
    return statistics.median(later - earlier for earlier, later in zip(host.at, host.at[1:], strict=False))


def beginning(cells: Iterable[Cell]) -> tuple[bool, float | None]:
    """Tell whether some are as they are since the same time, and since when.

    For each the change lies between two of its rounds. `(True, None)` where no change was seen: it was always so, as
    far as is known. One machine that saw the change is not enough, for that may be a change of its own.
    """
    spans = [(cell.before, cell.since) for cell in cells]
    seen = [before for before, _ in spans if before is not None]
    if not seen:
        return True, None
    if len(seen) < max(2, FEW * len(spans)):
        return len(spans) > 1, None
    ends = sorted(since + CLOCKS_SECONDS for _, since in spans)
    begins = sorted(before - CLOCKS_SECONDS for before in seen)
    unseen = len(spans) - len(seen)
    fits = [(_fitting(since, begins, ends) + unseen, -since) for since in {since for _, since in spans}]
    count, since = max(fits)
    return (True, -since) if count >= MOST * len(spans) else (False, None)


def _fitting(moment: float, begins: list[float], ends: list[float]) -> int:
    """Return how many spans hold a moment: those that have begun, without those that have ended."""
    return bisect.bisect_right(begins, moment) - bisect.bisect_left(ends, moment)


def common(endings: Iterable[Ending]) -> dict[str, object]:
    """Return how some fail, as the fields of a finding: what is the same for all, or for most."""
    counts = Counter(endings)
    total = sum(counts.values())
    ends = Counter[tuple[str | None, str | None]]()
    for ending, count in counts.items():
        ends[ending.stage, ending.cause] += count
    if not total:
        return {}
    (stage, cause), count = ends.most_common(1)[0]
    if count < _SHARED * total:
        return {}
    alike = [ending for ending in counts if (ending.stage, ending.cause) == (stage, cause)]
    more = {
        name: values.pop()
        for name in ("http_status", "signer", "proxy", "name_server")
        if len(values := {getattr(ending, name) for ending in alike}) == 1
    }
    return {"stage": stage, "cause": cause, "mostly": count < total, **more}
