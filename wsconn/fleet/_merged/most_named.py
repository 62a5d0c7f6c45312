"""Which regions a fleet keeps where its reports name more than there is room for.

Each machine has one vote, in equal parts for all regions that it names: a report with a thousand names that nobody else
has displaces none that machines name in earnest, whatever comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import attrs

from wsconn.fleet._merged.limits import MOST_REGIONS
from wsconn.fleet._merged.records import FleetHost, FleetReport, Row

T = TypeVar("T")


def most_named(report: FleetReport) -> FleetReport:
    """Return the report with the regions that are named most, in their order, if it has too many."""
    if len(report.regions) <= MOST_REGIONS:
        return report
    votes = _votes(report.hosts, len(report.regions))
    places = sorted(sorted(range(len(votes)), key=lambda place: -votes[place])[:MOST_REGIONS])
    rows = _rows_of(report.hosts, places)
    return attrs.evolve(
        report,
        regions=tuple(report.regions[place] for place in places),
        hosts=tuple(_of_places(host, rows, places) for host in report.hosts),
        more_regions=report.more_regions + len(report.regions) - MOST_REGIONS,
    )


def _votes(hosts: Iterable[FleetHost], regions: int) -> list[float]:
    votes = [0.0] * regions
    for host in hosts:
        rows = {id(row): row for row in host.rows}.values()
        named = {place for row in rows for place, end in enumerate(row) if end is not None}
        for place in named:
            votes[place] += 1 / len(named)
    return votes


def _rows_of(hosts: Iterable[FleetHost], places: Sequence[int]) -> dict[int, Row]:
    """Return each row as it is at these places, by its identity; those that are alike are one, as they were before."""
    same: dict[Row, Row] = {}
    rows = {id(row): row for host in hosts for row in host.rows}
    return {known: same.setdefault(kept, kept) for known, row in rows.items() for kept in [_at(row, places)]}


def _of_places(host: FleetHost, rows: dict[int, Row], places: Sequence[int]) -> FleetHost:
    return attrs.evolve(host, rows=tuple(rows[id(row)] for row in host.rows), round_trips=_at(host.round_trips, places))


def _at(known: Sequence[T | None], places: Sequence[int]) -> tuple[T | None, ...]:
    return tuple(known[place] if place < len(known) else None for place in places)
