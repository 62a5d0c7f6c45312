"""Work that cannot be woken, or that should go on beside the waiting, on a daemon thread of its own.

Daemon, because the process must be able to end while a name lookup hangs in the C library (promise 3).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from wsconn._evidence import Evidence
from wsconn._exceptions import StageFailed
from wsconn._outcome import Cause

T = TypeVar("T")


def in_background(work: Callable[[], T], name: str, future: Future[T], *, or_here: bool = False) -> None:
    """Start `work` on a thread called `name`; `future` gets what it returns or raises.

    Where no thread is to be had, work that is known to end is done here and now (`or_here`); of other work the future
    gets `Cause.LOCAL_LIMIT`. CPython 3.12.0 and 3.12.1 refuse new threads once the main thread has ended; the regions
    that are still under way then must not fail for that, so that all work is done here.
    """

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - whoever waits for the future is told, whatever it was
            future.set_exception(error)
        else:
            future.set_result(result)

    try:
        threading.Thread(target=run, name=name, daemon=True).start()
    except RuntimeError as error:
        if or_here or "interpreter shutdown" in str(error):
            run()
        else:
            future.set_exception(StageFailed(Cause.LOCAL_LIMIT, Evidence(detail=str(error))))


class Once(Generic[T]):
    """Work that takes a moment and surely ends, done once, in the background, when somebody first asks for it.

    Where it failed, it is begun anew by the next who asks.
    """

    def __init__(self, work: Callable[[], T], name: str) -> None:
        self._work = work
        self._name = name
        self._lock = threading.Lock()  # guards _future
        self._future: Future[T] | None = None

    def begin(self) -> Future[T]:
        """Begin if nobody has, and return the future of the result."""
        with self._lock:
            begun = self._future
            if begun is not None and not (begun.done() and begun.exception()):
                return begun
            future: Future[T] = Future()
            self._future = future
        in_background(self._work, self._name, future, or_here=True)
        return future


def done(value: T) -> Future[T]:
    """Return a future that holds `value` already."""
    future: Future[T] = Future()
    future.set_result(value)
    return future
