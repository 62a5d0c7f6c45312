"""The one room in which wsconn waits.

A worker thread runs its region with blocking calls from end to end. What makes it possible to bound and to abort that
is where it blocks: never in a call on its socket, always here, in a selector that watches the socket *and* the abort,
for no longer than the region's deadline. Every socket is non-blocking; a call on it that has nothing to do says so,
and only then does the thread come here to wait.

Four other ways were tried and rejected. A timeout on the socket bounds each call and not the whole: a peer that sends a
byte a second never meets it. Closing the socket from another thread wakes nobody, and its number may by then belong to
another connection. Shutting it down from another thread does wake, but a socket that was wrapped in TLS is no longer
the one that was kept for that purpose. And a loop that looks at a flag every few milliseconds is either slow or busy.

A wait ends in one of three ways: something is ready, the deadline has come, or the test was aborted, which wins over
the other two. Since no wait outlives its deadline and there is no other room to wait in, nothing that a peer does, or
leaves undone, can hold a region.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from wsconn._deadline import Deadline
from wsconn._diagnosis.evidence import StageFailed, symbol
from wsconn._io.abort import Abort, Aborted
from wsconn._outcome import Cause, Evidence

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
# No descriptor of its own, as epoll and kqueue would need; Windows has no poll.
_Selector: type[selectors.BaseSelector] = getattr(selectors, "PollSelector", selectors.SelectSelector)

T = TypeVar("T")


def wait(ready: Iterable[tuple[Any, int]], deadline: Deadline, abort: Abort) -> list[Any]:
    """Wait until some of `ready` (pairs of a socket and a selector's event) are, and return those sockets.

    Returns an empty list at the deadline; raises `Aborted`.
    """
    with _Selector() as selector:
        selector.register(abort, READ)
        for sock, event in ready:
            selector.register(sock, event)
        found = [key.fileobj for key, _ in selector.select(deadline.remaining())]
    if abort.is_set():
        raise Aborted
    return found


def wait_for(futures: Iterable[Future[Any]], deadline: Deadline, abort: Abort) -> None:
    """Wait until one of `futures`, which other threads will set, is done, or the deadline; raises `Aborted`."""
    with Bell() as bell:
        for future in futures:
            future.add_done_callback(bell.ring)
        wait([(bell, READ)], deadline, abort)


class WorkFailed(Exception):
    """Work that was done in the background failed. Raised anew for each who waited: they share its `__cause__`."""


def result_of(future: Future[T], deadline: Deadline, abort: Abort) -> T:
    """Return the result of `future` when it is there; `Cause.TIMEOUT` at the deadline; `Aborted`; `WorkFailed`."""
    if not future.done():
        wait_for([future], deadline, abort)
    if not future.done():
        raise StageFailed(Cause.TIMEOUT)
    if error := future.exception():
        raise WorkFailed(f"{type(error).__name__}: {error}") from error
    return future.result()


class Bell:
    """A wait's own wake-up, for what happens on other threads. It may be rung before, in and after the wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards _rung: its number must not be another's when it is written to

    def __enter__(self) -> Bell:
        try:
            self._watched, self._rung = socket.socketpair()
        except OSError as error:
            raise StageFailed(Cause.LOCAL_LIMIT, Evidence(os_error=symbol(error), detail=error.strerror)) from error
        self._rung.setblocking(False)
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._watched.close()
            self._rung.close()

    def fileno(self) -> int:
        """Return what to watch for reading."""
        return self._watched.fileno()

    def ring(self, _: object = None) -> None:
        """Wake the wait, if it is not over."""
        with self._lock, contextlib.suppress(OSError):  # closed: the wait is over; full: it has been rung
            self._rung.send(b"!")
