"""Many reports made one: each machine's last rounds are kept, and what is alike is kept once."""

from __future__ import annotations

import bisect
import io
import os
import pathlib
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import attrs

from wsconn._exceptions import about_argument
from wsconn._text import describe, sanitize
from wsconn.fleet._merged.limits import LAST, MOST_BYTES, MOST_CELLS, MOST_HOSTS, MOST_LAST, MOST_LEFT_OUT, MOST_NAMES
from wsconn.fleet._merged.most_named import most_named
from wsconn.fleet._merged.reading import Read, read_report
from wsconn.fleet._merged.records import Ending, FleetHost, FleetReport, LeftOut, Row
from wsconn.fleet._merged.sources import Chunk, files_in, reports_from, reports_in
from wsconn.reports._quantities import counted

if TYPE_CHECKING:
    from wsconn.fleet._engines.answers import HostAnswer

_LINE = re.compile(r":\d+$")  # behind a file's name
_MOST_LISTS = 1000  # of regions, whose places are known
_TOO_MANY = f"all reports name more than {MOST_NAMES}, which are the most"


@attrs.define
class _Host:
    """What is known of a machine so far."""

    newest: Read
    reports: int = 0
    at: list[float] = attrs.field(factory=list)
    rows: list[Row] = attrs.field(factory=list)
    round_trips: list[float | None] = attrs.field(factory=list)


class Merger:
    """Takes reports one by one, in any order."""

    def __init__(self, last: int = LAST) -> None:
        if isinstance(last, bool) or not isinstance(last, int):
            raise about_argument(TypeError, "last", f" must be a number of rounds, not {describe(last)}")
        if not 1 <= last <= MOST_LAST:
            wrong = f" must be at least 1 and at most {MOST_LAST}, not {describe(last)}"
            raise about_argument(ValueError, "last", wrong)
        self._last = last
        self._hosts: dict[tuple[str | None, str], _Host] = {}
        self._regions: dict[str, int] = {}
        self._rows: dict[Row, Row] = {}
        self._places: dict[tuple[str, ...], tuple[int | None, ...]] = {}
        self._cells = 0
        self._reports = self._duplicates = 0
        self._left_out: list[LeftOut] = []
        self._more_left_out = 0

    @property
    def reports(self) -> int:
        """How many are in it."""
        return self._reports

    def add_file(self, path: pathlib.Path) -> None:
        """Add all reports in a file; one that cannot be read is left out, and named."""
        try:
            for place, text in reports_in(path, MOST_BYTES):
                self.add(text, place)
        except OSError as error:
            self.leave_out(str(path), error.strerror or type(error).__name__)

    def add_all(self, chunks: Iterable[Chunk]) -> None:
        """Add reports with their places."""
        for place, text in chunks:
            self.add(text, place)

    def add(self, text: bytes, place: str) -> None:
        """Add a report; `place` says where it is, and names the machine of one that does not name it itself."""
        try:
            if len(text) > MOST_BYTES:
                raise ValueError(f"longer than {MOST_BYTES >> 20} MiB")
            read = read_report(text)
            self._add(read, place)
            if read.rest:
                self.leave_out(place, f"what stands behind the report is none: {sanitize(read.rest)}")
        except ValueError as error:
            self.leave_out(place, str(error))

    def leave_out(self, place: str, why: str) -> None:
        """Note a report that could not be read."""
        if len(self._left_out) < MOST_LEFT_OUT:
            self._left_out.append(LeftOut(sanitize(place), why))
        else:
            self._more_left_out += 1

    def report(self) -> FleetReport:
        """Return what was added so far."""
        hosts = sorted(self._hosts.items(), key=lambda item: (item[0][0] is None, item[0][0] or "", item[0][1]))
        return most_named(
            FleetReport(
                regions=tuple(self._regions),
                hosts=tuple(_finished(name, site, host) for (site, name), host in hosts),
                reports=self._reports,
                duplicates=self._duplicates,
                left_out=tuple(self._left_out),
                more_left_out=self._more_left_out,
                last=self._last,
            )
        )

    def _add(self, read: Read, place: str) -> None:
        places = self._places_of(read)
        row, trips = self._row(read, places), [trip for _, _, trip in read.outcomes]
        name = read.host or pathlib.PurePath(_LINE.sub("", place)).stem or place
        key = (read.site, name)
        host = self._hosts.get(key)
        if host is None:
            if len(self._hosts) >= MOST_HOSTS:
                raise ValueError(f"one machine more than {MOST_HOSTS}, which are the most")
            host = self._hosts[key] = _Host(read)
        index = bisect.bisect_left(host.at, read.at)
        if index < len(host.at) and host.at[index] == read.at:
            self._duplicates += 1
            return
        self._reports += 1
        host.reports += 1
        if index == len(host.at):
            host.newest = attrs.evolve(read, outcomes=(), rest="")
        host.at.insert(index, read.at)
        host.rows.insert(index, row)
        if len(host.at) > self._last:
            del host.at[0], host.rows[0]
        self._time(host, places, trips)
        if without := places.count(None):
            self.leave_out(place, f"{counted(without)} of it: {_TOO_MANY}")

    def _row(self, read: Read, places: Sequence[int | None]) -> Row:
        """Return the row for a report: the one that is there, if one is like it."""
        ends: list[Ending | None] = [None] * (max((place for place in places if place is not None), default=-1) + 1)
        for place, (_, end, _) in zip(places, read.outcomes, strict=True):
            if place is not None:
                ends[place] = end
        row = tuple(ends)
        if row not in self._rows:
            self._cells += len(row)
            if self._cells > MOST_CELLS:
                raise ValueError("one way more for all regions to end than there is room for")
            self._rows[row] = row
        return self._rows[row]

    def _places_of(self, read: Read) -> tuple[int | None, ...]:
        """Return the places of a report's regions, `None` where there is no room; `ValueError` if there is for none."""
        regions = tuple(region for region, _, _ in read.outcomes)
        if regions not in self._places:
            for region in regions:
                if region not in self._regions and len(self._regions) < MOST_NAMES:
                    self._regions[region] = len(self._regions)
            if len(self._places) >= _MOST_LISTS:
                self._places.clear()
            self._places[regions] = tuple(map(self._regions.get, regions))
        places = self._places[regions]
        if regions and places.count(None) == len(places):
            raise ValueError(f"regions: {_TOO_MANY}")
        return places

    def _time(self, host: _Host, places: Sequence[int | None], trips: list[float | None]) -> None:
        least = host.round_trips
        for place, trip in zip(places, trips, strict=True):
            if trip is None or place is None:
                continue
            if place >= len(least):
                least.extend([None] * (place + 1 - len(least)))
            known = least[place]
            least[place] = trip if known is None else min(known, trip)


def _finished(name: str, site: str | None, host: _Host) -> FleetHost:
    return FleetHost(
        name=name,
        site=site,
        labels=host.newest.labels,
        wsconn=host.newest.wsconn,
        system=host.newest.system,
        reports=host.reports,
        at=tuple(host.at),
        rows=tuple(host.rows),
        round_trips=tuple(host.round_trips),
    )


def merge(reports: Iterable[str | bytes | os.PathLike[str] | HostAnswer], *, last: int = LAST) -> FleetReport:
    """Make one report of many machines' reports.

    One that cannot be read is named in the report and left out. The same report twice (the same machine, the same
    beginning) counts once. Machines are told apart by site and name; one whose reports do not name it is called as its
    file.

    Args:
        reports: Text of reports as `wsconn.reports.to_json` writes them, in `str` or `bytes`: one, or several one
            after the other; and paths (`pathlib.Path`) of files that hold such text, or of folders of them. Or what
            `check_everywhere` returns: a host without a result is left out, with its reason.
        last: How many rounds of each machine to keep, the newest. Memory depends on that, and not on how many there
            are.

    Raises:
        TypeError, ValueError: For what is neither, and a bad `last`.
    """
    merger = Merger(last)
    for number, report in enumerate([reports] if isinstance(reports, str | bytes) else reports, 1):
        _add(merger, report, number)
    return merger.report()


def _add(merger: Merger, report: object, number: int) -> None:
    if isinstance(report, str):
        report = report.encode("utf-8", "surrogatepass")
    if isinstance(report, bytes):
        merger.add_all(reports_from(io.BytesIO(report), f"report {number}", MOST_BYTES))
    elif isinstance(report, os.PathLike):
        path = pathlib.Path(report)
        for file in files_in(path) if path.is_dir() else [path]:
            merger.add_file(file)
    else:
        _add_answer(merger, report)


def _add_answer(merger: Merger, answer: object) -> None:
    from wsconn.fleet._engines.answers import HostAnswer  # here: files have no need of it

    if not isinstance(answer, HostAnswer):
        raise about_argument(TypeError, "reports", f" must be texts and paths, not {describe(answer)}")
    if answer.report is None:
        merger.leave_out(answer.host, answer.message)
    else:
        merger.add(answer.report.encode(), answer.host)
