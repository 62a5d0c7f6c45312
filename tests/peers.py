"""The readers: the places where wsconn reads what a peer sends, each with a peer that sends whatever it is given.

`play` takes a region from its name to its outcome as the engine does, over a real socket pair; only how the connection
came about is left out. The peer speaks when wsconn listens, in pieces of a given size, and ends as it was told.
`examine` says what must hold of any outcome, whatever the peer said. Hypothesis, atheris and the corpus all come here.
"""

from __future__ import annotations

import contextlib
import functools
import re
import socket
import time
import unicodedata
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import attrs
from websockets.exceptions import WebSocketException
from websockets.frames import Close, Frame, Opcode

from wsconn import Cause, ConnectivityResult, Discovery, Region, RegionOutcome, Stage, Status
from wsconn._deadline import Deadline
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import Abort, CancelScope
from wsconn._io.background import done
from wsconn._io.stream import BUDGET_BYTES, Stream
from wsconn._outcome import TlsInfo
from wsconn._probe.probe import Probe, load_conversation
from wsconn._protocols.frames import LONGEST_READ_BYTES
from wsconn._protocols.handshake import accept_for
from wsconn._proxies import parse_proxy
from wsconn._regions import Target
from wsconn._stages.proxy import open_tunnel
from wsconn._stages.request import Request
from wsconn._stages.tunnel import WantedTunnel
from wsconn._text import LONGEST, UNSEEN
from wsconn.reports import to_json, to_text

ENDINGS = ("eof", "reset", "silence")
SILENCE_SECONDS = 0.02  # what the region has where its peer says no more
PATIENCE_SECONDS = 10.0
MARGIN_SECONDS = 2.5  # of a machine that others use too; 0.25 are promised
LONGEST_MESSAGE = 2500

QUERY, HEADER, PASSWORD = "S3CRET-query", "S3CRET-header", "S3CRET-password"
ACCEPT, PONG = b"{accept}", b"{pong}"  # what only who has heard the request, or the ping, can say
RIGHT_101 = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: {accept}\r\n\r\n"
)
HEALTHY = RIGHT_101 + PONG

_UPGRADE = {Cause.HTTP_STATUS, Cause.REDIRECTED, Cause.BAD_UPGRADE, Cause.TIMEOUT, Cause.CLOSED}
_FRAMES = {Cause.NO_PONG, Cause.BAD_FRAMES, Cause.CLOSED}
_PROXY = {
    *(Cause.PROXY_AUTH_REQUIRED, Cause.PROXY_DENIED, Cause.PROXY_TARGET_UNREACHABLE, Cause.PROXY_BAD_ANSWER),
    *(Cause.TIMEOUT, Cause.CLOSED),
}
_DISCOVERY = {Cause.BAD_DISCOVERY, Cause.HTTP_STATUS, Cause.REDIRECTED, Cause.TIMEOUT, Cause.CLOSED}


@attrs.frozen
class Reader:
    """A place where wsconn reads. `greeting` is what the peer says before what it is told to; `secrets` it was told."""

    causes: Mapping[Stage, set[Cause]]
    secrets: tuple[str, ...] = (QUERY, HEADER)
    proxy: str | None = None
    greeting: bytes = b""


_ALL = (QUERY, HEADER, PASSWORD)
_OPENED = {Stage.UPGRADE: _UPGRADE, Stage.FRAMES: _FRAMES}
READERS: Mapping[str, Reader] = {
    "connect": Reader({Stage.PROXY: _PROXY, **_OPENED}, _ALL, f"http://me:{PASSWORD}@192.0.2.1:3128"),
    "socks4": Reader({Stage.PROXY: _PROXY - {Cause.PROXY_DENIED}, **_OPENED}, _ALL, f"socks4a://{PASSWORD}@192.0.2.1"),
    "socks5": Reader({Stage.PROXY: _PROXY, **_OPENED}, _ALL, f"socks5h://me:{PASSWORD}@192.0.2.1"),
    "discovery": Reader({Stage.DISCOVERY: _DISCOVERY}, (QUERY,)),
    "upgrade": Reader(_OPENED),
    "frames": Reader({Stage.FRAMES: _FRAMES}, greeting=RIGHT_101),
}


@attrs.frozen
class Said:
    """What a peer says, how, and how it ends. `unasked`: before it has been asked, as far as one piece goes."""

    words: bytes
    ending: str = "eof"
    piece: int = 16 * 1024
    unasked: bool = False

    @classmethod
    def read(cls, data: bytes) -> Said:
        """Read a fuzzer's bytes: how, the size of pieces (0: as large as may be), and the words."""
        how, size, words = (data[:1] or b"\x00")[0], (data[1:2] or b"\x00")[0], data[2:]
        return cls(words, ENDINGS[how % 3], size or 16 * 1024, unasked=how % 7 == 6)

    def write(self) -> bytes:
        """Return the fuzzer's bytes for this; the smallest that `read` takes for it."""
        how = next(how for how in range(21) if how % 3 == ENDINGS.index(self.ending) and (how % 7 == 6) == self.unasked)
        return bytes([how, self.piece if self.piece < 256 else 0]) + self.words


class Peer:
    """The other end of a stream."""

    def __init__(self, sock: socket.socket, said: Said, greeting: bytes) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._said = said
        self._left = re.split(b"(%b|%b)" % (re.escape(ACCEPT), re.escape(PONG)), greeting + said.words)
        self.sent = b""
        self.accept = b""  # what the key that was heard asks for

    def heard(self) -> bytes:
        """Return all that was heard; it stays unread, so that closing is a reset."""
        with contextlib.suppress(BlockingIOError):
            return self._sock.recv(1 << 20, socket.MSG_PEEK)
        return b""

    def speak(self) -> None:
        """Say the next piece, or end."""
        if self._sock.fileno() < 0:
            return
        piece = self._next_piece()
        if piece:
            with contextlib.suppress(OSError):
                self.sent += piece[: self._sock.send(piece)]
        elif self._said.ending == "eof":
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_WR)
        elif self._said.ending == "reset":
            self._sock.close()

    def _next_piece(self) -> bytes:
        piece = b""
        while self._left and len(piece) < self._said.piece:
            if self._left[0] in (ACCEPT, PONG) and piece:
                break  # what it answers is sent only when what came before has been read
            words = self._meant(self._left.pop(0))
            room = self._said.piece - len(piece)
            piece += words[:room]
            if words[room:]:
                self._left.insert(0, words[room:])
        return piece

    def _meant(self, words: bytes) -> bytes:
        if words == ACCEPT:
            key = re.search(rb"Sec-WebSocket-Key: (\S+)", self.heard())
            self.accept = accept_for(key[1].decode()).encode() if key else b""
            return self.accept
        if words == PONG:
            ping = self.heard().rpartition(b"\r\n\r\n")[2]
            payload = bytes(byte ^ ping[2 + at % 4] for at, byte in enumerate(ping[6:14])) if len(ping) >= 14 else b""
            return bytes([0x8A, len(payload)]) + payload
        return words


class _Listening(Stream):
    """A stream whose peer speaks when it is listened to, and which looks at what it holds."""

    def __init__(self, sock: socket.socket, peer: Peer, scope: CancelScope) -> None:
        super().__init__(sock, scope)
        self._peer = peer

    def _receive(self) -> bytes:
        self._peer.speak()
        data = super()._receive()
        assert len(self._buffer) + len(data) <= BUDGET_BYTES
        assert self._budget >= 0
        return data


@attrs.define
class _Way:
    """What the probe takes for a `Route`: each time a connection to a peer, the first to the one in question."""

    reader: Reader
    said: Said
    sockets: contextlib.ExitStack
    peer: Peer | None = None

    def open(self, target: Target, scope: CancelScope, recorder: Recorder) -> Stream:
        said = Said(HEALTHY) if self.peer else self.said
        greeting = b"" if self.peer else self.reader.greeting
        if not self.reader.proxy:
            return self._reach(said, greeting, scope, recorder)
        proxy = parse_proxy(self.reader.proxy, "test")
        recorder.set_proxy(proxy)
        recorder.hide(*proxy.secrets)
        with recorder.timed(Stage.PROXY):
            reach = functools.partial(self._reach, said, greeting, scope, recorder)
            return open_tunnel(WantedTunnel(reach, proxy, target.host, target.port, scope, recorder.hide))

    def _reach(self, said: Said, greeting: bytes, scope: CancelScope, recorder: Recorder) -> Stream:
        """Connect to a peer: a proxy that wants a login may be connected to several times, and says the same."""
        ours, theirs = (self.sockets.enter_context(sock) for sock in socket.socketpair())
        peer = Peer(theirs, said, greeting)
        if said is self.said:
            self.peer = peer
        stream = _Listening(ours, peer, scope)
        if said is self.said and said.unasked and not greeting:
            peer.speak()
            theirs.close()
        recorder.address_won("192.0.2.1:443", time.monotonic())
        return stream


@attrs.frozen
class Played:
    """What became of it: the outcome, and what the peer really said."""

    reader: str
    said: Said
    sent: bytes
    accept: bytes
    outcome: RegionOutcome
    seconds: float


@functools.cache
def _library() -> Any:
    loaded = done(load_conversation())
    return SimpleNamespace(begin=lambda: loaded, hurry=lambda: None)


def play(reader: str, said: Said) -> Played:
    """Let a peer say this to that reader. Whatever is raised here would be wsconn's fault."""
    url = f"ws://region.example/path?token={QUERY}"
    endpoint = Discovery(f"http://127.0.0.1/rooms?token={QUERY}", "/worker/wssUri")
    region = Region("region", discovery=endpoint) if reader == "discovery" else Region("region", url)
    request = Request(headers={"Authorization": f"Bearer {HEADER}"}, subprotocols=("chat",))
    seconds = SILENCE_SECONDS if said.ending == "silence" else PATIENCE_SECONDS
    with contextlib.ExitStack() as sockets, contextlib.closing(Abort()) as abort:
        way: Any = _Way(READERS[reader], said, sockets)
        recorder = Recorder(region.name, region.url)
        recorder.begin()
        began = time.monotonic()
        probe = Probe(way, request, True, _library())
        outcome = probe(region, CancelScope(Deadline.after(seconds), abort), recorder)
        sent, accept = (way.peer.sent, way.peer.accept) if way.peer else (b"", b"")
        return Played(reader, said, sent, accept, outcome, time.monotonic() - began)


# --- what must hold --------------------------------------------------------------------------------------------------


def is_too_late(played: Played) -> bool:
    """Tell whether the little time that a silent peer is given was over: on a busy machine it may be in any stage."""
    failure = played.outcome.failure
    return played.said.ending == "silence" and failure is not None and failure.cause is Cause.TIMEOUT


def examine(played: Played) -> None:
    """Assert what must hold, whatever the peer said."""
    outcome = played.outcome
    limit = SILENCE_SECONDS if played.said.ending == "silence" else PATIENCE_SECONDS
    assert played.seconds < limit + MARGIN_SECONDS
    assert len(outcome.attempts) <= 2
    if outcome.status is Status.PASSED:
        _examine_pass(played)
    else:
        failure = outcome.failure
        assert outcome.status is Status.FAILED
        assert failure is not None
        causes = READERS[played.reader].causes.get(failure.stage, ())
        assert failure.cause in causes or is_too_late(played), failure
        if outcome.attempts or not is_too_late(played):  # the time may be over before the first
            assert outcome.attempts[-1].cause is failure.cause
    _examine_texts(outcome, READERS[played.reader].secrets)


def _examine_pass(played: Played) -> None:
    outcome, sent = played.outcome, played.sent
    assert outcome.failure is None
    assert outcome.http_status == 101
    if played.reader == "discovery":
        assert outcome.url is not None
        assert re.fullmatch(r"wss?://[!-~]*.*", outcome.url)
        assert b"200" in sent
        return
    assert played.accept  # who was not asked cannot know the key
    opened = re.search(rb"(?is)HTTP/1\.1 101.*?%b.*?\n\r?\n" % re.escape(played.accept), sent)
    assert opened
    assert re.search(rb"(?i)upgrade:", opened[0])
    if played.reader == "frames":
        assert _first_frame_is_valid(sent[opened.end() :])


def _first_frame_is_valid(data: bytes) -> bool:
    """Whether another library takes the first frame; of a large one its header is enough, as the contract says."""
    length = int.from_bytes(data[2:10]) if data[1] == 127 else 0
    if length > LONGEST_READ_BYTES:
        data = data[:10] + bytes(length)
    left = iter((data,))
    try:
        frame = _parse(next(left))
        frame.check()
        if frame.opcode is Opcode.CLOSE:
            Close.parse(frame.data)
        if frame.opcode is Opcode.TEXT and frame.fin:
            bytes(frame.data).decode()
    except (EOFError, WebSocketException, UnicodeDecodeError):
        return False
    return frame.opcode is not Opcode.CONT


def _parse(data: bytes) -> Frame:
    def read(size: int) -> Generator[None, None, bytes]:
        nonlocal data
        if len(data) < size:
            raise EOFError
        taken, data = data[:size], data[size:]
        return taken
        yield

    parsing = Frame.parse(read, mask=False)
    try:
        next(parsing)
    except StopIteration as end:
        frame: Frame = end.value
        return frame
    raise AssertionError


def _examine_texts(outcome: RegionOutcome, secrets: tuple[str, ...]) -> None:
    for told in _texts(outcome):
        assert told.isprintable(), ascii(told)
        assert not re.search(UNSEEN, told), ascii(told)
        assert not _has_pile(told), ascii(told)
        assert len(told) <= LONGEST_MESSAGE, len(told)
    for said in (outcome.close_reason, outcome.tls and outcome.tls.issuer):
        assert said is None or len(said) <= LONGEST
    result = ConnectivityResult(outcomes=(outcome,), started_at=datetime.now(UTC), duration=1.0)
    reports = [repr(result), to_json(result), to_text(result)]
    for report in reports:
        assert all(line.isprintable() for line in report.split("\n"))
    named = outcome.url if outcome.url and outcome.url.startswith("ws") else ""  # by discovery: an address is told
    for secret in secrets:
        assert secret in named or not any(secret in told for told in (*_texts(outcome), *reports)), secret


def _texts(outcome: RegionOutcome) -> Iterator[str]:
    """Give every text of an outcome that a person may get to see."""
    failure, tls = outcome.failure, outcome.tls or TlsInfo()
    said: list[str | None] = [outcome.url, outcome.address, outcome.proxy, outcome.close_reason]
    said += [tls.version, tls.cipher, tls.issuer, tls.subject]
    if failure:
        said += [failure.message, failure.advice, failure.os_error]
        said += _strings(attrs.astuple(failure.evidence) if failure.evidence else ())
    for attempt in outcome.attempts:
        said += [attempt.url, attempt.address, attempt.message, attempt.os_error]
    yield from filter(None, said)


def _strings(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            yield from _strings(value)


def _has_pile(told: str) -> bool:
    marks = "".join("m" if unicodedata.category(c) in ("Mn", "Me") else "." for c in told)
    return "mmmmm" in marks


def feed(reader: str, data: bytes) -> Played:
    """Play and examine a fuzzer's bytes."""
    played = play(reader, Said.read(data))
    examine(played)
    return played
