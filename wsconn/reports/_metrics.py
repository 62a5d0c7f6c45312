"""What is measured, as one table: names, kinds, units, labels, and how each is taken from a result.

https://prometheus.io/docs/practices/naming/ has the rules of the names. No label holds an address, a message or a
version: each value of one makes a series of its own.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeAlias, TypeVar

import attrs

from wsconn._outcome import RegionOutcome, Stage, Status
from wsconn._result import ConnectivityResult

Source = TypeVar("Source", contravariant=True)
Sample: TypeAlias = tuple[tuple[str, ...], float]  # the labels' values, in their order, and the number


class Kind(enum.StrEnum):
    """What may be done with a metric's numbers."""

    GAUGE = "gauge"  # a sample is the value now
    COUNTER = "counter"  # a sample is what is added
    HISTOGRAM = "histogram"  # a sample is one observation


@attrs.frozen(kw_only=True)
class Metric(Generic[Source]):
    """A metric, and how its samples are taken from what it measures: a result, mostly.

    Attributes:
        name: The family's name; a counter's series has `_total` behind it, see `series`.
        unit: The last word of the name where that is a unit, else empty.
        help: One sentence.
        labels: The labels' names.
        samples: Returns the samples; what is not known has none.
        buckets: The upper bounds of a histogram's buckets, but for the infinite one.
    """

    name: str
    kind: Kind = Kind.GAUGE
    unit: str = ""
    help: str
    labels: tuple[str, ...] = ()
    samples: Callable[[Source], Iterable[Sample]]
    buckets: tuple[float, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """The names that queries use."""
        match self.kind:
            case Kind.COUNTER:
                return (f"{self.name}_total",)
            case Kind.HISTOGRAM:
                return (f"{self.name}_bucket", f"{self.name}_sum", f"{self.name}_count")
        return (self.name,)


def _up(outcome: RegionOutcome) -> Iterator[Sample]:
    if outcome.status is not Status.ABORTED:
        yield (outcome.region,), float(outcome.status is Status.PASSED)


def _failure(outcome: RegionOutcome) -> Iterator[Sample]:
    if outcome.failure:
        yield (outcome.region, outcome.failure.stage, outcome.failure.cause), 1


def _stages(outcome: RegionOutcome) -> Iterator[Sample]:
    for stage in Stage:
        seconds: float | None = getattr(outcome.timings, stage)
        if seconds is not None:
            yield (outcome.region, stage), seconds


def _round_trip(outcome: RegionOutcome) -> Iterator[Sample]:
    if outcome.round_trip is not None:
        yield (outcome.region,), outcome.round_trip


def _expiry(outcome: RegionOutcome) -> Iterator[Sample]:
    if outcome.tls and outcome.tls.not_after:
        yield (outcome.region,), outcome.tls.not_after.timestamp()


def of_each(samples: Callable[[RegionOutcome], Iterable[Sample]]) -> Callable[[ConnectivityResult], Iterable[Sample]]:
    """Return what takes the samples of every region's outcome."""
    return lambda result: (sample for outcome in result.outcomes for sample in samples(outcome))


def of_all(value: Callable[[ConnectivityResult], float]) -> Callable[[ConnectivityResult], Iterable[Sample]]:
    """Return what takes the one sample of a whole check."""
    return lambda result: [((), value(result))]


GAUGES: tuple[Metric[ConnectivityResult], ...] = (
    Metric(
        name="wsconn_check_timestamp_seconds",
        unit="seconds",
        help="When the check began, in seconds since 1970.",
        samples=of_all(lambda result: result.started_at.timestamp()),
    ),
    Metric(
        name="wsconn_check_duration_seconds",
        unit="seconds",
        help="How long the check took.",
        samples=of_all(lambda result: result.duration),
    ),
    Metric(
        name="wsconn_check_passed_regions",
        help="How many regions can be reached.",
        samples=of_all(lambda result: len(result.passed_regions)),
    ),
    Metric(
        name="wsconn_check_failed_regions",
        help="How many regions cannot be reached.",
        samples=of_all(lambda result: len(result.failed_regions)),
    ),
    Metric(
        name="wsconn_check_aborted_regions",
        help="How many regions had not settled when the check was aborted.",
        samples=of_all(lambda result: len(result.aborted_regions)),
    ),
    Metric(
        name="wsconn_region_up",
        help="Whether the region can be reached: 1 or 0.",
        labels=("region",),
        samples=of_each(_up),
    ),
    Metric(
        name="wsconn_region_failure",
        help="Why the region cannot be reached; always 1.",
        labels=("region", "stage", "cause"),
        samples=of_each(_failure),
    ),
    Metric(
        name="wsconn_region_duration_seconds",
        unit="seconds",
        help="How long the region took, all stages and addresses together.",
        labels=("region",),
        samples=of_each(lambda outcome: [((outcome.region,), outcome.duration)]),
    ),
    Metric(
        name="wsconn_region_stage_seconds",
        unit="seconds",
        help="How long a stage took on the way tried last, the failing stage included.",
        labels=("region", "stage"),
        samples=of_each(_stages),
    ),
    Metric(
        name="wsconn_region_round_trip_seconds",
        unit="seconds",
        help="From ping to pong.",
        labels=("region",),
        samples=of_each(_round_trip),
    ),
    Metric(
        name="wsconn_region_certificate_expiry_timestamp_seconds",
        unit="seconds",
        help="When the certificate that was seen expires, in seconds since 1970.",
        labels=("region",),
        samples=of_each(_expiry),
    ),
)
