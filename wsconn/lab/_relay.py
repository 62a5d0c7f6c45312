"""A TCP relay with a delay, for a region that is far away.

Each piece is passed on `delay` seconds after it came, in order, and so are the end of a stream and a reset. One thread
moves both directions, so that a slow reader on one side delays nothing on the other. Reading stops while much is under
way: then the sender waits, as it would for a full network.
"""

from __future__ import annotations

import collections
import selectors
import socket
import threading
import time

from wsconn.lab._fault import Serve
from wsconn.lab._wire import PIECE_BYTES, reset

_HELD_LIMIT_BYTES = 1 << 20


def relay(address: tuple[str, int], delay: float, closing: threading.Event) -> Serve:
    """Return a function that relays a connection to `address`, `delay` seconds late each way."""

    def serve(near: socket.socket) -> None:
        with socket.create_connection(address) as far, selectors.DefaultSelector() as selector:
            far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            near.setblocking(False)
            far.setblocking(False)
            flows = _Flow(near, far, delay), _Flow(far, near, delay)
            while not (closing.is_set() or _is_over(*flows)):
                _step(selector, *flows)

    return serve


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

    def wants_to_read(self) -> bool:
        return not self._ended and not self.done and self._held_bytes < _HELD_LIMIT_BYTES

    def due(self) -> float:
        """Return when the next piece is due; infinity if it waits for more than time."""
        ready = self._pieces and not self.blocked and not self.done
        return self._pieces[0][0] if ready else float("inf")

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


def _is_over(there: _Flow, back: _Flow) -> bool:
    return (there.done and back.done) or there.broken or back.broken


def _step(selector: selectors.BaseSelector, there: _Flow, back: _Flow) -> None:
    _watch(selector, there.source, read=there.wants_to_read(), write=back.blocked)
    _watch(selector, back.source, read=back.wants_to_read(), write=there.blocked)
    due = min(there.due(), back.due())
    timeout = None if due == float("inf") else max(0.0, due - time.monotonic())
    for key, events in selector.select(timeout):
        if events & selectors.EVENT_READ:
            (there if key.fileobj is there.source else back).read()
    for flow, opposite in ((there, back), (back, there)):
        flow.write()
        opposite.source_was_reset |= flow.sink_was_reset


def _watch(selector: selectors.BaseSelector, sock: socket.socket, *, read: bool, write: bool) -> None:
    events = (selectors.EVENT_READ if read else 0) | (selectors.EVENT_WRITE if write else 0)
    known = selector.get_map().get(sock)
    if known is not None and known.events != events:
        selector.unregister(sock)
    if events and (known is None or known.events != events):
        selector.register(sock, events)
