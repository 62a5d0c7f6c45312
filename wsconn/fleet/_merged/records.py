"""What many reports say together: each machine's last rounds, and how each region ended in each of them.

Rounds share what is alike in them: two rounds that ended in the same way in all regions are one row, and one ending is
one object in all rows. So a day of rounds takes little more memory than the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import attrs

from wsconn._outcome import Status

Row = tuple["Ending | None", ...]  # by region, as in `FleetReport.regions`; it may be shorter than that
_Run = tuple[Row, float, float, int]  # how rounds in a row ended, when the first and the last began, how many they are


@attrs.frozen(kw_only=True, cache_hash=True)
class Ending:
    """How a region ended in a round: the facts that machines may have in common, and no address or message.

    `aborted` is the status of all that tells nothing about the way to the region: aborted, never begun, this machine at
    its limits. `stage` and `cause` are words of `Stage` and `Cause`; those of a newer wsconn may be among them.

    Attributes:
        signer: Who signed the certificate that was seen at a failure: an organization.
        proxy: The proxy's URL, and which setting named it.
        name_server: The name server that was silent, or answered with an error.
        encrypted: Whether a certificate was seen, which the machine's clock had to fit.
    """

    status: Status
    stage: str | None = None
    cause: str | None = None
    os_error: str | None = None
    http_status: int | None = None
    signer: str | None = None
    proxy: str | None = None
    name_server: str | None = None
    encrypted: bool = False


@attrs.frozen(kw_only=True)
class Cell:
    """A region as one machine has it now: how it ended last, since when, and how often it passed and failed.

    `since` is when the first round began in which it was as it is now, without a change in between. `before` is when
    the last round began in which it was not: the change lies between the two. It is `None` where no kept round shows
    it otherwise.
    """

    ending: Ending
    since: float
    before: float | None
    passed: int
    failed: int
    round_trip: float | None


@attrs.frozen(kw_only=True)
class FleetHost:
    """A machine, and its last rounds, the oldest first.

    `at` are the times at which the rounds began, by the machine's own clock, in seconds since 1970; `rows` are how the
    regions ended in them. `round_trips` are the least of each region, of all rounds that were read. `reports` counts
    those, the ones that are not kept among them.
    """

    name: str
    site: str | None = None
    labels: Mapping[str, str] = attrs.field(factory=dict)
    wsconn: str | None = None
    system: str | None = None
    reports: int = 0
    at: tuple[float, ...] = ()
    rows: tuple[Row, ...] = ()
    round_trips: tuple[float | None, ...] = ()

    def cells(self, regions: int) -> tuple[Cell | None, ...]:
        """Return what is known of each region, by its place in `FleetReport.regions`; `None` where nothing is."""
        runs = list(self._runs())
        return tuple(self._cell(place, runs) for place in range(regions))

    def _runs(self) -> Iterator[_Run]:
        """Yield the rounds that ended alike, the newest first: the first and the last of each run."""
        first, last, count = 0, len(self.rows) - 1, 0
        for place in range(len(self.rows) - 1, -1, -1):
            first, count = place, count + 1
            if place == 0 or self.rows[place - 1] is not self.rows[place]:
                yield self.rows[place], self.at[first], self.at[last], count
                last, count = place - 1, 0

    def _cell(self, place: int, runs: list[_Run]) -> Cell | None:
        latest: Ending | None = None
        since, before = 0.0, None
        counts = {Status.PASSED: 0, Status.FAILED: 0}
        for row, first, last, count in runs:
            end = row[place] if place < len(row) else None
            if end is None or end.status is Status.ABORTED:
                continue
            counts[end.status] += count
            latest = latest or end
            if end.status is latest.status and before is None:
                since = first
            elif before is None:
                before = last
        trip = self.round_trips[place] if place < len(self.round_trips) else None
        if latest is None:
            return None
        return Cell(
            ending=latest,
            since=since,
            before=before,
            passed=counts[Status.PASSED],
            failed=counts[Status.FAILED],
            round_trip=trip,
        )


@attrs.frozen
class LeftOut:
    """A report that could not be read: where it is, and what is wrong with it."""

    place: str
    why: str


@attrs.frozen(kw_only=True)
class FleetReport:
    """Many machines' reports as one: a matrix of hosts and regions over time.

    Attributes:
        regions: Their names, in the order in which they were first seen.
        hosts: The machines, by site and name.
        reports: How many reports are in it.
        duplicates: How many were there already: the same machine, and the same beginning.
        left_out: Reports that could not be read, the first ones.
        more_left_out: How many more there were.
        more_regions: How many regions more there were than there is room for; few machines name them.
        last: How many rounds of each machine are kept.
    """

    regions: tuple[str, ...]
    hosts: tuple[FleetHost, ...]
    reports: int = 0
    duplicates: int = 0
    left_out: tuple[LeftOut, ...] = ()
    more_left_out: int = 0
    more_regions: int = 0
    last: int = 100

    @property
    def sites(self) -> tuple[str | None, ...]:
        """The sites, in order; `None` is that of machines which name none."""
        return tuple(dict.fromkeys(host.site for host in self.hosts))

    def cells(self) -> Iterator[tuple[FleetHost, str, Cell]]:
        """Yield what is known of each region on each machine."""
        for host in self.hosts:
            for region, cell in zip(self.regions, host.cells(len(self.regions)), strict=True):
                if cell:
                    yield host, region, cell


def moment(seconds: float) -> datetime:
    """Return a time as it is told."""
    return datetime.fromtimestamp(seconds, UTC)
