"""Makes the experiments of a run, as the engine tests regions: in threads, each with its deadline, under one abort."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wsconn._deadline import now
from wsconn._debug.records import Experiment
from wsconn._debug.trial import Needless, Planned
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import CancelScope
from wsconn._outcome import RegionOutcome
from wsconn._probe.probe import Probe
from wsconn._regions import Region
from wsconn._run.handle import ConnectivityTest

MOST_WORKERS = 32
_NOWHERE = "ws://wsconn.invalid/"  # the engine's region has to have a URL; each experiment has its own


class _Laboratory:
    """What the engine takes for a probe: its regions are experiments, by number."""

    def __init__(
        self, planned: Sequence[Planned], probe: Probe, started: float, tell: Callable[[Experiment], object]
    ) -> None:
        self._planned = planned
        self._probe = probe
        self._started = started
        self._tell = tell

    def __call__(self, region: Region, scope: CancelScope, recorder: Recorder) -> RegionOutcome:
        """Make the experiment with this number, and tell how it ended. Raises `Aborted`."""
        if not scope.remaining():
            return recorder.too_late()
        one, began = self._planned[int(region.name)], now()
        try:
            outcome, finding = one.make(scope, recorder)
        except Needless:
            return recorder.passed()  # of which nobody is told
        scope.raise_if_aborted()
        self._tell(one.experiment(outcome, finding, began - self._started))
        return outcome

    def join(self) -> None:
        """Wait for what was loaded in the background."""
        self._probe.join()


def experiment_with(
    planned: Sequence[Planned],
    probe: Probe,
    *,
    timeout: float,
    total_timeout: float,
    started: float,
    tell: Callable[[Experiment], object],
) -> ConnectivityTest:
    """Begin to make the experiments, and return the handle on them.

    Args:
        planned: one at least.
        probe: the check's.
        timeout: seconds for each.
        total_timeout: seconds for all.
        started: when the run began, on the engine's clock.
        tell: called with each as it ends, on the thread that made it.
    """
    regions = [Region(str(number), _NOWHERE) for number in range(len(planned))]
    laboratory = _Laboratory(planned, probe, started, tell)
    return ConnectivityTest(regions, laboratory, timeout=timeout, total_timeout=total_timeout, max_workers=MOST_WORKERS)
