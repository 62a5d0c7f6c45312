"""The handle on a test that is under way.

Threads. A worker (`workers`: up to `max_workers` of them) runs the probe and settles its region. The *supervisor*
starts them and waits for the end or for an abort: it wakes those who wait for the result, then the workers, then sees
these end and gives the descriptors back. The notifier (`notifier`) resolves the futures and runs the users' callbacks.
None of them is a daemon: the process ends when the last outcome has been told.

An abort may come from a signal handler, in the midst of anything that the main thread does. So `abort()` takes no lock:
it leaves a word for the supervisor in a `SimpleQueue`, whose `put` is reentrant, and settles the regions, each by one
atomic claim (`state`). Every step may be done twice and by two threads at once; what is interrupted half-way, the
supervisor does. What needs locks, resolving futures, is done by the notifier, and the supervisor wakes those who wait.
Waiters come before workers: two hundred of these, woken at once, would keep the interpreter from the one thread that
wants the result.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from types import MappingProxyType

from wsconn._deadline import Deadline, now
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import Abort, Aborted, CancelScope
from wsconn._outcome import RegionOutcome, Status
from wsconn._regions import Region
from wsconn._result import ConnectivityResult, Verdict
from wsconn._run.notifier import Notifier, log_fault
from wsconn._run.state import Event, RegionState, State
from wsconn._run.waiters import Waiters
from wsconn._run.workers import Workers

SLICE_SECONDS = 0.02  # the main thread wakes this often: only it runs signal handlers, and a lock may hold them back
HEAD_START_SECONDS = 0.005  # of those who wait for an aborted test's result over the workers
MOST_WORKERS = 128
# These start no thread once the program's main thread has ended, when the supervisor may still be starting workers.
_NO_THREADS_AT_EXIT = sys.version_info[:3] in ((3, 12, 0), (3, 12, 1))

Probe = Callable[[Region, CancelScope, Recorder], RegionOutcome]


class ConnectivityTest:
    """A test that is under way, or over: what `start` returns.

    Every method may be called from any thread, and `abort()` from a signal handler too. Two handles are independent.
    Dropping a handle changes nothing: the test runs on to its deadline.
    """

    def __init__(
        self,
        regions: Sequence[Region],
        probe: Probe,
        *,
        timeout: float,
        total_timeout: float | None = None,
        max_workers: int | None = None,
        on_outcome: Callable[[RegionOutcome], object] | None = None,
        join: Callable[[], object] = lambda: None,
    ) -> None:
        """Start it. `join` waits for what `probe` has begun beside the regions, once their workers have ended."""
        self._probe = probe
        self._join = join
        self._timeout = timeout
        self._process = os.getpid()
        self._started_at = datetime.now(UTC)
        self._began = now()
        self._total = None if total_timeout is None else Deadline.after(total_timeout)
        self._states: dict[str, RegionState[RegionOutcome]] = {region.name: RegionState() for region in regions}
        self._recorders = {region.name: Recorder(region.name, region.url) for region in regions}
        self._settled: dict[str, RegionOutcome] = {}  # in the order of settling; only ever added to
        self._ended: dict[None, ConnectivityResult] = {}  # empty, or the one result that all callers get
        self._changed = Waiters()  # woken after _settled or _ended has changed
        self._over = Waiters()  # woken after _ended has changed
        self._to_supervisor: SimpleQueue[None] = SimpleQueue()
        self._abort: Abort | None = None
        self._supervisor = threading.Thread(target=self._supervise, name="wsconn-supervisor", daemon=False)
        self._notifier = Notifier(self._states, self._in_order, on_outcome, self)
        self._workers = Workers(self._work, regions, min(len(regions), max_workers or MOST_WORKERS))
        self._start()

    # --- what users call ---------------------------------------------------------------------------------------

    def result(self, timeout: float | None = None) -> ConnectivityResult:
        """Wait for the test to end and return its result, the same object for every caller.

        `TimeoutError` after `timeout` seconds; the test goes on. Ctrl-C while waiting aborts the test and is raised on.
        """
        self._wait(lambda: bool(self._ended), self._over, timeout)
        return self._ended[None]

    def abort(self) -> None:
        """Settle every unfinished region as aborted, in flight or not begun, and have every socket closed.

        When this returns, `done()`, `outcomes` and `result()` tell the end; `futures`, `as_completed` and callbacks
        follow on wsconn's threads. Does nothing once the test is done. Never waits for a lock.
        """
        if not self._ended:
            self._to_supervisor.put(None)  # first: should Ctrl-C strike once more in here, the supervisor does the rest
            self._settle_rest()

    def done(self) -> bool:
        """Tell whether every region has settled."""
        return bool(self._ended)

    def running(self) -> bool:
        """Tell whether some region has not settled yet."""
        return not self._ended

    def aborted(self) -> bool:
        """Tell whether the test ended by `abort()`."""
        return bool(self._ended) and self._ended[None].result is Verdict.ABORTED

    def add_done_callback(self, fn: Callable[[ConnectivityTest], object]) -> None:
        """Call `fn` with this handle when the test is done; at once, in this thread, if it is done already.

        Otherwise `fn` runs on a thread of the test. What it raises is logged and stops nothing.
        """
        if not self._ended and self._notifier.call_at_the_end(functools.partial(fn, self)):
            return
        try:
            fn(self)
        except Exception:  # noqa: BLE001 - as with `Future`
            log_fault("a callback of %r raised", self)

    def as_completed(self, timeout: float | None = None) -> Iterator[RegionOutcome]:
        """Yield each outcome as its region settles. Several threads may iterate; each sees all.

        `TimeoutError` once `timeout` seconds have gone since the first outcome was asked for.
        """
        deadline = None if timeout is None else Deadline.after(timeout)
        for told in range(len(self._states)):
            self._wait(lambda told=told: len(self._in_order()) > told, self._changed, timeout, deadline)  # type: ignore[misc]  # told is an int
            yield self._in_order()[told]

    @property
    def outcomes(self) -> tuple[RegionOutcome, ...]:
        """What has settled, in the order in which the regions were given."""
        return tuple(outcome for region in self._states.values() if (outcome := region.outcome) is not None)

    @property
    def futures(self) -> Mapping[str, Future[RegionOutcome]]:
        """A future for each region, by name. They are never cancelled and hold no exception."""
        return MappingProxyType(self._notifier.futures)

    def _progress(self) -> list[tuple[State, RegionOutcome]]:
        """Tell where each region stands, in input order, with what is known of it so far: for the command line."""
        return [
            (region.state, region.outcome or self._recorders[name].aborted()) for name, region in self._states.items()
        ]

    def __enter__(self) -> ConnectivityTest:
        return self

    def __exit__(self, *_: object) -> None:
        """Abort what is unfinished, and wait for the workers to end."""
        self.abort()
        if os.getpid() == self._process and self._supervisor.ident is not None:
            self._supervisor.join()

    def __repr__(self) -> str:
        state = self._ended[None].result if self._ended else "running"
        return f"<ConnectivityTest {len(self._settled)} of {len(self._states)} settled, {state}>"

    # --- settling ----------------------------------------------------------------------------------------------

    def _settle(self, name: str, event: Event, outcome: RegionOutcome) -> None:
        self._states[name].process_event(event, outcome)
        self._publish(name)

    def _publish(self, name: str) -> None:
        outcome = self._states[name].outcome
        if outcome is not None:
            self._settled.setdefault(name, outcome)
            self._notifier.notify()

    def _settle_rest(self) -> None:
        """Settle as aborted what has not settled, and make the result; `abort()` and the supervisor may both do it."""
        for name, region in self._states.items():
            if region.outcome is None:
                region.process_event(Event.ABORT, self._recorders[name].aborted())
            if name not in self._settled:
                self._publish(name)
        self._end()

    def _end(self) -> None:
        """Make the result, unless another thread does: every region has settled."""
        if not self._ended:
            duration = now() - self._began
            result = ConnectivityResult(outcomes=self.outcomes, started_at=self._started_at, duration=duration)
            self._ended.setdefault(None, result)
        self._notifier.notify()
        self._to_supervisor.put(None)

    def _in_order(self) -> list[RegionOutcome]:
        """Return what may be told, in the order of settling: the last one only when the result stands too."""
        ended = bool(self._ended)
        settled = list(self._settled.values())
        return settled if ended else settled[: len(self._states) - 1]

    # --- the worker of a region ----------------------------------------------------------------------------------

    def _work(self, region: Region) -> None:
        assert self._abort is not None  # noqa: S101 - for the types alone: there is no worker without one
        if self._states[region.name].process_event(Event.BEGIN):
            self._run(region, self._abort)

    def _run(self, region: Region, abort: Abort) -> None:
        recorder = self._recorders[region.name]
        recorder.begin()
        deadline = Deadline.after(self._timeout)
        if self._total is not None:
            deadline = min(deadline, self._total, key=lambda deadline: deadline.at)
        try:
            outcome = self._probe(region, CancelScope(deadline, abort), recorder)
        except Aborted:
            return  # abort() has settled this region, and woke its worker afterwards
        except BaseException as error:  # noqa: BLE001 - our own fault must not lose the region
            log_fault("wsconn failed on region %r", region.name)
            self._settle(region.name, Event.FAIL, recorder.broken(error))
        else:
            self._settle(region.name, Event.PASS if outcome.status is Status.PASSED else Event.FAIL, outcome)
        if len(self._settled) == len(self._states) and not self._ended:
            self._end()
        self._notify()

    # --- starting --------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        try:
            self._start_threads()
        except BaseException:  # Ctrl-C: nobody will ever hold this handle, and nobody knows whether the supervisor runs
            self.abort()
            raise

    def _start_threads(self) -> None:
        """Start notifier and supervisor. Without threads or descriptors to begin at all, every region has failed."""
        try:
            self._notifier.start()
            self._abort = Abort()
            self._supervisor.start()
            if _NO_THREADS_AT_EXIT:
                for _ in self._workers.start():
                    pass
        except (OSError, RuntimeError) as error:
            self._fail_all(error)
            if self._abort is not None and self._supervisor.ident is None:
                self._abort.close()
            if not self._notifier.started():
                self._notifier.tell()  # better on this thread than never

    def _fail_all(self, error: Exception) -> None:
        for name in self._states:
            self._settle(name, Event.FAIL, self._recorders[name].not_begun(error))
        self._end()

    # --- the supervisor ----------------------------------------------------------------------------------------------

    def _supervise(self) -> None:
        assert self._abort is not None  # noqa: S101 - for the types alone: started after it was made
        if not self._start_workers():
            self._to_supervisor.get()
        self._settle_rest()
        self._notify()
        if self.aborted():
            time.sleep(HEAD_START_SECONDS)
            self._abort.set()
        self._workers.join()
        self._join()
        self._abort.close()

    def _start_workers(self) -> bool:
        """Start them, and tell whether the end came before all had been started."""
        if _NO_THREADS_AT_EXIT:
            return False
        try:
            for pause in self._workers.start():
                with contextlib.suppress(Empty):
                    self._to_supervisor.get(timeout=pause)
                    return True
        except RuntimeError as error:  # no thread is to be had
            self._fail_all(error)
        return False

    def _notify(self) -> None:
        """Wake those who wait for outcomes and, at the end, those who wait for the result."""
        if self._ended:
            self._over.wake()
        self._changed.wake()

    # --- waiting -----------------------------------------------------------------------------------------------------

    def _wait(
        self, happened: Callable[[], bool], waiters: Waiters, timeout: float | None, deadline: Deadline | None = None
    ) -> None:
        """Wait for `timeout` seconds at most, from now or up to the `deadline` that this made when it began."""
        if happened():
            return
        if os.getpid() != self._process:
            raise RuntimeError("this test runs in the process that forked this one; here it can only be aborted")
        if deadline is None and timeout is not None:
            deadline = Deadline.after(timeout)
        longest = SLICE_SECONDS if threading.current_thread() is threading.main_thread() else None
        try:
            with waiters.joined() as waiter:
                while not happened():
                    left = None if deadline is None else deadline.remaining()
                    if left == 0:
                        raise TimeoutError(f"the test is not done after {timeout} s")
                    waiter.wait(min((t for t in (left, longest) if t is not None), default=None))
        except KeyboardInterrupt:
            self.abort()
            raise
