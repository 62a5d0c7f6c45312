"""A fleet as metrics for a textfile collector. Labels are region, site, stage and cause alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wsconn._outcome import Status
from wsconn.fleet._merged.findings import FindingKind
from wsconn.fleet._merged.records import FleetReport
from wsconn.fleet._merged.summary import Summary
from wsconn.reports._printable import printable
from wsconn.reports._prometheus import _gauge as gauge


def to_prometheus(report: FleetReport) -> str:
    """Return a fleet's report as gauges; the findings are comments before them."""
    summary = Summary(report)
    comments = "".join(f"# Finding: {printable(finding.sentence)}\n" for finding in summary.findings)
    return comments + "".join(_of_the_fleet(summary)) + "".join(_of_the_regions(summary)) + "".join(_failures(summary))


def _of_the_fleet(summary: Summary) -> Iterator[str]:
    report = summary.report
    sites = [(site.name or "", site) for site in summary.sites]
    silent = sum(
        len(finding.hosts)
        for finding in summary.findings
        if finding.kind in (FindingKind.SILENT, FindingKind.SILENT_SITE)
    )
    yield gauge(
        "wsconn_fleet_machines", "How many machines have reported.", [({"site": n}, len(s.hosts)) for n, s in sites]
    )
    yield gauge(
        "wsconn_fleet_failing_machines",
        "How many machines fail in a region or more.",
        [({"site": name}, site.failing) for name, site in sites],
    )
    yield gauge("wsconn_fleet_silent_machines", "How many machines have stopped reporting.", [({}, silent)])
    yield gauge("wsconn_fleet_reports", "How many reports were merged.", [({}, report.reports)])
    yield gauge("wsconn_fleet_reports_left_out", "How many could not be read.", [({}, summary.left_out)])
    if summary.fleet.newest is not None:
        yield gauge(
            "wsconn_fleet_newest_report_timestamp_seconds",
            "When nine in ten machines had reported last, by their own clocks, in seconds since 1970.",
            [({}, summary.fleet.newest)],
        )


def _of_the_regions(summary: Summary) -> Iterator[str]:
    known = [line for line in summary.regions if line.known]
    yield gauge(
        "wsconn_fleet_region_known_machines",
        "On how many machines the region passed or failed last.",
        [({"region": line.name}, line.known) for line in known],
    )
    yield gauge(
        "wsconn_fleet_region_failing_machines",
        "On how many machines the region failed last.",
        [
            ({"region": summary.report.regions[place], "site": site.name or ""}, failing)
            for site in summary.sites
            for place, (failing, of) in enumerate(site.regions)
            if of
        ],
    )
    yield gauge(
        "wsconn_fleet_region_loss_ratio",
        "The share of the kept rounds in which the region failed.",
        [({"region": line.name}, line.loss) for line in known],
    )
    yield gauge(
        "wsconn_fleet_region_least_round_trip_seconds",
        "The least of all machines, from ping to pong.",
        [({"region": line.name}, line.round_trip) for line in known if line.round_trip is not None],
    )


def _failures(summary: Summary) -> Iterator[str]:
    counts = Counter(
        (region, cell.ending.stage or "", cell.ending.cause or "")
        for cells in summary.fleet.cells
        for region, cell in zip(summary.report.regions, cells, strict=True)
        if cell and cell.ending.status is Status.FAILED
    )
    yield gauge(
        "wsconn_fleet_region_failures",
        "On how many machines the region failed last, at this stage for this cause.",
        [({"region": region, "stage": stage, "cause": cause}, n) for (region, stage, cause), n in counts.items()],
    )
