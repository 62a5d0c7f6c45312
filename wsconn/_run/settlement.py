"""How the regions of one test settle, and how the test ends: data alone, without threads, sockets or locks.

`abort()` settles regions, perhaps from a signal handler, in the midst of anything that the main thread does. So each
entry here is made by one `dict.setdefault`, which never waits and which the first caller wins; `state` says what that
rests on. Every method may run twice, and on several threads at once. One that is interrupted halfway is completed by
the next caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from wsconn._deadline import now
from wsconn._diagnosis.recorder import Recorder
from wsconn._outcome import RegionOutcome, Status
from wsconn._regions import Region
from wsconn._result import ConnectivityResult, Verdict
from wsconn._run.state import Event, RegionState, State

_EVENTS = {Status.PASSED: Event.PASS, Status.FAILED: Event.FAIL, Status.ABORTED: Event.ABORT}


class Settlement:
    """Where each region stands, which have settled, and the result. Outcomes are only ever added."""

    def __init__(self, regions: Sequence[Region]) -> None:
        self._started_at = datetime.now(UTC)
        self._began = now()
        self.states: dict[str, RegionState[RegionOutcome]] = {region.name: RegionState() for region in regions}
        self.recorders = {region.name: _recorder(region) for region in regions}
        self._settled: dict[str, RegionOutcome] = {}  # in the order of settling
        self._ended: dict[None, ConnectivityResult] = {}  # empty, or the one result that all callers get

    def begin(self, name: str) -> bool:
        """Say that a worker begins a region; returns whether it may."""
        return self.states[name].process_event(Event.BEGIN)

    def settle(self, name: str, outcome: RegionOutcome) -> None:
        """Settle a region, unless it has settled already; the last one makes the result."""
        state = self.states[name]
        state.process_event(_EVENTS[outcome.status], outcome)
        if state.outcome is not None:
            self._settled.setdefault(name, state.outcome)
        if len(self._settled) == len(self.states):
            self._end()

    def abort_rest(self) -> None:
        """Settle as aborted each region that has not settled, and make the result."""
        for name, state in self.states.items():
            if name not in self._settled:
                self.settle(name, state.outcome or self.recorders[name].aborted())
        self._end()

    def _end(self) -> None:
        if not self._ended:
            duration = now() - self._began
            result = ConnectivityResult(outcomes=self.outcomes, started_at=self._started_at, duration=duration)
            self._ended.setdefault(None, result)

    @property
    def result(self) -> ConnectivityResult | None:
        """The result, once every region has settled."""
        return self._ended[None] if self._ended else None

    def aborted(self) -> bool:
        """Tell whether the test ended by an abort."""
        return self.result is not None and self.result.result is Verdict.ABORTED

    @property
    def outcomes(self) -> tuple[RegionOutcome, ...]:
        """What has settled, in the order in which the regions were given."""
        return tuple(outcome for state in self.states.values() if (outcome := state.outcome) is not None)

    def published(self) -> list[RegionOutcome]:
        """Return what users may know of, in the order of settling: the last region only when the result is there."""
        ended = bool(self._ended)
        settled = list(self._settled.copy().values())
        return settled if ended else settled[: len(self.states) - 1]

    def nth(self, number: int) -> RegionOutcome | None:
        """Return the outcome with this number in `published`, from 0, once it is there."""
        published = self.published()
        return published[number] if number < len(published) else None

    def progress(self) -> list[tuple[State, RegionOutcome]]:
        """Return where each region stands, in input order; one that is under way with what an abort would give."""
        return [(state.state, state.outcome or self.recorders[name].aborted()) for name, state in self.states.items()]


def _recorder(region: Region) -> Recorder:
    return Recorder(region.name, region.url, allow=region.allow, help_page=region.help)
