"""What adds up over rounds: the counters and histograms of the table. Regions that are gone are forgotten."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Collection, Iterator

import attrs

from wsconn._result import ConnectivityResult
from wsconn.fleet._metrics import SUMS, Kind, Metric

Labels = tuple[str, ...]


@attrs.define
class Observed:
    """What a histogram has seen: how many in each bucket (the last one is the infinite one), and their sum."""

    counts: list[int]
    sum: float = 0.0

    def add(self, value: float, bounds: tuple[float, ...]) -> None:
        """Count one observation."""
        self.counts[bisect.bisect_left(bounds, value)] += 1
        self.sum += value

    def copy(self) -> Observed:
        """Return one that stays as it is."""
        return Observed([*self.counts], self.sum)


Total = float | Observed


class Totals:
    """The sums so far, for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards what follows
        self._sums: dict[str, dict[Labels, Total]] = {metric.name: {} for metric in SUMS}

    def add(self, result: ConnectivityResult) -> None:
        """Add what a round has found."""
        with self._lock:
            for metric in SUMS:
                sums = self._sums[metric.name]
                for labels, value in metric.samples(result):
                    _add(metric, sums, labels, value)

    def keep(self, regions: Collection[str]) -> None:
        """Forget all regions but these."""
        with self._lock:
            for metric in SUMS:
                if "region" in metric.labels:
                    at = metric.labels.index("region")
                    sums = self._sums[metric.name]
                    self._sums[metric.name] = {labels: sums[labels] for labels in sums if labels[at] in regions}

    def read(self) -> Iterator[tuple[Metric[ConnectivityResult], dict[Labels, Total]]]:
        """Return each metric with its sums, all of one moment."""
        with self._lock:
            copied = {
                name: {key: total.copy() if isinstance(total, Observed) else total for key, total in sums.items()}
                for name, sums in self._sums.items()
            }
        return ((metric, copied[metric.name]) for metric in SUMS)


def _add(metric: Metric[ConnectivityResult], sums: dict[Labels, Total], labels: Labels, value: float) -> None:
    if metric.kind is Kind.HISTOGRAM:
        observed = sums.setdefault(labels, Observed([0] * (len(metric.buckets) + 1)))
        assert isinstance(observed, Observed)  # noqa: S101 - for the types alone: histograms have nothing else
        observed.add(value, metric.buckets)
    else:
        before = sums.get(labels, 0.0)
        assert isinstance(before, float)  # noqa: S101 - for the types alone: counters have nothing else
        sums[labels] = before + value
