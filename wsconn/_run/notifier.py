"""Tells what became of a test's regions: to their futures, and to the callbacks of whoever asked to be called.

That is done on a thread of its own, so a slow callback delays nobody but later ones. The thread is no daemon: the
process ends when all has been told.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue

from wsconn._outcome import RegionOutcome

_log = logging.getLogger("wsconn")


class Notifier:
    """Tells the outcomes of the regions with these `names`, each as it settles: first its future, then `on_outcome`.

    `so_far` returns what may be told by now: each time the same as before, or that and more. `subject` is named where a
    callback's fault is logged.
    """

    def __init__(
        self,
        names: Iterable[str],
        so_far: Callable[[], Sequence[RegionOutcome]],
        on_outcome: Callable[[RegionOutcome], object] | None,
        subject: object,
    ) -> None:
        self.futures = {name: _future() for name in names}
        self._so_far = so_far
        self._on_outcome = on_outcome
        self._subject = subject
        self._news: SimpleQueue[None] = SimpleQueue()
        self._at_the_end: list[Callable[[], object]] | None = []  # `None` once they are called
        self._at_the_end_lock = threading.Lock()  # guards _at_the_end
        self._thread = threading.Thread(target=self.tell, name="wsconn-notifier", daemon=False)

    def start(self) -> None:
        """Begin to tell; `RuntimeError` where no thread is to be had."""
        self._thread.start()

    def started(self) -> bool:
        """Tell whether there is a thread that tells."""
        return self._thread.ident is not None

    def notify(self) -> None:
        """Say that there may be more to tell. Takes no lock, and may be called from a signal handler."""
        self._news.put(None)

    def call_at_the_end(self, callback: Callable[[], object]) -> bool:
        """Have `callback` called when all has been told; returns whether it was not too late for that."""
        with self._at_the_end_lock:
            if self._at_the_end is None:
                return False
            self._at_the_end.append(callback)
            return True

    def tell(self) -> None:
        """Tell all, on the thread that calls this: the notifier's own, or another where that could not be started."""
        told = 0
        while told < len(self.futures):
            self._news.get()
            for outcome in self._so_far()[told:]:
                self._call(self.futures[outcome.region].set_result, outcome)
                if self._on_outcome is not None:
                    self._call(self._on_outcome, outcome)
                told += 1
        with self._at_the_end_lock:
            callbacks, self._at_the_end = self._at_the_end or [], None
        for callback in callbacks:
            self._call(callback)

    def _call(self, fn: Callable[..., object], *args: object) -> None:
        try:
            fn(*args)
        except BaseException:  # noqa: BLE001 - a user's callback stops nothing, not even by SystemExit
            log_fault("a callback of %r raised", self._subject)


def log_fault(message: str, subject: object) -> None:
    """Log the exception under way; what a program's own log handlers raise must not stop a test."""
    with contextlib.suppress(Exception):
        _log.exception(message, subject)


def _future() -> Future[RegionOutcome]:
    """Make a future of the test's own: as running ones it cannot be cancelled."""
    future: Future[RegionOutcome] = Future()
    future.set_running_or_notify_cancel()
    return future
