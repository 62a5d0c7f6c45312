"""A connected socket that keeps the promises: each of its waits ends at the deadline or the abort, what it reads is
counted, and a peer that sends more than the budget has sent enough.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

from wsconn._abort import Abort
from wsconn._deadline import Deadline
from wsconn._evidence import Evidence, symbol
from wsconn._exceptions import Aborted, StageFailed
from wsconn._outcome import Cause
from wsconn._shown import LONGEST
from wsconn._waiting import READ, WRITE, wait

BUDGET_BYTES = 256 * 1024  # what one peer may make us hold (promise 1)
_CHUNK_BYTES = 16 * 1024  # a TLS record's most, RFC 8446 section 5.1

T = TypeVar("T")


class OverBudget(Exception):
    """The peer sent more than one may make us hold."""


class Channel:
    """A connected socket. It belongs to the one thread that uses it, which also closes it.

    Errors of the socket leave it as `StageFailed` with `Cause.CLOSED` or `Cause.TIMEOUT`; those of TLS, an alert that
    comes late above all, as they are: `ssl.SSLError`.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline, abort: Abort) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._deadline = deadline
        self._abort = abort
        self._buffer = bytearray()
        self._budget = BUDGET_BYTES

    def start_tls(self, context: ssl.SSLContext, server_hostname: str) -> ssl.SSLSocket:
        """Do the TLS handshake and return the socket, to be asked what was agreed."""
        try:
            self._sock.getpeername()
        except OSError as error:  # reset in the meantime: wrap_socket would raise for that, and leave a socket unclosed
            self._fill(last_words_after=error)
        try:
            sock = context.wrap_socket(self._sock, server_hostname=server_hostname, do_handshake_on_connect=False)
            self._sock = sock  # the plain socket is detached: from here on this is the one to close
            self._call(sock.do_handshake, READ)
        except ssl.SSLError:
            raise
        except OSError as error:
            raise _ended(error) from error
        return sock

    def write(self, data: bytes) -> None:
        """Send all of `data`.

        A peer that refuses often says why, and hangs up, before it has read what it was sent. So where sending fails,
        what can still be read counts as its answer.
        """
        left = memoryview(data)
        while left:
            try:
                left = left[self._call(self._sock.send, WRITE, left) :]
            except OSError as error:
                self._fill(last_words_after=error)
                return

    def read(self, size: int) -> bytes:
        """Return from 1 to `size` bytes."""
        if not self._buffer:
            self._fill()
        return self._take(size)

    def read_line(self, limit: int) -> bytes:
        """Return a line with its line feed; raises `OverBudget` if it is longer than `limit` bytes."""
        while (end := self._buffer.find(b"\n", 0, limit)) < 0:
            if len(self._buffer) >= limit:
                raise OverBudget
            self._fill()
        return self._take(end + 1)

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, and up to 200 where they are there, and leave them to be read."""
        while len(self._buffer) < size:
            self._fill()
        return bytes(self._buffer[: max(size, LONGEST)])

    def hurry(self, seconds: float) -> None:
        """Let all that follows end within `seconds`, if the deadline is not earlier."""
        self._deadline = self._deadline.within(seconds)

    def close(self) -> None:
        """Close the socket; what the peer sent and nobody read is dropped."""
        self._sock.close()

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _fill(self, last_words_after: OSError | None = None) -> None:
        size = min(_CHUNK_BYTES, self._budget)
        if not size:
            raise OverBudget
        try:
            data = self._call(self._sock.recv, READ, size)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            data = b""
        except ssl.SSLError:
            raise
        except OSError as error:
            raise _ended(error) from error
        if not data:
            raise _ended(last_words_after) from last_words_after
        self._budget -= len(data)
        self._buffer += data

    def _call(self, operation: Callable[..., T], event: int, *args: object) -> T:
        """Call a non-blocking operation of the socket until it is done, waiting in between."""
        while True:
            if self._abort.is_set():
                raise Aborted
            if not self._deadline.remaining():  # a peer that always has a byte ready never makes us wait
                raise StageFailed(Cause.TIMEOUT)
            try:
                return operation(*args)
            except ssl.SSLWantReadError:
                event = READ
            except ssl.SSLWantWriteError:
                event = WRITE
            except BlockingIOError:
                pass
            wait([(self._sock, event)], self._deadline, self._abort)


def _ended(error: OSError | None) -> StageFailed:
    """Say how a connection ended; `SSLError.errno` is no system error."""
    name = None if error is None or isinstance(error, ssl.SSLError) else symbol(error)
    return StageFailed(Cause.TIMEOUT if name == "ETIMEDOUT" else Cause.CLOSED, Evidence(os_error=name))
