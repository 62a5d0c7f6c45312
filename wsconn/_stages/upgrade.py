"""The WebSocket itself: the request to upgrade, and frames. This room alone knows websocket-client.

websocket-client gets something that looks like a socket to it, and never learns where it really connects: its URL
names a host that does not exist, so that the cookies it keeps for the whole process match nothing. Nor does it see the
answer as it came: our own rules, stricter in some points and kinder in others, validate that, and what passes them is
told to the library in the fewest words. So it keeps no cookie either.
"""

from __future__ import annotations

import base64
import os
import re
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from wsconn._deadline import now
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Cause, Evidence
from wsconn._protocols import frames
from wsconn._protocols.handshake import accept_for, validate_response
from wsconn._protocols.http_head import read_head
from wsconn._protocols.http_response import NotHttp
from wsconn._regions import Target
from wsconn._text import sanitize

if TYPE_CHECKING:
    import websocket

_PIECE_BYTES = 4 * 1024  # text takes four times its size while it is decoded
_TOKEN_LENGTH = 8  # characters of a header's part that may be a secret of its own
_NOWHERE = "ws://wsconn.invalid/"


# In a child that was forked while a thread imported it, the library could never be imported: a fork waits for the end.
_importing = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_importing.acquire, after_in_parent=_importing.release, after_in_child=_importing.release
    )


def load_library() -> None:
    """Import websocket-client: 85 ms, once in a process."""
    with _importing:
        import websocket  # noqa: F401 - where a program starts, nobody should wait for what a test alone needs


@attrs.frozen(kw_only=True)
class Request:
    """What a test sends to every region alike."""

    headers: dict[str, str] = attrs.field(factory=dict, repr=lambda headers: repr(list(headers)))
    subprotocols: Sequence[str] = ()
    origin: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no message may repeat, though the server does: header values, and the tokens and cookies in them."""
        values = [value for name, value in self.headers.items() if name.lower() != "user-agent"]
        parts = [part for value in values for part in re.split(r"[\s,;=]+", value) if len(part) >= _TOKEN_LENGTH]
        return tuple(as_read for said in (*values, *parts) for as_read in (said, said.encode().decode("latin-1")))


@attrs.frozen(kw_only=True)
class FirstFrame:
    """The frame that proved that frames pass. `round_trip` is in seconds, where it was our ping's pong."""

    round_trip: float | None = None
    close_code: int | None = None
    close_reason: str | None = None


class OpenWebSocket:
    """A WebSocket that has been opened on a stream; the stream's owner closes that."""

    def __init__(self, library: websocket.WebSocket, stream: Stream) -> None:
        self._library = library
        self._stream = stream

    def exchange_frames(self) -> FirstFrame:
        """Send a ping and return what came back, or raise `StageFailed`."""
        import websocket

        payload = os.urandom(8)
        sent = now()
        try:
            self._library.ping(payload)
            header, size = self._next_header()
            if not header.is_control:
                self._read_message(header, size)
                return FirstFrame()
            if header.opcode == frames.CLOSE:
                frames.check_close(self._stream.peek(size + header.length)[size : size + header.length])
            data = bytes(self._library.recv_frame().data)
        except frames.BadFrame as error:
            raise StageFailed(Cause.BAD_FRAMES, Evidence(detail=str(error))) from error
        except websocket.WebSocketException as error:  # pragma: no cover - today it knows no rule that ours lack
            raise StageFailed(Cause.BAD_FRAMES, Evidence(detail="its frame breaks a rule of RFC 6455")) from error
        except LimitExceeded as error:
            raise StageFailed(Cause.BAD_FRAMES, Evidence(detail="more bytes than any frame of ours")) from error
        except StageFailed as failed:
            if failed.cause is Cause.TIMEOUT:
                raise StageFailed(Cause.NO_PONG, failed.evidence) from failed
            raise
        if header.opcode == frames.CLOSE and data:
            return FirstFrame(close_code=int.from_bytes(data[:2]), close_reason=sanitize(data[2:]))
        answered = header.opcode == frames.PONG and data == payload
        return FirstFrame(round_trip=now() - sent if answered else None)

    def _read_message(self, header: frames.Header, size: int) -> None:
        """Read a frame of data and check its text, a piece at a time: nothing of it is kept."""
        if header.length > frames.LONGEST_READ_BYTES:
            return
        self._stream.read(size)
        check = frames.TextCheck(header)
        left = header.length
        while left:
            piece = self._stream.read(min(left, _PIECE_BYTES))
            left -= len(piece)
            check.add(piece, last=not left)

    def send_close(self) -> None:
        """Send a Close and wait for nothing: its echo would cost a round trip."""
        self._library.send_close()

    def _next_header(self) -> tuple[frames.Header, int]:
        size = frames.header_size(self._stream.peek(frames.HEADER_BYTES))
        return frames.read_header(self._stream.peek(size)), size


def upgrade(stream: Stream, target: Target, request: Request) -> OpenWebSocket:
    """Ask for a WebSocket, and return it or raise `StageFailed`."""
    import websocket

    key = base64.b64encode(os.urandom(16)).decode()
    headers = {"Sec-WebSocket-Key": key, **request.headers}
    if request.subprotocols:  # told to the library as such, it would insist on one being chosen; RFC 6455 does not
        headers["Sec-WebSocket-Protocol"] = ", ".join(request.subprotocols)
    library = websocket.WebSocket(enable_multithread=False)
    try:
        library.connect(
            _NOWHERE,
            host=target.authority,
            header=headers,
            origin=request.origin,
            suppress_origin=request.origin is None,
            redirect_limit=0,
            socket=WebSocketClientSocket(stream, target.resource, key, request.subprotocols),
        )
    except websocket.WebSocketException as error:
        raise StageFailed(Cause.BAD_UPGRADE, Evidence(detail=sanitize(str(error)))) from error
    return OpenWebSocket(library, stream)


class WebSocketClientSocket:
    """What websocket-client takes for a socket. It speaks and listens through a stream.

    The library reads headers a byte at a time. Asked for one, the wire gives a line up to its end and then its line
    feed: the library joins what it gets until it gets a line feed alone, and so spares nine tenths of its work.
    """

    _closed = False  # the library looks at it

    def __init__(self, stream: Stream, resource: str, key: str, subprotocols: Sequence[str]) -> None:
        self._stream = stream
        self._resource: str | None = resource  # until it has been sent
        self._key = key
        self._subprotocols = subprotocols
        self._head: Iterator[bytes] | None = None

    def send(self, data: bytes) -> int:
        if self._resource is None:
            self._stream.write(data)
        else:  # the library would drop what follows a ";" in the path
            self._stream.write(b"GET " + self._resource.encode() + data[data.index(b" HTTP/1.1\r\n") :])
            self._resource = None
        return len(data)

    def recv(self, size: int) -> bytes:
        if self._head is None:
            self._head = self._read_head()
        return next(self._head, b"") or self._stream.read(size)

    def gettimeout(self) -> float:
        return 0  # so the library calls recv and send at once, and waits for nothing itself

    def settimeout(self, _: float | None) -> None: ...

    def fileno(self) -> int:
        return -1

    def shutdown(self, _: int) -> None: ...

    def close(self) -> None: ...

    def _read_head(self) -> Iterator[bytes]:
        """Read and validate the whole head of the answer; then give the library one that says no more than yes."""
        try:
            head = read_head(self._stream, wanted=(101,))
        except NotHttp as error:
            raise StageFailed(Cause.BAD_UPGRADE, error.evidence()) from error
        validate_response(head, self._key, self._subprotocols)
        accept = f"Sec-WebSocket-Accept: {accept_for(self._key)}".encode()
        for line in (b"HTTP/1.1 101 OK", b"Upgrade: websocket", b"Connection: Upgrade", accept):
            yield from (line, b"\n")
        yield b"\n"
