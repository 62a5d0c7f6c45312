"""A connected socket within bounds: each wait ends at the deadline or the abort, every byte read is counted, and a peer
that sends more than the budget is cut off.

TLS runs in memory, between two buffers, and this module carries the records: to and from the socket, or inside another
TLS, where that is to a proxy. An `SSLSocket` would read for itself: OpenSSL reads on while it gets session tickets or
key updates and no data, so a peer that sends those without end would hold it past every deadline and every abort.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from wsconn._diagnosis.evidence import StageFailed, symbol
from wsconn._io.abort import CancelScope
from wsconn._io.waiting import READ, WRITE, wait
from wsconn._outcome import Cause, Evidence
from wsconn._text import LONGEST, sanitize

if TYPE_CHECKING:
    import ssl

BUDGET_BYTES = 256 * 1024  # what one peer may make us hold, TLS records included
_MORE = getattr(socket, "MSG_MORE", 0)  # Linux: more follows, so wait before a packet is sent
_CHUNK_BYTES = 16 * 1024  # the largest TLS record, RFC 8446 section 5.1

T = TypeVar("T")


class LimitExceeded(Exception):
    """The peer sent more than the budget."""


class _Tls(NamedTuple):
    """TLS in memory: what came in is written to one buffer, what is to go out is read from the other."""

    ends: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO
    below: _Tls | None  # the TLS that carries its records: a proxy's, under that to the server


class Stream:
    """A connected socket. It belongs to the one thread that uses it, which also closes it.

    Errors of the socket leave it as `StageFailed` with `Cause.CLOSED` or `Cause.TIMEOUT`; those of TLS, an alert that
    comes late above all, as they are: `ssl.SSLError`.
    """

    def __init__(self, sock: socket.socket, scope: CancelScope) -> None:
        if sock.gettimeout() != 0:  # most come from `connect`, and are non-blocking already
            sock.setblocking(False)
        self._sock = sock
        self._scope = scope
        self._buffer = bytearray()
        self._budget = BUDGET_BYTES
        self._tls: _Tls | None = None
        self._send_failed: OSError | None = None
        self._flags = 0
        self.not_understood = b""  # what came last before TLS failed

    def start_tls(self, context: ssl.SSLContext, server_hostname: str | None) -> ssl.SSLObject:
        """Do the TLS handshake, inside the TLS that there is, and return the object that knows what was negotiated.

        In TLS 1.3 the client has the last word (Finished); it leaves with what is written next, in one packet.

        Bytes that came before it are not protected by TLS. Reading them later, as if they were, would let a proxy
        answer in the server's name.
        """
        if self._buffer:
            early = sanitize(bytes(self._buffer[: LONGEST * 5]))
            raise StageFailed(Cause.NOT_TLS, Evidence(detail=f"before any TLS came '{early}'"))
        import ssl  # here, as below: whoever made the context has loaded it, and without TLS nobody waits for it

        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = context.wrap_bio(incoming, outgoing, server_hostname=server_hostname)
        self._tls = tls = _Tls(ends, incoming, outgoing, self._tls)
        try:
            self._carry(tls, ends.do_handshake)
        except ssl.SSLEOFError as error:
            raise _ended(self._send_failed) from error
        self._budget = BUDGET_BYTES  # nothing of the handshake is held any more
        return ends

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The object of the innermost TLS, be its handshake done or not."""
        return self._tls.ends if self._tls else None

    def write(self, data: bytes) -> None:
        """Send all of `data`.

        A peer that refuses often says why, and hangs up, before it has read what it was sent. So sending never fails:
        what can be read afterwards is the answer, and where there is none, that tells why.
        """
        self._put(self._tls, memoryview(data))

    def read(self, size: int) -> bytes:
        """Return from 1 to `size` bytes."""
        if not self._buffer:
            self._fill()
        return self._take(size)

    def read_line(self, limit: int) -> bytes:
        """Return a line with its line feed; raises `LimitExceeded` if it is longer than `limit` bytes."""
        while (end := self._buffer.find(b"\n", 0, limit)) < 0:
            if len(self._buffer) >= limit:
                raise LimitExceeded
            self._fill()
        return self._take(end + 1)

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes, and up to 200 where they are there, and leave them to be read."""
        while len(self._buffer) < size:
            self._fill()
        return bytes(self._buffer[: max(size, LONGEST)])

    def tighten_deadline(self, seconds: float) -> None:
        """Let all that follows end within `seconds`, if the deadline is not earlier."""
        self._scope = self._scope.within(seconds)

    def extend(self, scope: CancelScope) -> None:
        """Let all that follows end with this scope: only what came before had less time."""
        self._scope = scope

    def allow(self, more: int) -> None:
        """Let the peer send so many bytes more than the budget."""
        self._budget += more

    def detach(self) -> socket.socket:
        """Give the socket away; closing this does nothing from now on."""
        self._tls, self._flags = None, 0  # what waits in memory to be sent goes with it
        return socket.socket(fileno=self._sock.detach())

    @contextlib.contextmanager
    def keeping_deadline(self) -> Iterator[None]:
        """Let what tightens the deadline within the block not outlast it."""
        scope = self._scope
        try:
            yield
        finally:
            self._scope = scope

    def hold_last_words(self) -> None:
        """Let what is written from now on leave with the end, in one packet, where the system can do that."""
        self._flags = _MORE

    def close(self) -> None:
        """Close the socket; what the peer sent and nobody read is dropped."""
        if self._tls is not None and self._tls.outgoing.pending:
            with contextlib.suppress(OSError):  # a Finished that nothing followed, if it can go at once
                self._sock.send(_sealed(self._tls.below, self._tls.outgoing.read()))
        if self._flags:
            with contextlib.suppress(OSError):  # `close` alone would drop the last words, had the peer more to say
                self._sock.shutdown(socket.SHUT_WR)
        self._sock.close()

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _fill(self) -> None:
        """Add to the buffer what comes next."""
        data = self._get(self._tls)
        if not data:
            raise _ended(self._send_failed) from self._send_failed
        self._buffer += data

    def _put(self, tls: _Tls | None, left: memoryview) -> None:
        """Send all that is `left`, inside `tls` where there is one."""
        if tls is None:
            self._send(left)
        while tls and left:
            left = left[self._carry(tls, tls.ends.write, left) :]
            self._put(tls.below, memoryview(tls.outgoing.read()))

    def _get(self, tls: _Tls | None) -> bytes:
        """Return what comes next, inside `tls` where there is one; nothing where the peer has ended."""
        if tls is None:
            return self._receive()
        import ssl

        try:
            return self._carry(tls, tls.ends.read, _CHUNK_BYTES)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""
        except ssl.SSLError as error:
            if tls is self._tls:
                raise
            raise StageFailed(Cause.CLOSED, Evidence(tls_reason=error.reason)) from error  # under the server's TLS

    def _carry(self, tls: _Tls, operation: Callable[..., T], *args: object) -> T:
        """Call an operation of TLS until it is done, carrying records to and from the peer in between."""
        import ssl

        data = b""
        while True:
            try:
                return operation(*args)
            except ssl.SSLWantReadError:
                self._put(tls.below, memoryview(tls.outgoing.read()))
                if data := self._get(tls.below):
                    tls.incoming.write(data)
                else:
                    tls.incoming.write_eof()
            except ssl.SSLError:
                self.not_understood = data
                with contextlib.suppress(OSError):  # the alert that tells the peer, if it can go at once
                    self._sock.send(_sealed(tls.below, tls.outgoing.read()))
                raise

    def _send(self, left: memoryview) -> None:
        """Send all that is `left`; where that fails, it is noted, and the peer may still be heard."""
        while left and not self._send_failed:
            try:
                left = left[self._call(self._sock.send, WRITE, left, self._flags) :]
            except OSError as error:
                self._send_failed = error

    def _receive(self) -> bytes:
        """Return what the socket gives next, nothing where the peer has ended; all of it is counted."""
        size = min(_CHUNK_BYTES, self._budget)
        if not size:
            raise LimitExceeded
        try:
            data = self._call(self._sock.recv, READ, size)
        except OSError as error:
            raise _ended(error) from error
        self._budget -= len(data)
        return data

    def _call(self, operation: Callable[..., T], event: int, *args: object) -> T:
        """Call a non-blocking operation of the socket until it is done, waiting in between."""
        if event == READ:  # an answer is hardly there when it is asked for
            wait([(self._sock, event)], self._scope)
        while True:
            if not self._scope.goes_on():  # a peer that always has a byte ready never makes us wait
                raise StageFailed(Cause.TIMEOUT)
            try:
                return operation(*args)
            except BlockingIOError:
                wait([(self._sock, event)], self._scope)


def _sealed(tls: _Tls | None, data: bytes) -> bytes:
    """Return `data` as `tls` and what is below it send it."""
    while tls and data:
        tls.ends.write(data)
        data, tls = tls.outgoing.read(), tls.below
    return data


def _ended(error: OSError | None) -> StageFailed:
    """Say how a connection ended."""
    name = None if error is None else symbol(error)
    return StageFailed(Cause.TIMEOUT if name == "ETIMEDOUT" else Cause.CLOSED, Evidence(os_error=name))
