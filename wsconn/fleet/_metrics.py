"""The table of all metrics of results: what a report has as gauges, and what adds up over rounds.

`/metrics`, the dashboard and OpenTelemetry are made from it. Metrics of the exporter itself are in `_exporter/`.
"""

from __future__ import annotations

from collections.abc import Iterator

from wsconn._outcome import RegionOutcome, Status
from wsconn._result import ConnectivityResult
from wsconn.reports._metrics import GAUGES, Kind, Metric, Sample, of_all, of_each

__all__ = ["GAUGES", "METRICS", "SITE", "SUMS", "Kind", "Metric", "Sample"]

SITE = "site"  # the one label that all metrics of a machine may have beside their own
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def _checked(outcome: RegionOutcome) -> Iterator[Sample]:
    if outcome.status is not Status.ABORTED:
        yield (outcome.region,), 1


def _failed(outcome: RegionOutcome) -> Iterator[Sample]:
    if outcome.failure:
        yield (outcome.region, outcome.failure.stage, outcome.failure.cause), 1


def _opened(outcome: RegionOutcome) -> Iterator[Sample]:
    if outcome.status is Status.PASSED:
        yield (outcome.region,), outcome.duration


def _answered(outcome: RegionOutcome) -> Iterator[Sample]:
    if outcome.round_trip is not None:
        yield (outcome.region,), outcome.round_trip


SUMS: tuple[Metric[ConnectivityResult], ...] = (
    Metric(
        name="wsconn_rounds",
        kind=Kind.COUNTER,
        help="How many rounds have been made.",
        samples=of_all(lambda _: 1),
    ),
    Metric(
        name="wsconn_region_checks",
        kind=Kind.COUNTER,
        help="How many times the region was tested.",
        labels=("region",),
        samples=of_each(_checked),
    ),
    Metric(
        name="wsconn_region_failures",
        kind=Kind.COUNTER,
        help="How many times the region could not be reached, and why.",
        labels=("region", "stage", "cause"),
        samples=of_each(_failed),
    ),
    Metric(
        name="wsconn_opening_seconds",
        kind=Kind.HISTOGRAM,
        unit="seconds",
        help="How long regions took that passed, all stages and addresses together.",
        labels=("region",),
        samples=of_each(_opened),
        buckets=_SECONDS,
    ),
    Metric(
        name="wsconn_round_trip_seconds",
        kind=Kind.HISTOGRAM,
        unit="seconds",
        help="From ping to pong.",
        labels=("region",),
        samples=of_each(_answered),
        buckets=_SECONDS,
    ),
)

METRICS: tuple[Metric[ConnectivityResult], ...] = (*GAUGES, *SUMS)
