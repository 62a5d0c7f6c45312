"""What the exporter tells of itself: late rounds, probes, exports that were lost, and how its files were last read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import attrs

from wsconn.fleet._otlp.sums import LOST
from wsconn.reports._metrics import Kind, Metric, Sample


@attrs.frozen(kw_only=True)
class Counts:
    """The numbers at one moment."""

    late: int = 0
    unstarted: int = 0
    probes: int = 0
    refused: int = 0
    in_flight: int = 0
    exports_lost: int = 0
    interval: float = 0.0
    reloaded: bool = True
    loaded_at: float = 0.0


class Counted:
    """The numbers as they change, for several threads."""

    def __init__(self, interval: float) -> None:
        self._lock = threading.Lock()  # guards what follows
        self._counts = Counts(interval=interval)

    def add(self, name: str, by: int = 1) -> None:
        """Count something."""
        with self._lock:
            self._counts = attrs.evolve(self._counts, **{name: getattr(self._counts, name) + by})

    def enter(self, most: int) -> bool:
        """Count a probe as in flight, unless `most` are."""
        with self._lock:
            counts = self._counts
            is_free = counts.in_flight < most
            self._counts = (
                attrs.evolve(counts, probes=counts.probes + 1, in_flight=counts.in_flight + 1)
                if is_free
                else attrs.evolve(counts, refused=counts.refused + 1)
            )
            return is_free

    def now(self) -> Counts:
        """Return all of one moment."""
        return self._counts


def _one(value: Callable[[Counts], float]) -> Callable[[Counts], Iterable[Sample]]:
    return lambda counts: [((), value(counts))]


OWN: tuple[Metric[Counts], ...] = (
    Metric(
        name="wsconn_rounds_late",
        kind=Kind.COUNTER,
        help="How many rounds began late, since the one before took too long.",
        samples=_one(lambda counts: counts.late),
    ),
    Metric(
        name="wsconn_rounds_unstarted",
        kind=Kind.COUNTER,
        help="How many rounds this machine did not let begin; the log says why.",
        samples=_one(lambda counts: counts.unstarted),
    ),
    Metric(
        name="wsconn_round_interval_seconds",
        unit="seconds",
        help="From the beginning of a round to that of the next, on average.",
        samples=_one(lambda counts: counts.interval),
    ),
    Metric(
        name="wsconn_probes",
        kind=Kind.COUNTER,
        help="How many targets have been probed.",
        samples=_one(lambda counts: counts.probes),
    ),
    Metric(
        name="wsconn_probes_refused",
        kind=Kind.COUNTER,
        help="How many probes were refused, since too many were under way.",
        samples=_one(lambda counts: counts.refused),
    ),
    Metric(
        name="wsconn_probes_in_flight",
        help="How many probes are under way.",
        samples=_one(lambda counts: counts.in_flight),
    ),
    Metric(
        name=LOST.name,
        kind=LOST.kind,
        help=LOST.help,
        samples=_one(lambda counts: counts.exports_lost),
    ),
    Metric(
        name="wsconn_config_last_reload_successful",
        help="Whether the files were fit when they were last read: 1 or 0.",
        samples=_one(lambda counts: float(counts.reloaded)),
    ),
    Metric(
        name="wsconn_config_last_reload_success_timestamp_seconds",
        unit="seconds",
        help="When the files that are in use were read, in seconds since 1970.",
        samples=_one(lambda counts: counts.loaded_at),
    ),
)
