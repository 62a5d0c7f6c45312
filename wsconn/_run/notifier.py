"""Resolves the futures of a test and runs its users' callbacks, on threads that do nothing else.

The futures have a thread of their own, so an `on_outcome` that is slow or hangs delays none of them. Where nobody has
asked for them it is woken once, at the end: awake, it competes with the workers for the interpreter. A second thread is
started only where there is an `on_outcome`. Done callbacks come last, after every future, on whichever of the two ends
last. Neither thread is a daemon: the process ends after the last callback.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from queue import SimpleQueue

from wsconn._io.threads import start_thread
from wsconn._outcome import RegionOutcome

_log = logging.getLogger("wsconn")


class Notifier:
    """Passes on each outcome as its region settles: first to the region's future, then to `on_outcome`.

    Args:
        names: of the regions.
        published: returns the outcomes that users may know of by now; each time the same as before, and perhaps more.
        on_outcome: called with each outcome, in that order.
        subject: what the log names when a callback raises.
    """

    def __init__(
        self,
        names: Iterable[str],
        published: Callable[[], Sequence[RegionOutcome]],
        on_outcome: Callable[[RegionOutcome], object] | None,
        subject: object,
    ) -> None:
        self._futures = {name: _future() for name in names}
        self.is_watched = on_outcome is not None  # by somebody who waits for each; else one `notify` at the end will do
        self._published = published
        self._on_outcome = on_outcome
        self._subject = subject
        self._news: SimpleQueue[None] = SimpleQueue()
        self._resolved: SimpleQueue[RegionOutcome] = SimpleQueue()  # what on_outcome has not been called with yet
        self._done_callbacks: list[Callable[[], object]] | None = []  # `None` once they are run
        self._done_callbacks_lock = threading.Lock()  # guards _done_callbacks
        self._threads = [threading.Thread(target=self._resolve_futures, name="wsconn-futures", daemon=False)]
        if on_outcome is not None:
            self._threads.append(threading.Thread(target=self._call_on_outcome, name="wsconn-notifier", daemon=False))

    @property
    def futures(self) -> Mapping[str, Future[RegionOutcome]]:
        """A future for each region, by name. From the first look on they are resolved as regions settle."""
        self.is_watched = True
        self.notify()  # of what has been published without
        return self._futures

    def start(self) -> None:
        """Start the threads; `RuntimeError` where there are none to be had."""
        for thread in self._threads:
            start_thread(thread)

    def run_here(self) -> None:
        """Do the work of threads that could not be started on this one; every region must have settled."""
        for thread in self._threads:
            if thread.ident is None:
                thread.run()

    def notify(self) -> None:
        """Say that more may have been published. Takes no lock, and may be called from a signal handler."""
        self._news.put(None)

    def add_done_callback(self, callback: Callable[[], object]) -> bool:
        """Have `callback` called after everything else, unless it is too late for that: then return false."""
        with self._done_callbacks_lock:
            if self._done_callbacks is None:
                return False
            self._done_callbacks.append(callback)
            return True

    def _resolve_futures(self) -> None:
        resolved = 0
        while resolved < len(self._futures):
            self._news.get()
            for outcome in self._published()[resolved:]:
                self._call(self._futures[outcome.region].set_result, outcome)
                self._resolved.put(outcome)
                resolved += 1
        if self._on_outcome is None:
            self._run_done_callbacks()

    def _call_on_outcome(self) -> None:
        assert self._on_outcome is not None  # noqa: S101 - for the types alone: without one there is no such thread
        for _ in self._futures:
            self._call(self._on_outcome, self._resolved.get())
        self._run_done_callbacks()

    def _run_done_callbacks(self) -> None:
        with self._done_callbacks_lock:
            callbacks, self._done_callbacks = self._done_callbacks or [], None
        for callback in callbacks:
            self._call(callback)

    def _call(self, fn: Callable[..., object], *args: object) -> None:
        try:
            fn(*args)
        except BaseException:  # noqa: BLE001 - a user's callback stops nothing, not even by SystemExit
            log_fault("a callback of %r raised", self._subject)


def log_fault(message: str, subject: object) -> None:
    """Log the exception being handled; what a program's own log handlers raise must not stop a test."""
    with contextlib.suppress(Exception):
        _log.exception(message, subject)


def _future() -> Future[RegionOutcome]:
    """Make a future that is running, so that nobody can cancel it."""
    future: Future[RegionOutcome] = Future()
    future.set_running_or_notify_cancel()
    return future
