"""A fleet as metrics for a textfile collector. Labels are region, site, stage and cause: no machine has series."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from wsconn._outcome import Status
from wsconn.fleet._merged.findings import FindingKind
from wsconn.fleet._merged.records import FleetReport
from wsconn.fleet._merged.summary import RegionLine, Summary
from wsconn.reports._metrics import Metric, Sample
from wsconn.reports._printable import printable
from wsconn.reports._prometheus import gauge


def to_prometheus(report: FleetReport) -> str:
    """Return a fleet's report as gauges; the findings are comments before them."""
    return metrics(Summary(report))


def metrics(summary: Summary) -> str:
    """Write it."""
    comments = "".join(f"# Finding: {printable(finding.sentence)}\n" for finding in summary.findings)
    return comments + "".join(gauge(metric, summary) for metric in GAUGES)


def _silent(summary: Summary) -> Iterable[Sample]:
    kinds = (FindingKind.SILENT, FindingKind.SILENT_SITE)
    yield (), sum(len(finding.hosts) for finding in summary.findings if finding.kind in kinds)


def _newest(summary: Summary) -> Iterable[Sample]:
    if summary.fleet.newest is not None:
        yield (), summary.fleet.newest


def _by_site(summary: Summary) -> Iterable[Sample]:
    for site in summary.sites:
        for place, (failing, known) in enumerate(site.regions):
            if known:
                yield (summary.report.regions[place], site.name or ""), failing


def _by_region(value: Callable[[RegionLine], float | None]) -> Callable[[Summary], Iterable[Sample]]:
    def samples(summary: Summary) -> Iterable[Sample]:
        for line in summary.regions:
            if line.known and (number := value(line)) is not None:
                yield (line.name,), number

    return samples


def _failures(summary: Summary) -> Iterable[Sample]:
    counts = Counter(
        (region, cell.ending.stage or "", cell.ending.cause or "")
        for cells in summary.fleet.cells
        for region, cell in zip(summary.report.regions, cells, strict=True)
        if cell and cell.ending.status is Status.FAILED
    )
    return counts.items()


GAUGES: tuple[Metric[Summary], ...] = (
    Metric(
        name="wsconn_fleet_machines",
        help="How many machines have reported.",
        labels=("site",),
        samples=lambda summary: [((site.name or "",), len(site.hosts)) for site in summary.sites],
    ),
    Metric(
        name="wsconn_fleet_failing_machines",
        help="How many machines fail in a region or more.",
        labels=("site",),
        samples=lambda summary: [((site.name or "",), site.failing) for site in summary.sites],
    ),
    Metric(
        name="wsconn_fleet_silent_machines",
        help="How many machines have stopped reporting.",
        samples=_silent,
    ),
    Metric(
        name="wsconn_fleet_reports",
        help="How many reports were merged.",
        samples=lambda summary: [((), summary.report.reports)],
    ),
    Metric(
        name="wsconn_fleet_reports_left_out",
        help="How many reports could not be read.",
        samples=lambda summary: [((), summary.left_out)],
    ),
    Metric(
        name="wsconn_fleet_newest_report_timestamp_seconds",
        unit="seconds",
        help="When nine in ten machines had reported last, by their own clocks, in seconds since 1970.",
        samples=_newest,
    ),
    Metric(
        name="wsconn_fleet_region_known_machines",
        help="On how many machines the region passed or failed last.",
        labels=("region",),
        samples=_by_region(lambda line: line.known),
    ),
    Metric(
        name="wsconn_fleet_region_failing_machines",
        help="On how many machines the region failed last.",
        labels=("region", "site"),
        samples=_by_site,
    ),
    Metric(
        name="wsconn_fleet_region_failures",
        help="On how many machines the region failed last, at this stage for this cause.",
        labels=("region", "stage", "cause"),
        samples=_failures,
    ),
    Metric(
        name="wsconn_fleet_region_loss_ratio",
        unit="ratio",
        help="The share of the kept rounds in which the region failed.",
        labels=("region",),
        samples=_by_region(lambda line: line.loss),
    ),
    Metric(
        name="wsconn_fleet_region_least_round_trip_seconds",
        unit="seconds",
        help="From ping to pong, the least of all machines.",
        labels=("region",),
        samples=_by_region(lambda line: line.round_trip),
    ),
)
