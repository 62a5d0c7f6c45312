"""The one place where wsconn waits.

A worker thread runs its region with blocking calls from end to end. It can be bounded and aborted because of where it
blocks: never in a call on its socket, always here, in a selector that watches the socket *and* the abort, until the
region's deadline at most. Every socket is non-blocking; only when a call on it would block does the thread wait here.

Four other ways were tried and rejected. A timeout on the socket bounds each call and not the whole: a peer that sends a
byte a second never meets it. Closing the socket from another thread wakes nobody, and its number may by then belong to
another connection. Shutting it down from another thread does wake, but a socket that was wrapped in TLS is no longer
the one that was kept for that purpose. And a loop that looks at a flag every few milliseconds is either slow or busy.

A wait ends in one of three ways: something is ready, the deadline has come, or the test was aborted, which wins over
the other two. Since no wait outlives its deadline and nothing waits elsewhere, no peer can hold a region.
"""

from __future__ import annotations

import math
import select
import selectors
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from wsconn._deadline import now
from wsconn._diagnosis.evidence import StageFailed, symbol
from wsconn._io.abort import CancelScope
from wsconn._io.wakeup import WakeupSocketpair
from wsconn._outcome import Cause, Evidence

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
T = TypeVar("T")


class _Poll:
    """As much of `selectors.PollSelector` as is needed here, in a third of its time: a handshake waits three times."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._watched: dict[int, Any] = {}

    def register(self, sock: Any, event: int) -> None:  # noqa: ANN401 - whatever has a `fileno`
        number = sock.fileno()
        self._watched[number] = sock
        self._poll.register(number, select.POLLIN if event == READ else select.POLLOUT)

    def select(self, seconds: float) -> list[Any]:
        return [self._watched[number] for number, _ in self._poll.poll(math.ceil(seconds * 1000))]


class _Select:
    """The same for Windows, which has no poll."""

    def __init__(self) -> None:
        self._selector = selectors.SelectSelector()
        self.register = self._selector.register

    def select(self, seconds: float) -> list[Any]:
        return [key.fileobj for key, _ in self._selector.select(seconds)]


# No descriptor of its own, as epoll and kqueue would need.
_Selector = _Poll if hasattr(select, "poll") else _Select


def wait(ready: Iterable[tuple[Any, int]], scope: CancelScope) -> list[Any]:
    """Wait until some of `ready` (pairs of a socket and a selector's event) are, and return those sockets.

    Returns an empty list at the deadline; raises `Aborted`.
    """
    selector = _Selector()
    selector.register(scope.abort, READ)
    for sock, event in ready:
        selector.register(sock, event)
    scope.abort.waits[scope] = began = now()
    try:
        found = selector.select(scope.remaining())
        while not found and (left := scope.remaining()):  # the process stood still: one more look
            found = selector.select(left)
    finally:
        scope.abort.waits.pop(scope, None)
    if found:
        scope.found(began)
    scope.raise_if_aborted()
    return found


def wait_for(futures: Iterable[Future[Any]], scope: CancelScope) -> None:
    """Wait until one of `futures`, which other threads will set, is done, or the deadline; raises `Aborted`."""
    with wakeup() as woken:
        for future in futures:
            future.add_done_callback(woken.wake)
        wait([(woken, READ)], scope)


def wakeup() -> WakeupSocketpair:
    """Make what other threads wake a wait by."""
    try:
        return WakeupSocketpair()
    except OSError as error:
        raise StageFailed(Cause.LOCAL_LIMIT, Evidence(os_error=symbol(error), detail=error.strerror)) from error


class WorkFailed(Exception):
    """Work that was done in the background failed. Raised anew for each who waited: they share its `__cause__`."""


def result_of(future: Future[T], scope: CancelScope) -> T:
    """Return the result of `future` when it is there; `Cause.TIMEOUT` at the deadline; `Aborted`; `WorkFailed`."""
    if not future.done():
        wait_for([future], scope)
    if not future.done():
        raise StageFailed(Cause.TIMEOUT)
    if error := future.exception():
        raise WorkFailed(f"{type(error).__name__}: {error}") from error
    return future.result()
