"""An open stream that waits for nothing, so that one thread can hold many.

The worker that opened it hands it over. From then on whoever holds it waits for all of them at once (`waiting.wait`)
and calls on each that is ready; where a call would have to wait, it raises `NothingYet` and can be made again.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TypeVar

from wsconn._io.abort import CancelScope
from wsconn._io.stream import Stream

T = TypeVar("T")


class NothingYet(Exception):
    """The peer has not sent what was asked for, or takes no more. No `OSError`: the connection stands."""


class HeldStream(Stream):
    """A stream that raises `NothingYet` where another would wait. It counts bytes as that does."""

    def __init__(self, stream: Stream, scope: CancelScope) -> None:
        """Take the connection of `stream` over, with what was read ahead and with its TLS."""
        before = vars(stream).copy()
        super().__init__(stream.detach(), scope)
        vars(self).update({**before, "_sock": self._sock, "_scope": scope})

    def fileno(self) -> int:
        """Return what to watch for reading."""
        return self._sock.fileno()

    def ended_by_tls(self) -> bool | None:
        """Tell of an ended connection whether TLS said so (`close_notify`, RFC 8446, section 6.1); `None` without TLS.

        Only who ends the TLS can say it. A device that merely passes the bytes on can end TCP, and no more.
        """
        if self._tls is None:
            return None
        try:
            return not self._tls.ends.read(1)  # which raises SSLEOFError where TCP alone has ended
        except ssl.SSLError:
            return False

    def _send(self, left: memoryview) -> None:
        """Send what goes at once. What is sent here is small: a peer whose buffers are full takes nothing any more."""
        try:
            super()._send(left)
        except NothingYet:
            self._send_failed = BlockingIOError()

    def _call(self, operation: Callable[..., T], event: int, *args: object) -> T:
        try:
            return operation(*args)
        except BlockingIOError as error:
            raise NothingYet from error
