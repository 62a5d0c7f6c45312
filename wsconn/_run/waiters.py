"""Threads that wait for a test to get on, and how they are woken, without a lock that they share.

A `threading.Condition` would do, but for Ctrl-C: where that strikes the main thread between taking the condition's lock
and entering the `with` block, the lock is held for good, and whoever wakes the others never gets it. So each waits in a
queue of its own. `SimpleQueue.put` and the methods of a list are atomic.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from queue import Empty, SimpleQueue


class Waiters:
    """Those who wait for something to happen."""

    def __init__(self) -> None:
        self._queues: list[SimpleQueue[None]] = []

    @contextlib.contextmanager
    def joined(self) -> Iterator[Waiter]:
        """Be one of them while in the block: whoever wakes them from now on wakes this one, even before it waits."""
        queue: SimpleQueue[None] = SimpleQueue()
        self._queues.append(queue)
        try:
            yield Waiter(queue)
        finally:
            self._queues.remove(queue)

    def wake(self) -> None:
        """Wake all who have joined."""
        for queue in self._queues.copy():
            queue.put(None)


class Waiter:
    """One who waits."""

    def __init__(self, queue: SimpleQueue[None]) -> None:
        self._queue = queue

    def wait(self, seconds: float | None) -> None:
        """Return when woken, or after so many seconds."""
        with contextlib.suppress(Empty):
            self._queue.get(timeout=seconds)
