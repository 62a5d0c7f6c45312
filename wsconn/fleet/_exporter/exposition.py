"""Metrics as Prometheus reads them. Here alone prometheus-client is known: it writes the text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.core import Metric as Family
from prometheus_client.exposition import choose_encoder

from wsconn.fleet._exporter.totals import Labels, Observed, Total
from wsconn.fleet._metrics import SITE, Kind, Metric
from wsconn.reports._printable import printable

S = TypeVar("S")
_DIGITS = 6  # of a second: more are noise


def written(families: Iterable[Family], accept: str) -> tuple[bytes, str]:
    """Return the text in the format that the scraper accepts, and its media type."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Fixed(families))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


class _Fixed:
    """What has been collected, as prometheus-client wants to collect it."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterable[Family]:
        return self._families

    def describe(self) -> Iterable[Family]:
        return ()


def families_of(metrics: Iterable[Metric[S]], source: S, site: str | None = None) -> Iterator[Family]:
    """Return metrics with their samples; one without any is left out, and a series is never told twice."""
    for metric in metrics:
        samples: dict[Labels, Total] = dict(metric.samples(source))
        if samples:
            yield family_of(metric, samples, site)


def family_of(metric: Metric[S], samples: Mapping[Labels, Total], site: str | None = None) -> Family:
    """Return one metric with its samples, whatever its kind."""
    names = (SITE, *metric.labels) if site else metric.labels
    before = (site,) if site else ()
    family: Any = _KINDS[metric.kind](metric.name, metric.help, labels=names, unit=metric.unit)
    for labels, total in samples.items():
        values = [printable(value) for value in (*before, *labels)]
        if isinstance(total, Observed):
            family.add_metric(values, buckets=_cumulated(total, metric.buckets), sum_value=round(total.sum, _DIGITS))
        else:
            family.add_metric(values, round(total, _DIGITS))
    made: Family = family
    return made


_KINDS = {
    Kind.GAUGE: GaugeMetricFamily,
    Kind.COUNTER: CounterMetricFamily,
    Kind.HISTOGRAM: HistogramMetricFamily,
}


def _cumulated(observed: Observed, bounds: tuple[float, ...]) -> list[tuple[str, int]]:
    """Return how many were at most each bound."""
    count, buckets = 0, []
    for bound, more in zip((*bounds, math.inf), observed.counts, strict=True):
        count += more
        buckets.append(("+Inf" if bound == math.inf else str(bound), count))
    return buckets
