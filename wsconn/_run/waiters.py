"""Threads that wait for a test to get on, and how they are woken, without a lock that they share.

A `threading.Condition` would do, but for Ctrl-C: where that strikes the main thread between taking the condition's lock
and entering the `with` block, the lock is held for good, and the thread that is to wake the others waits for ever. So
each thread waits in a queue of its own. What that rests on:

- `SimpleQueue.put` never blocks and is reentrant, so a signal handler may interrupt one `put` with another (Python
  documentation, `queue.SimpleQueue.put`). It is written in C and, without the GIL, holds the queue's own lock
  (CPython, `Modules/_queuemodule.c`).
- `list.append` and `list.copy` are atomic: with the GIL each is one call into C, and without it each holds the list's
  own lock (Python documentation, "Thread Safety Guarantees"; PEP 703, "Container Thread-Safety").
- `list.remove` is as safe only while comparing two elements runs no Python code (same page). Queues are compared by
  identity, in C.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import TypeVar

from wsconn._deadline import Deadline

SLICE_SECONDS = 0.02  # the main thread wakes this often: only it runs signal handlers, and a lock may hold them back

T = TypeVar("T")


class Waiters:
    """The threads that wait for one kind of event."""

    def __init__(self) -> None:
        self._queues: list[SimpleQueue[None]] = []

    @contextlib.contextmanager
    def joined(self) -> Iterator[Waiter]:
        """Join them for the block. Every `wake` from now on wakes this one too, even before it waits."""
        queue: SimpleQueue[None] = SimpleQueue()
        self._queues.append(queue)
        try:
            yield Waiter(queue)
        finally:
            self._queues.remove(queue)

    def wake(self) -> None:
        """Wake all that have joined."""
        for queue in self._queues.copy():
            queue.put(None)


class Waiter:
    """One thread that waits."""

    def __init__(self, queue: SimpleQueue[None]) -> None:
        self._queue = queue

    def wait(self, seconds: float | None) -> None:
        """Return when woken, or after this many seconds."""
        with contextlib.suppress(Empty):
            self._queue.get(timeout=seconds)


def wait_until(
    look: Callable[[], T | None], waiters: Waiters, timeout: float | None, deadline: Deadline | None = None
) -> T:
    """Wait among `waiters` until `look` finds something, and return that; `TimeoutError` after `timeout` seconds.

    `deadline` is when `timeout` is over, if that began before now.
    """
    if deadline is None and timeout is not None:
        deadline = Deadline.after(timeout)
    longest = SLICE_SECONDS if threading.current_thread() is threading.main_thread() else None
    with waiters.joined() as waiter:
        while (found := look()) is None:
            left = None if deadline is None else deadline.remaining()
            if left == 0:
                raise TimeoutError(f"the test is not done after {timeout} s")
            waiter.wait(min((t for t in (left, longest) if t is not None), default=None))
        return found
