"""What adds up over the results of one exporter, and since when."""

from __future__ import annotations

import time

import attrs

from wsconn._result import ConnectivityResult
from wsconn.fleet._exporter.totals import Totals
from wsconn.fleet._metrics import Kind, Metric

LOST: Metric[int] = Metric(
    name="wsconn_otlp_lost",
    kind=Kind.COUNTER,
    help="How many results the OpenTelemetry collector did not take, or not whole.",
    samples=lambda lost: [((), lost)],
)


@attrs.define
class Sums:
    """The counters and histograms, `since` a moment in seconds since 1970; and how many results have been `lost`."""

    totals: Totals = attrs.field(factory=Totals)
    since: float = attrs.field(factory=time.time)
    lost: int = 0

    def add(self, result: ConnectivityResult) -> None:
        """Count a result in; regions that it no longer has are forgotten."""
        self.totals.add(result)
        self.totals.keep([outcome.region for outcome in result.outcomes])
