"""What adds up over the results of one exporter: the counters and histograms of the table of metrics."""

from __future__ import annotations

import bisect
import time
from collections.abc import Mapping

import attrs

from wsconn._result import ConnectivityResult
from wsconn.fleet._metrics import SUMS, Kind, Metric

Labels = tuple[str, ...]


@attrs.define
class Distribution:
    """How often a value fell into each bucket; the last one has no upper bound."""

    counts: list[int]
    total: float = 0.0

    def add(self, bounds: tuple[float, ...], value: float) -> None:
        """Count a value; one that is a bucket's upper bound is in it."""
        self.counts[bisect.bisect_left(bounds, value)] += 1
        self.total += value


class Sums:
    """The sums since this was made. It belongs to the one thread that uses it."""

    def __init__(self) -> None:
        self.since = time.time()
        self.counters: Mapping[str, dict[Labels, float]] = {m.name: {} for m in SUMS if m.kind is Kind.COUNTER}
        self.histograms: Mapping[str, dict[Labels, Distribution]] = {
            metric.name: {} for metric in SUMS if metric.kind is Kind.HISTOGRAM
        }

    def add(self, result: ConnectivityResult) -> None:
        """Count a result in."""
        for metric in SUMS:
            for labels, value in metric.samples(result):
                self._add(metric, labels, value)

    def _add(self, metric: Metric[ConnectivityResult], labels: Labels, value: float) -> None:
        if metric.kind is Kind.COUNTER:
            series = self.counters[metric.name]
            series[labels] = series.get(labels, 0.0) + value
            return
        empty = Distribution([0] * (len(metric.buckets) + 1))
        self.histograms[metric.name].setdefault(labels, empty).add(metric.buckets, value)
