"""Metrics as Prometheus reads them. Here alone prometheus-client is known: it writes the text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import attrs
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.core import Metric as Family
from prometheus_client.exposition import generate_latest as plain_text
from prometheus_client.openmetrics.exposition import generate_latest as open_metrics

from wsconn.fleet._exporter.totals import Labels, Observed, Total
from wsconn.fleet._metrics import SITE, Kind, Metric
from wsconn.reports._printable import printable

__all__ = ["OPEN_METRICS", "PLAIN", "Family", "Format", "accepted", "families_of", "family_of"]

S = TypeVar("S")
_DIGITS = 6  # of a second: more are noise


@attrs.frozen
class Format:
    """A format, its media type, and what stands at the end of it."""

    media_type: str
    encode: Callable[[CollectorRegistry], bytes]
    end: bytes = b""

    def text(self, families: Iterable[Family]) -> bytes:
        """Return the text, but for its end: so that texts can be put together."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Fixed(families))
        return self.encode(registry).removesuffix(self.end)


PLAIN = Format("text/plain; version=0.0.4; charset=utf-8", plain_text)
OPEN_METRICS = Format("application/openmetrics-text; version=1.0.0; charset=utf-8", open_metrics, b"# EOF\n")


def accepted(accept: str) -> Format:
    """Return the format for what a scraper accepts. Versions are not looked at: all names and values fit each."""
    return OPEN_METRICS if "application/openmetrics-text" in accept else PLAIN


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
