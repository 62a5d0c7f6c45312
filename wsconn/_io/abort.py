"""The wake-up that every wait of a test watches beside its own socket.

A blocked thread cannot be woken from outside: `close()` wakes nobody, and the descriptor's number may by then be
another connection's. So nobody touches a worker's socket but the worker. Instead each wait also watches one end of a
socket pair; a byte is sent once and never read, so that the end stays readable and wakes every wait, now and later.
"""

from __future__ import annotations

import socket


class Abort:
    """Set once, by the thread that owns the test; watched by all of its workers. Needs two descriptors (`OSError`)."""

    def __init__(self) -> None:
        self._watched, self._rung = socket.socketpair()
        self._rung.setblocking(False)
        self._set = False

    def set(self) -> None:
        """Wake every wait of the test, those that are yet to begin too."""
        if not self._set:
            self._set = True
            self._rung.send(b"!")  # one byte into an empty buffer: cannot wait

    def is_set(self) -> bool:
        """Tell whether the test is being aborted."""
        return self._set

    def fileno(self) -> int:
        """Return what to watch for reading."""
        return self._watched.fileno()

    def close(self) -> None:
        """Give the descriptors back; the workers must have ended."""
        self._watched.close()
        self._rung.close()


class Aborted(Exception):
    """The test was aborted while this region waited. No `OSError`, so that websocket-client lets it through."""
