"""A fleet as CSV: a line for each region on each machine, for a table or a database."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from wsconn.fleet._merged.records import FleetReport, moment
from wsconn.fleet._merged.summary import Summary
from wsconn.reports._printable import printable

COLUMNS = (
    *("site", "host", "region", "status", "stage", "cause", "signer", "http_status", "since", "passed", "failed"),
    *("round_trip", "last_report"),
)
# What a spreadsheet computes in place of showing it, also behind a semicolon: where that parts the cells, as in much of
# Europe, quotation marks that RFC 4180 asks for do not hold a text together.
_FORMULA = re.compile(r"(^|;\s*)(?=[=+\-@])")


def to_csv(report: FleetReport) -> str:
    """Return what is known of each region on each machine, a line each, as RFC 4180 has it.

    Times are ISO 8601 by the machine's own clock, round trips seconds. A text that a spreadsheet would take for a
    formula has a quotation mark before it.
    """
    return table(Summary(report))


def table(summary: Summary) -> str:
    """Write it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows(_rows(summary))
    return written.getvalue()


def _rows(summary: Summary) -> Iterator[list[str | int | float | None]]:
    for host, region, cell in summary.cells():
        end = cell.ending
        yield [
            *map(_text, (host.site, host.name, region, end.status, end.stage, end.cause, end.signer)),
            end.http_status,
            moment(cell.since).isoformat(),
            cell.passed,
            cell.failed,
            cell.round_trip,
            moment(host.at[-1]).isoformat(),
        ]


def _text(text: str | None) -> str:
    return _FORMULA.sub(r"\1'", printable(text or ""))
