"""Work that cannot be woken, or that should go on beside the waiting, on a daemon thread of its own.

A daemon, because the process must be able to end while a name lookup hangs in the C library. Work that normally takes a
moment is waited for all the same, a second at most, when its test ends and when the process does: a thread that loads
root certificates while the process exits crashes it, since OpenSSL then frees what the thread still uses. That was seen
in 20 of 30 runs of `wsconn check a=wss://127.0.0.1:9/`.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from wsconn._diagnosis.evidence import StageFailed, is_shutdown
from wsconn._io.threads import start_thread
from wsconn._outcome import Cause, Evidence

_PATIENCE_SECONDS = 1.0  # root certificates take some 50 ms; they may lie on a file system that hangs
_SOON_SECONDS = 0.005  # many times what a port on this machine takes to refuse
# What the process waits for when it ends. `add`, `discard` and `list` are one call into C each, since threads are
# compared by identity; without the GIL each holds the set's lock (CPython, `Objects/setobject.c`, `listobject.c`).
_loading: set[threading.Thread] = set()

T = TypeVar("T")


def in_background(
    work: Callable[[], T], name: str, future: Future[T], *, or_here: bool = False
) -> threading.Thread | None:
    """Start `work` on a thread called `name`, which is returned; `future` gets what it returns or raises.

    Where no thread can be started, work that takes a moment is done on this one (`or_here`); for other work the future
    gets `Cause.LOCAL_LIMIT`. CPython 3.12.0 and 3.12.1 refuse new threads once the main thread has ended. Regions that
    are still under way must not fail because of that, so all work is done on this thread then.
    """

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the future is read
            future.set_exception(error)
        else:
            future.set_result(result)

    thread = threading.Thread(target=run, name=name, daemon=True)
    try:
        start_thread(thread)
    except RuntimeError as error:
        if or_here or is_shutdown(error):
            run()
        else:
            future.set_exception(StageFailed(Cause.LOCAL_LIMIT, Evidence(detail=str(error))))
        return None
    return thread


class Lazy(Generic[T]):
    """Work that mostly takes a moment, done once, in the background, when somebody first asks for it.

    It begins a few milliseconds later, or as soon as somebody waits for it: where all regions are refused at once, it
    is not done at all. Where it failed, it is begun anew by the next who asks.
    """

    def __init__(self, work: Callable[[], T], name: str) -> None:
        self._work = work
        self._name = name
        self._lock = threading.Lock()  # guards _future
        self._future: Future[T] | None = None
        self._thread: threading.Thread | None = None
        self._hurry: SimpleQueue[None] = SimpleQueue()  # anything in it means: now, and not soon
        self._is_awaited = False
        self._is_needed = True

    @classmethod
    def done(cls, value: T) -> Lazy[T]:
        """Return work that has been done already, with this result."""
        once = cls(lambda: value, "")
        once._future = done(value)
        return once

    def begin(self) -> Future[T]:
        """Begin soon if nobody has, and return the future of the result."""
        with self._lock:
            begun = self._future
            if begun is not None and not (begun.done() and begun.exception()):
                return begun
            future: Future[T] = Future()
            self._future = future
            self._is_awaited, self._is_needed = False, True  # a test that ended may have needed it no more
            self._hurry = SimpleQueue()
        self._thread = thread = in_background(self._work_when_due, self._name, future, or_here=True)
        if thread is not None:
            _loading.add(thread)
            future.add_done_callback(lambda _: _loading.discard(thread))
        return future

    def hurry(self) -> None:
        """Begin now what was to begin soon: somebody waits."""
        self._is_awaited = True
        self._hurry.put(None)

    def join(self) -> None:
        """Wait for its thread to end, where there is one, a second at most. Nobody may begin it meanwhile."""
        self._is_needed = self._is_awaited
        self._hurry.put(None)
        if self._thread is not None:
            self._thread.join(_PATIENCE_SECONDS)

    def _work_when_due(self) -> T:
        with contextlib.suppress(Empty):
            self._hurry.get(timeout=_SOON_SECONDS)
        if not self._is_needed:
            raise NotNeededError
        return self._work()


class NotNeededError(Exception):
    """The test was over before the work was to begin."""


@atexit.register
def _join_all() -> None:
    """Let what is being loaded end before OpenSSL does, even when Ctrl-C has cut a wait for threads short."""
    for thread in list(_loading):
        thread.join(_PATIENCE_SECONDS)


def done(value: T) -> Future[T]:
    """Return a future that holds `value` already."""
    future: Future[T] = Future()
    future.set_result(value)
    return future
