"""How one thread wakes another that waits for a socket.

A blocked thread cannot be woken from outside: `close()` wakes nobody, and the descriptor's number may by then be
another connection's. So nobody touches a worker's socket but the worker. Instead each wait also watches one end of a
socket pair, and a byte sent into the other end wakes it.
"""

from __future__ import annotations

import contextlib
import socket
import threading


class WakeupSocketpair:
    """Watched for reading; once woken it stays readable, for waits that are yet to begin too.

    Needs two descriptors: `OSError`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards _sender: its number must not be another's when it is written to
        self._watched, self._sender = socket.socketpair()
        self._sender.setblocking(False)

    def wake(self, _: object = None) -> None:
        """Wake every wait that watches this; after `close` this does nothing."""
        with self._lock, contextlib.suppress(OSError):  # closed: nobody waits any more; full: woken already
            self._sender.send(b"!")

    def fileno(self) -> int:
        """Return what to watch for reading."""
        return self._watched.fileno()

    def close(self) -> None:
        """Give the descriptors back."""
        with self._lock:
            self._watched.close()
            self._sender.close()

    def __enter__(self) -> WakeupSocketpair:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
