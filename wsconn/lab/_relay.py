"""A TCP relay for a region that is far away, falls silent, or is cut off.

Each piece is passed on `latency / 2` seconds after it came, in order, and so are the end of a stream and a reset. One
thread moves both directions, so that a slow reader on one side delays nothing on the other. Reading stops while much is
under way: then the sender waits, as it would for a full network.

From `stall_after` on nothing is passed on any more, and the connection stays until one side ends it. What comes then is
read and dropped: a relay that read no more would not learn that a side has left.
"""

from __future__ import annotations

import collections
import math
import selectors
import socket
import threading
import time

from wsconn.lab._fault import Link, Serve
from wsconn.lab._wire import PIECE_BYTES, end_stream, reset

_HELD_LIMIT_BYTES = 1 << 20


def relay(address: tuple[str, int], link: Link, closing: threading.Event) -> Serve:
    """Return a function that relays a connection to `address` as `link` says."""

    def serve(near: socket.socket) -> None:
        with socket.create_connection(address) as far:
            pass_on(near, far, link, closing)
        if link.cut_after < math.inf:
            near.setblocking(True)
            end_stream(near)

    return serve


def pass_on(near: socket.socket, far: socket.socket, link: Link, closing: threading.Event) -> None:
    """Relay between two connections until they are over, or it is time to cut them."""
    far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    near.setblocking(False)
    far.setblocking(False)
    way = _Way(near, far, link)
    with selectors.DefaultSelector() as selector:
        while not (closing.is_set() or way.is_over()):
            way.step(selector)


class _Way:
    """Both directions of a connection, and what becomes of it in time."""

    def __init__(self, near: socket.socket, far: socket.socket, link: Link) -> None:
        began = time.monotonic()
        self._stall_at = began + link.stall_after
        self._cut_at = began + link.cut_after
        self._there = _Flow(near, far, link.latency / 2)
        self._back = _Flow(far, near, link.latency / 2)

    def is_over(self) -> bool:
        there, back = self._there, self._back
        return (there.done and back.done) or there.broken or back.broken or time.monotonic() >= self._cut_at

    def step(self, selector: selectors.BaseSelector) -> None:
        """Wait until something can be done, and do it."""
        there, back = self._there, self._back
        _watch(selector, there.source, read=there.wants_to_read(), write=back.blocked)
        _watch(selector, back.source, read=back.wants_to_read(), write=there.blocked)
        for key, events in selector.select(self._seconds()):
            if events & selectors.EVENT_READ:
                (there if key.fileobj is there.source else back).read()
        if time.monotonic() >= self._stall_at:
            self._stall_at = math.inf
            there.stall()
            back.stall()
        for flow, opposite in ((there, back), (back, there)):
            flow.write()
            opposite.source_was_reset |= flow.sink_was_reset

    def _seconds(self) -> float | None:
        """Return how long to wait for the sockets, `None` if there is nothing else to wait for."""
        due = min(self._there.due(), self._back.due(), self._stall_at, self._cut_at)
        return None if due == math.inf else max(0.0, due - time.monotonic())


class _Flow:
    """One direction. Among its pieces, `b""` is the end of the stream and `None` a reset."""

    def __init__(self, source: socket.socket, sink: socket.socket, delay: float) -> None:
        self.source = source
        self.sink = sink
        self.done = False
        self.broken = False  # a reset was passed on: the other direction is void too
        self.blocked = False  # the sink takes no more for now
        self.source_was_reset = False  # a send of the other direction met it; a later recv would return b""
        self.sink_was_reset = False
        self._delay = delay
        self._pieces: collections.deque[tuple[float, bytes | None]] = collections.deque()
        self._held_bytes = 0
        self._ended = False
        self._stalled = False

    def stall(self) -> None:
        """Pass on nothing any more, be it under way or not."""
        self._stalled = True
        self.broken |= self._ended
        self._pieces.clear()
        self._held_bytes = 0
        self.blocked = False

    def wants_to_read(self) -> bool:
        return not self._ended and not self.done and self._held_bytes < _HELD_LIMIT_BYTES

    def due(self) -> float:
        """Return when the next piece is due; infinity if it waits for more than time."""
        ready = self._pieces and not self.blocked and not self.done
        return self._pieces[0][0] if ready else math.inf

    def read(self) -> None:
        piece: bytes | None
        try:
            piece = self.source.recv(PIECE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = None
        if not piece:
            self._ended = True
            piece = None if self.source_was_reset else piece
        if self._stalled:
            self.broken = not piece  # one side has left, so the connection is over
            return
        self._held_bytes += len(piece or b"")
        self._pieces.append((time.monotonic() + self._delay, piece))

    def write(self) -> None:
        """Pass on what is due."""
        self.blocked = False
        try:
            while self.due() <= time.monotonic():
                self._send(*self._pieces.popleft())
        except OSError as exc:  # the sink is gone
            self.done = True
            self.sink_was_reset = isinstance(exc, ConnectionResetError)

    def _send(self, due: float, piece: bytes | None) -> None:
        if not piece:
            self._end(was_reset=piece is None)
            return
        try:
            sent = self.sink.send(piece)
        except BlockingIOError:
            sent = 0
        self._held_bytes -= sent
        if sent < len(piece):
            self._pieces.appendleft((due, piece[sent:]))
            self.blocked = True

    def _end(self, *, was_reset: bool) -> None:
        self.done = True
        if was_reset:
            self.broken = True
            reset(self.sink)
        else:
            self.sink.shutdown(socket.SHUT_WR)


def _watch(selector: selectors.BaseSelector, sock: socket.socket, *, read: bool, write: bool) -> None:
    events = (selectors.EVENT_READ if read else 0) | (selectors.EVENT_WRITE if write else 0)
    known = selector.get_map().get(sock)
    if known is not None and known.events != events:
        selector.unregister(sock)
    if events and (known is None or known.events != events):
        selector.register(sock, events)
