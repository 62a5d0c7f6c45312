"""websocket-client, as far as wsconn uses it: the handshake and the frames. No other file imports it.

It gets something that looks like a socket to it, and never learns where it really connects: its URL names a host that
does not exist, so that the cookies it keeps for the whole process match nothing. Nor does it see the answer as it came:
our own rules, stricter in some points and kinder in others, validate that, and the library is given the shortest answer
that says yes. So it keeps no cookie either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs
import websocket

from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import Stream
from wsconn._outcome import Cause, Evidence
from wsconn._protocols.frames import CLOSE, client_frame
from wsconn._protocols.handshake import validate_response
from wsconn._protocols.http_body import read_start
from wsconn._protocols.http_head import read_head
from wsconn._protocols.http_response import NotHttp, refusal
from wsconn._text import LONGEST, sanitize

_NOWHERE = "ws://wsconn.invalid/"
_YES = (b"HTTP/1.1 101 OK", b"Upgrade: websocket", b"Connection: Upgrade")
_NORMAL_CLOSURE = (1000).to_bytes(2)  # RFC 6455, section 7.4.1
_BODY_BYTES = LONGEST * 4  # of a refusal's body: what a person gets to see, in UTF-8


class OpenWebSocket:
    """A WebSocket that has been opened on a stream; the stream's owner closes that."""

    def __init__(self, library: websocket.WebSocket, stream: Stream) -> None:
        self._library = library
        self.stream = stream

    def send_ping(self, payload: bytes) -> None:
        """Send a ping with this payload."""
        self._library.ping(payload)

    def read_control_frame(self) -> bytes:
        """Read a control frame, which our own rules have found right, and return its payload."""
        try:
            return bytes(self._library.recv_frame().data)
        except websocket.WebSocketException as error:  # pragma: no cover - today it knows no rule that ours lack
            raise StageFailed(Cause.BAD_FRAMES, Evidence(detail="its frame breaks a rule of RFC 6455")) from error

    def send_close(self) -> None:
        """Send a Close and wait for nothing: its echo would cost a round trip."""
        self.stream.write(client_frame(CLOSE, _NORMAL_CLOSURE))  # the library takes five times as long for it


def open_websocket(
    stream: Stream,
    resource: str,
    authority: str,
    headers: Mapping[str, str],
    subprotocols: Sequence[str],
    origin: str | None,
) -> OpenWebSocket:
    """Do the handshake of RFC 6455, section 4.1, and return what it opened, or raise `StageFailed`."""
    sent = dict(headers)
    if subprotocols:  # given to the library as such, it would insist on one being chosen; RFC 6455 does not
        sent["Sec-WebSocket-Protocol"] = ", ".join(subprotocols)
    library = websocket.WebSocket(enable_multithread=False)
    adapter = _SocketAdapter(stream, resource, subprotocols)
    try:
        library.connect(
            _NOWHERE,
            host=authority,
            header=sent,
            origin=origin,
            suppress_origin=origin is None,
            redirect_limit=0,
            socket=adapter,
        )
    except StageFailed as failed:
        failed.evidence = attrs.evolve(failed.evidence or Evidence(), request_bytes=adapter.request_bytes)
        raise
    except websocket.WebSocketException as error:
        raise StageFailed(Cause.BAD_UPGRADE, Evidence(detail=sanitize(str(error)))) from error
    return OpenWebSocket(library, stream)


class _SocketAdapter:
    """What websocket-client takes for a socket: it reads and writes a stream.

    The library reads headers a byte at a time. Asked for one, the adapter gives a line up to its end and then its line
    feed: the library joins what it gets until it gets a line feed alone, and so spares nine tenths of its work.
    """

    _closed = False  # the library looks at it

    def __init__(self, stream: Stream, resource: str, subprotocols: Sequence[str]) -> None:
        self._stream = stream
        self._resource: str | None = resource  # until it has been sent
        self._key = ""  # which the library makes
        self._subprotocols = subprotocols
        self._head: Iterator[bytes] | None = None
        self.request_bytes: int | None = None

    def send(self, data: bytes) -> int:
        if self._resource is None:
            self._stream.write(data)
        else:  # the library would drop what follows a ";" in the path
            request = b"GET " + self._resource.encode() + data[data.index(b" HTTP/1.1\r\n") :]
            self._resource, self.request_bytes = None, len(request)
            self._key = data.partition(b"\r\nSec-WebSocket-Key: ")[2].partition(b"\r")[0].decode()
            self._stream.write(request)
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
        """Read and validate the whole head of the answer; then give the library the shortest one that says yes."""
        try:
            head = read_head(self._stream, wanted=(101,))
        except NotHttp as error:
            raise StageFailed(Cause.BAD_UPGRADE, error.evidence()) from error
        if head.status != 101 and not head.is_redirect:
            failed = refusal(head, read_start(self._stream, head, _BODY_BYTES) if head.whole else None)
            named = {name.strip() for name in head.fields.get("sec-websocket-protocol", "").split(",")}
            if not named.isdisjoint(self._subprotocols):
                failed.evidence = attrs.evolve(failed.evidence or Evidence(), subprotocol_offered=True)
            raise failed
        validate_response(head, self._key, self._subprotocols)
        for line in (*_YES, f"Sec-WebSocket-Accept: {head.fields['sec-websocket-accept']}".encode()):
            yield line
            yield b"\n"
        yield b"\n"
