"""The handle on a debugger's run: the check, then experiments and holds side by side, then the conclusions.

A thread of its own goes from one part to the next. The check and the experiments are tests of the engine, with all that
it promises of them; what this thread waits for is their ends. `abort()` may come from a signal handler, so it takes no
lock: it aborts what is under way and makes the report of what there is by then, and whoever makes that first is right.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from wsconn._deadline import Deadline, check_wait, now
from wsconn._debug.case import Case, cases
from wsconn._debug.choice import confirmation, plan
from wsconn._debug.conclusions import conclude, is_to_be_told
from wsconn._debug.hold_conclusions import conclude_holds
from wsconn._debug.holding import Holding
from wsconn._debug.laboratory import experiment_with
from wsconn._debug.records import PING_SECONDS, Conclusion, DebugReport, Experiment, Hold
from wsconn._debug.trial import Planned
from wsconn._io.abort import Abort, Aborted, CancelScope
from wsconn._io.threads import start_thread
from wsconn._outcome import RegionOutcome
from wsconn._probe.probe import Probe
from wsconn._regions import Region
from wsconn._result import ConnectivityResult
from wsconn._run.handle import ConnectivityTest
from wsconn._run.notifier import log_fault
from wsconn._run.waiters import Waiters, wait_until

TIMEOUTS = 3  # of a region, that a run takes without its holds
MARGIN_SECONDS = 0.25  # by which a region may be late
_AROUND_A_HOLD = 2  # timeouts: to open a connection, and to see its end

T = TypeVar("T")


class DebugTest:
    """A debugger's run that is under way, or over: what `start_debug` returns.

    Every method may be called from any thread, and `abort()` from a signal handler too.
    """

    def __init__(
        self,
        check: ConnectivityTest,
        regions: Sequence[Region],
        probe: Probe,
        *,
        timeout: float,
        all_regions: bool = False,
        hold: float | None = None,
        ping_every: float = PING_SECONDS,
    ) -> None:
        self._check = check
        self._regions = regions
        self._probe = probe
        self._timeout = timeout
        self._all_regions = all_regions
        self._hold = hold
        self._ping_every = ping_every
        self._started_at = datetime.now(UTC)
        self._started = now()
        self._process = os.getpid()
        self._cases: tuple[Case, ...] = ()
        self._made: list[Experiment] = []
        self._holding: Holding | None = None
        self._experimenting: ConnectivityTest | None = None
        self._hold_abort: Abort | None = None
        self._is_aborting = False
        self._report: dict[None, DebugReport] = {}  # empty, or the one report that all callers get
        self._changed = Waiters()
        self._callbacks: list[Callable[[], object]] | None = []  # `None` once they are run
        self._callbacks_lock = threading.Lock()  # guards _callbacks
        self._thread = threading.Thread(target=self._run, name="wsconn-debug", daemon=False)
        try:
            start_thread(self._thread)
        except RuntimeError:  # no thread for this, so the check had none either
            self.abort()
            self._run_callbacks()
        except BaseException:  # Ctrl-C: the caller gets no handle to abort
            self.abort()
            raise

    @property
    def check(self) -> ConnectivityTest:
        """The handle on the check, with which a run begins."""
        return self._check

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The experiments that have ended, in the order of their beginning."""
        report = self._report.get(None)
        return report.experiments if report else _in_order(self._made)

    def result(self, timeout: float | None = None) -> DebugReport:
        """Wait for the run to end and return its report, the same object for every caller.

        `TimeoutError` after `timeout` seconds; the run goes on. Ctrl-C while waiting aborts the run and is raised on.
        """
        check_wait(timeout)
        return self._wait_for(lambda: self._report.get(None), timeout)

    def abort(self) -> None:
        """End the run: release every socket, and make the report of what there is. Never waits for a lock.

        When this returns, `done()` and `result()` tell the end. Does nothing once the run is done.
        """
        if self.done():
            return
        self._is_aborting = True
        self._abort_parts()
        self._end(aborted=True)

    def done(self) -> bool:
        """Tell whether the report is there."""
        return bool(self._report)

    def running(self) -> bool:
        """Tell whether the run goes on."""
        return not self.done()

    def aborted(self) -> bool:
        """Tell whether the run ended by `abort()`."""
        report = self._report.get(None)
        return report is not None and report.aborted

    def as_completed(self, timeout: float | None = None) -> Iterator[Experiment]:
        """Yield each experiment as it ends. Several threads may iterate; each sees all.

        `TimeoutError` once `timeout` seconds have gone since the first was asked for.
        """
        check_wait(timeout)
        deadline = None if timeout is None else Deadline.after(timeout)
        told: set[Experiment] = set()

        def news() -> tuple[list[Experiment], bool] | None:
            report = self._report.get(None)  # asked first: what it does not hold came too late
            known = report.experiments if report else self._made.copy()
            fresh = [experiment for experiment in known if experiment not in told]
            return (fresh, report is not None) if fresh or report else None

        is_over = False
        while not is_over:
            fresh, is_over = self._wait_for(news, timeout, deadline)
            told.update(fresh)
            yield from fresh

    def add_done_callback(self, fn: Callable[[DebugTest], object]) -> None:
        """Call `fn` with this handle when the run is done; at once, in this thread, if it is done already.

        Otherwise `fn` runs on a thread of the run. What it raises is logged and stops nothing.
        """
        call = functools.partial(fn, self)
        with self._callbacks_lock:
            if self._callbacks is not None:
                self._callbacks.append(call)
                return
        self._call(call)

    def __enter__(self) -> DebugTest:
        return self

    def __exit__(self, *_: object) -> None:
        """Abort what is unfinished, and wait for the run's threads to end."""
        self.abort()
        if self._is_here() and self._thread.ident is not None:
            self._thread.join()

    def __repr__(self) -> str:
        state = "aborted" if self.aborted() else "done" if self.done() else "running"
        return f"<DebugTest {state}, {len(self.experiments)} experiments, {self._check!r}>"

    def _wait_for(self, look: Callable[[], T | None], timeout: float | None, deadline: Deadline | None = None) -> T:
        if (found := look()) is not None:
            return found
        if not self._is_here():
            raise RuntimeError("this run is of the process that forked this one; here it can only be aborted")
        try:
            return wait_until(look, self._changed, timeout, deadline)
        except KeyboardInterrupt:
            self.abort()
            raise

    def _run(self) -> None:
        """Go through the parts, on the thread of the run."""
        try:
            with self._check:
                result = self._check.result()
            if self._check.aborted():  # by itself, as `check` lets users do
                self._is_aborting = True
            if not self._is_aborting:
                self._look_into(result)
        except BaseException:  # noqa: BLE001 - our own fault must not lose what there is
            log_fault("wsconn failed in %r", self)
        self._end(aborted=self._is_aborting)
        self._run_callbacks()

    def _look_into(self, result: ConnectivityResult) -> None:
        """Make experiments, and hold connections open beside that."""
        holding = threading.Thread(target=self._hold_open, args=(result.outcomes,), name="wsconn-debug-hold")
        if self._hold is not None:
            holding.start()
        try:
            cases_ = functools.partial(cases, self._regions, result.outcomes, self._probe)
            self._cases = cases_(all_regions=self._all_regions)
            self._experiment(plan(self._cases, _controls(cases_(all_regions=True), self._cases)))
            made = self._made.copy()
            self._experiment([one for case in self._cases for one in confirmation(case, made)])
        finally:
            if self._hold is not None:
                holding.join()

    def _experiment(self, planned: Sequence[Planned]) -> None:
        """Make experiments, and return when their threads have ended."""
        left = TIMEOUTS * self._timeout - (now() - self._started) - MARGIN_SECONDS
        if not planned or left <= 0:
            return
        self._experimenting = experiment_with(
            planned,
            self._probe,
            timeout=self._timeout / 2,
            total_timeout=left,
            started=self._started,
            tell=self._tell,
        )
        with self._experimenting:
            if not self._is_aborting:  # which may have come before there was something to abort
                self._experimenting.result()

    def _hold_open(self, outcomes: Sequence[RegionOutcome]) -> None:
        """Hold connections open, on a thread of its own."""
        passed = {outcome.region for outcome in outcomes if outcome.failure is None}
        regions = [region for region in self._regions if region.name in passed]
        if self._hold is None or not regions:
            return
        try:
            with contextlib.closing(Abort()) as abort:
                self._hold_abort = abort
                if not self._is_aborting:  # as above
                    scope = CancelScope(Deadline.after(self._hold + _AROUND_A_HOLD * self._timeout), abort)
                    self._holding = holding = Holding(
                        regions,
                        self._probe,
                        scope,
                        seconds=self._hold,
                        ping_every=self._ping_every,
                        tell=lambda _: self._changed.wake(),
                    )
                    holding.run()
        except Aborted:
            pass
        except BaseException:  # noqa: BLE001 - our own fault must not lose what there is
            log_fault("wsconn failed in %r", self)
        finally:
            self._hold_abort = None

    def _is_here(self) -> bool:
        return os.getpid() == self._process

    def _tell(self, experiment: Experiment) -> None:
        self._made.append(experiment)
        self._changed.wake()

    def _abort_parts(self) -> None:
        self._check.abort()
        if self._experimenting is not None:
            self._experimenting.abort()
        if (abort := self._hold_abort) is not None and self._is_here():  # a fork shares what it wakes with
            abort.set()

    def _end(self, *, aborted: bool) -> None:
        """Make the report, unless it is there. May run twice, and on several threads at once."""
        if self.done():
            return
        result, experiments = self._check.result(0), _in_order(self._made)
        holds = self._holding.so_far() if self._holding else ()
        report = DebugReport(
            result=result,
            experiments=experiments,
            conclusions=self._conclusions(result, experiments, holds),
            holds=holds,
            started_at=self._started_at,
            duration=now() - self._started,
            aborted=aborted,
        )
        self._report.setdefault(None, report)
        self._changed.wake()

    def _conclusions(
        self, result: ConnectivityResult, experiments: tuple[Experiment, ...], holds: tuple[Hold, ...]
    ) -> tuple[Conclusion, ...]:
        try:
            concluded = (conclude(case, experiments) for case in self._cases if is_to_be_told(case, experiments))
            return *concluded, *conclude_holds(result.outcomes, holds)
        except Exception:  # noqa: BLE001 - our own fault must not keep the report from those who wait for it
            log_fault("wsconn drew no conclusions in %r", self)
            return ()

    def _run_callbacks(self) -> None:
        with self._callbacks_lock:
            callbacks, self._callbacks = self._callbacks or [], None
        for callback in callbacks:
            self._call(callback)

    def _call(self, callback: Callable[[], object]) -> None:
        try:
            callback()
        except BaseException:  # noqa: BLE001 - a user's callback stops nothing
            log_fault("a callback of %r raised", self)


def _in_order(experiments: list[Experiment]) -> tuple[Experiment, ...]:
    return tuple(sorted(experiments.copy(), key=lambda experiment: experiment.began))


def _controls(every: Sequence[Case], looked_into: Sequence[Case]) -> list[Case]:
    """Return a region that passed, to compare with, unless all are looked into anyway."""
    if any(case.passed for case in looked_into) or not looked_into:
        return []
    return [case for case in every if case.passed][:1]
