"""The threads behind a test: how they are started, how regions settle, and what happens at the end or at an abort.

A worker (`workers`: up to `max_workers` of them) runs the probe and settles its region. The *supervisor* starts the
workers, then waits for the end or an abort: it wakes the threads that wait for the result, then the workers, waits for
these to end, and closes the descriptors. The notifier (`notifier`) resolves futures and runs callbacks. None of these
threads is a daemon: the process ends after the last callback.

An abort may come from a signal handler, in the midst of anything that the main thread does. So `abort()` takes no lock:
it puts a message for the supervisor into a `SimpleQueue`, whose `put` is reentrant, and settles the regions
(`settlement`). The supervisor then repeats each step, so that an abort which was itself interrupted is completed. What
needs locks is left to other threads: the notifier resolves futures, and the supervisor wakes those that wait. It wakes
them before the workers: two hundred of these, woken at once, would compete for the interpreter with the one thread that
wants the result.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Protocol

from wsconn._deadline import Deadline
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import Abort, Aborted, CancelScope
from wsconn._io.threads import start_thread
from wsconn._outcome import RegionOutcome
from wsconn._regions import Region
from wsconn._run.notifier import Notifier, log_fault
from wsconn._run.settlement import Settlement
from wsconn._run.waiters import Waiters
from wsconn._run.workers import Workers, useful

HEAD_START_SECONDS = 0.005  # of the threads that wait for an aborted test's result over the workers
MOST_WORKERS = 128
# These start no thread once the program's main thread has ended, when the supervisor may still be starting workers.
_NO_THREADS_AT_EXIT = sys.version_info[:3] in ((3, 12, 0), (3, 12, 1))


class Probe(Protocol):
    """Tests a region."""

    def __call__(self, region: Region, scope: CancelScope, recorder: Recorder, /) -> RegionOutcome:
        """Return the region's outcome; raises `Aborted` once the test is aborted."""

    def join(self) -> object:
        """Wait for work that was begun in the background, after all regions have settled."""


class Supervisor:
    """Runs the test of `regions`: outcomes go into `settlement`, and `notifier` is woken for them."""

    def __init__(
        self,
        regions: Sequence[Region],
        probe: Probe,
        settlement: Settlement,
        notifier: Notifier,
        *,
        timeout: float,
        total_timeout: float | None,
        max_workers: int | None,
    ) -> None:
        self._probe = probe
        self._settlement = settlement
        self._notifier = notifier
        self._timeout = timeout
        self._total = None if total_timeout is None else Deadline.after(total_timeout)
        self._process = os.getpid()
        self._inbox: SimpleQueue[None] = SimpleQueue()  # anything in it means: the end, or an abort
        self._abort: Abort | None = None
        self._thread = threading.Thread(target=self._supervise, name="wsconn-supervisor", daemon=False)
        most = min(len(regions), max_workers or MOST_WORKERS)
        self._workers = Workers(self._work, regions, most, useful=useful(with_tls=any(map(_speaks_tls, regions))))
        self.changed = Waiters()  # woken when more has been published
        self.ended = Waiters()  # woken when the result is there

    def start(self) -> None:
        """Start the threads. Without threads or descriptors to begin with, every region has failed."""
        try:
            self._start_threads()
        except BaseException:  # Ctrl-C: the caller gets no handle to abort, and the supervisor may or may not run
            self.abort()
            raise

    def abort(self) -> None:
        """Abort the test. Never waits for a lock, and does nothing once every region has settled."""
        if self._settlement.result is None:
            self._inbox.put(None)  # first: should a second Ctrl-C interrupt this, the supervisor does the rest
            self._settlement.abort_rest()
            self._notifier.notify()

    def is_here(self) -> bool:
        """Tell whether the threads are in this process: a fork has none of them."""
        return os.getpid() == self._process

    def join(self) -> None:
        """Wait for the supervisor to end, and with it the workers."""
        if self.is_here() and self._thread.ident is not None:
            self._thread.join()

    def _start_threads(self) -> None:
        try:
            self._notifier.start()
            self._abort = Abort()
            start_thread(self._thread)
            if _NO_THREADS_AT_EXIT:
                for _ in self._workers.start(self._abort.waits_over):
                    pass
        except (OSError, RuntimeError) as error:
            self._fail_all(error)
            if self._abort is not None and self._thread.ident is None:
                self._abort.close()
            self._notifier.run_here()  # better on this thread than never

    def _supervise(self) -> None:
        assert self._abort is not None  # noqa: S101 - for the types alone: made before this thread was started
        if not self._start_workers():
            self._inbox.get()
        self._settlement.abort_rest()
        self._publish()
        if self._settlement.aborted():
            time.sleep(HEAD_START_SECONDS)
            self._abort.set()
        self._workers.join()
        self._probe.join()
        self._abort.close()

    def _start_workers(self) -> bool:
        """Start them, and tell whether the end or an abort came before all had been started."""
        assert self._abort is not None  # noqa: S101 - as above
        if _NO_THREADS_AT_EXIT:
            return False
        try:
            for pause in self._workers.start(self._abort.waits_over):
                with contextlib.suppress(Empty):
                    self._inbox.get(timeout=pause)
                    return True
        except RuntimeError as error:  # not even one thread could be started
            self._fail_all(error)
        return False

    def _work(self, region: Region) -> None:
        """Test one region, on a worker."""
        assert self._abort is not None  # noqa: S101 - for the types alone: made before any worker was started
        if not self._settlement.begin(region.name):
            return
        recorder = self._settlement.recorders[region.name]
        recorder.begin()
        try:
            outcome = self._probe(region, CancelScope(self._deadline(), self._abort), recorder)
        except Aborted:
            return  # abort() settled this region before its worker was woken
        except BaseException as error:  # noqa: BLE001 - our own fault must not lose the region
            log_fault("wsconn failed on region %r", region.name)
            outcome = recorder.broken(error)
        self._settlement.settle(region.name, outcome)
        self._publish()

    def _deadline(self) -> Deadline:
        """Return the deadline of a region that begins now."""
        own = Deadline.after(self._timeout)
        return own if self._total is None else min(own, self._total, key=lambda deadline: deadline.at)

    def _fail_all(self, error: Exception) -> None:
        for name, recorder in self._settlement.recorders.items():
            self._settlement.settle(name, recorder.not_begun(error))
        self._publish()

    def _publish(self) -> None:
        """Wake all that wait for more to be published; at the end, also those that wait for the result."""
        ended = self._settlement.result is not None
        if ended or self._notifier.is_watched:
            self._notifier.notify()
        if ended:
            self._inbox.put(None)
            self.ended.wake()
        self.changed.wake()


def _speaks_tls(region: Region) -> bool:
    return region.url is None or region.url[:3].lower() == "wss"  # `None`: it is discovered
