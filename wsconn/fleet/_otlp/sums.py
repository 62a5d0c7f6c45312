"""What adds up over the results of one exporter, and since when."""

from __future__ import annotations

import time

import attrs

from wsconn._result import ConnectivityResult
from wsconn.fleet._exporter.totals import Totals


@attrs.frozen
class Sums:
    """The counters and histograms, `since` a moment in seconds since 1970."""

    totals: Totals = attrs.field(factory=Totals)
    since: float = attrs.field(factory=time.time)

    def add(self, result: ConnectivityResult) -> None:
        """Count a result in; regions that it no longer has are forgotten."""
        self.totals.add(result)
        self.totals.keep([outcome.region for outcome in result.outcomes])
