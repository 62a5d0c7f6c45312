"""How threads hand things to one that waits for sockets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from wsconn._io.wakeup import WakeupSocketpair

T = TypeVar("T")


class Mailbox(WakeupSocketpair, Generic[T]):
    """Watched for reading; readable while something is in it. Needs two descriptors: `OSError`."""

    def __init__(self) -> None:
        super().__init__()
        self._watched.setblocking(False)
        self._items: SimpleQueue[T] = SimpleQueue()

    def add(self, item: T) -> None:
        """Hand over `item`, from any thread."""
        self._items.put(item)
        self.wake()

    def take(self) -> Iterator[T]:
        """Take out all that is in it."""
        with contextlib.suppress(BlockingIOError):
            self._watched.recv(4096)  # before looking: what comes later wakes again
        while True:
            try:
                yield self._items.get_nowait()
            except Empty:
                return
