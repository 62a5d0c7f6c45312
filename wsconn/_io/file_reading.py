"""Reads files that may hang, as those on a drive of the network do, each on a daemon thread that can be left behind.

Who wants a file that is being read waits for the same reading: one that hangs costs one thread, however often it is
asked for.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future

from wsconn._io.background import in_background


class Readings:
    """The readings that are under way."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: a forked child has none of the threads, and maybe a lock that stays held."""
        self._lock = threading.Lock()  # guards _under_way
        self._under_way: dict[str, Future[bytes]] = {}

    def start(self, path: str, limit: int) -> Future[bytes]:
        """Begin to read `limit` bytes of a file, or join those who wait for it already; `OSError`."""
        with self._lock:
            if path in self._under_way:
                return self._under_way[path]
            future: Future[bytes] = Future()
            self._under_way[path] = future
        future.add_done_callback(lambda _: self._end(path))
        in_background(lambda: _first_bytes(path, limit), "wsconn-file", future)
        return future

    def _end(self, path: str) -> None:
        with self._lock:
            self._under_way.pop(path, None)


def _first_bytes(path: str, limit: int) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - a name as it was set
        return file.read(limit)


READINGS = Readings()  # one for the process, as for names
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=READINGS.forget)
