"""What wsconn relies on in websocket-client, mostly undocumented: a new release that changes it fails here first."""

from __future__ import annotations

import http.cookiejar
import importlib.metadata
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import hypothesis
import pytest
import websocket
from hypothesis import strategies as st
from packaging.requirements import Requirement
from websocket import ABNF, _handshake
from websockets.frames import Frame, Opcode
from websockets.utils import accept_key

from tests.protocols.answers import ACCEPT, right_answers
from wsconn import Cause, InvalidRegionError
from wsconn._deadline import Deadline
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.abort import Abort, CancelScope
from wsconn._io.stream import Stream
from wsconn._protocols import frames
from wsconn._protocols.websocket_client import OpenWebSocket
from wsconn._regions import parse_url
from wsconn._stages.frames import exchange_frames
from wsconn._stages.request import Request
from wsconn._stages.upgrade import upgrade

PONG = Frame(Opcode.PONG, b"12345678").serialize(mask=False)
CLOSE = Frame(Opcode.CLOSE, b"\x03\xe8bye").serialize(mask=False)
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455, section 1.3; answers.py has its accept
REQUEST = Request(headers={"User-Agent": "test/1.0"})


# --- what the library wants of a socket ------------------------------------------------------------------------------


class Recorder:
    """Stands in for a socket: gives canned pieces, whatever size is asked for, and notes what it is asked."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.sent = b""
        self.used: list[str] = []
        self.error: Exception | None = None  # raised by the next recv or send

    def __getattr__(self, name: str) -> object:
        self.used.append(name)
        raise AttributeError(f"websocket-client now wants {name} of a socket")

    def send(self, data: bytes) -> int:
        self.used.append("send")
        if self.error:
            raise self.error
        self.sent += data
        return len(data)

    def recv(self, size: int) -> bytes:
        self.used.append("recv")
        if self.error:
            raise self.error
        piece = self.pieces.pop(0)
        if len(self.pieces) == 0 and len(piece) > size:  # the last one is frames: these are read by size
            self.pieces.append(piece[size:])
            piece = piece[:size]
        return piece

    def gettimeout(self) -> float:
        self.used.append("gettimeout")
        return 0

    def settimeout(self, seconds: float | None) -> None:
        self.used.append("settimeout")

    def shutdown(self, how: int) -> None:
        self.used.append("shutdown")

    def close(self) -> None:
        self.used.append("close")

    def fileno(self) -> int:
        self.used.append("fileno")
        return -1

    @property
    def _closed(self) -> bool:
        self.used.append("_closed")
        return False


def head(*lines: str, status: str = "HTTP/1.1 101 Switching Protocols") -> list[bytes]:
    """Write the head of an answer as the wire gives it: each line in one piece, then its line feed."""
    return [piece for line in [status, *lines, ""] for piece in (f"{line}\r".encode(), b"\n")]


RIGHT_LINES = ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {ACCEPT}"]


def connect(recorder: Recorder) -> websocket.WebSocket:
    """Open a WebSocket as wsconn does."""
    library = websocket.WebSocket(enable_multithread=False)
    library.connect(
        "ws://wsconn.invalid/a?b=c",
        host="h.example:8080",
        header={"Sec-WebSocket-Key": KEY, "A": "b"},
        origin=None,
        suppress_origin=True,
        redirect_limit=0,
        socket=recorder,
    )
    return library


def opened(frames: bytes = b"") -> tuple[websocket.WebSocket, Recorder]:
    recorder = Recorder(*head(*RIGHT_LINES), frames)
    library = connect(recorder)
    recorder.used.clear()
    recorder.sent = b""
    return library, recorder


def test_the_version_is_pinned_to_what_was_measured() -> None:
    """The range of versions is from 1.9.1, which no longer takes a redirect for a connection, to before 2."""
    wanted = [Requirement(text) for text in importlib.metadata.requires("wsconn") or ()]
    (library,) = [requirement for requirement in wanted if requirement.name == "websocket-client"]
    assert {str(part) for part in library.specifier} == {">=1.9.1", "<2"}
    assert library.marker is None
    assert library.specifier.contains(importlib.metadata.version("websocket-client"))


def test_the_handshake_wants_little() -> None:
    """To open, the library sends, receives and asks for the timeout; it does nothing else with what it is given."""
    recorder = Recorder(*head(*RIGHT_LINES))
    connect(recorder)
    assert set(recorder.used) == {"send", "recv", "gettimeout"}


def test_lines_may_come_in_one_piece() -> None:
    """The library joins what it gets until a line feed comes alone: two receives a line, and not one a byte."""
    recorder = Recorder(*head(*RIGHT_LINES))
    library = connect(recorder)
    assert recorder.used.count("recv") == 2 * (len(RIGHT_LINES) + 2)
    assert recorder.pieces == []
    assert library.headers == {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": ACCEPT}


def test_the_request_is_what_it_is_told() -> None:
    """Key, host and headers are those given, each once; no origin, no user agent and no cookie is added."""
    recorder = Recorder(*head(*RIGHT_LINES))
    connect(recorder)
    request_line, *lines = recorder.sent.decode().removesuffix("\r\n\r\n").split("\r\n")
    assert request_line == "GET /a?b=c HTTP/1.1"
    assert sorted(lines) == [
        "A: b",
        "Connection: Upgrade",
        "Host: h.example:8080",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Version: 13",
        "Upgrade: websocket",
    ]


def test_frames_want_little() -> None:
    """A ping, a frame read and a close sent use the same three, and the close waits for no answer."""
    library, recorder = opened(PONG)
    library.ping(b"12345678")
    frame = library.recv_frame()
    received = recorder.used.count("recv")
    library.send_close()
    assert (frame.opcode, bytes(frame.data)) == (websocket.ABNF.OPCODE_PONG, b"12345678")
    assert recorder.used.count("recv") == received
    assert set(recorder.used) == {"send", "recv", "gettimeout"}


def test_what_is_sent_is_masked() -> None:
    """Ping and Close go out as one masked frame each (RFC 6455, section 5.3)."""
    library, recorder = opened()
    library.ping(b"12345678")
    library.send_close()
    ping, close = recorder.sent[:14], recorder.sent[14:]
    assert (ping[:2], close[:2], len(close)) == (b"\x89\x88", b"\x88\x82", 8)
    for frame, payload in ((ping, b"12345678"), (close, b"\x03\xe8")):
        mask, data = frame[2:6], frame[6:]
        assert bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)) == payload


def test_a_refusal_closes_and_no_more() -> None:
    """Where the handshake fails the library closes what it was given."""
    recorder = Recorder(*head(status="HTTP/1.1 403 Forbidden"))
    with pytest.raises(websocket.WebSocketBadStatusException):
        connect(recorder)
    assert set(recorder.used) == {"send", "recv", "gettimeout", "close"}


def test_closing_wants_the_rest() -> None:
    """The library's own `close`, which wsconn does not call, wants what remains of the list, and nothing beyond it."""
    library, recorder = opened(CLOSE)
    library.close()  # the echo is there already
    library, another = opened(CLOSE)
    library.fileno()
    library.shutdown()
    known = {"send", "recv", "gettimeout", "settimeout", "shutdown", "close", "fileno", "_closed"}
    assert {*recorder.used, *another.used} == known


# --- exceptions ------------------------------------------------------------------------------------------------------


class Ours(Exception):
    """Derives from neither OSError nor TimeoutError, as `StageFailed` and `Aborted` do."""


ERRORS = {
    "ours": Ours("ours"),
    "TLS": ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required"),
    "StageFailed": StageFailed(Cause.TIMEOUT),
}
each_error = pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS.keys())


@each_error
@pytest.mark.parametrize("pieces", [[], head(*RIGHT_LINES)[:3]], ids=["at once", "within the head"])
def test_exceptions_pass_through_the_handshake(error: Exception, pieces: list[bytes]) -> None:
    """What the socket raises while the library sends or receives comes out as it is."""

    class Breaking(Recorder):
        def recv(self, size: int) -> bytes:
            if not self.pieces:
                raise error
            return super().recv(size)

    with pytest.raises(type(error)) as caught:
        connect(Breaking(*pieces))
    assert caught.value is error


@each_error
@pytest.mark.parametrize("call", ["ping", "recv_frame", "send_close"])
def test_exceptions_pass_through_frames(error: Exception, call: str) -> None:
    """What the socket raises while frames are sent or received comes out as it is."""
    library, recorder = opened()
    recorder.error = error
    with pytest.raises(type(error)) as caught:
        getattr(library, call)()
    assert caught.value is error


@pytest.mark.parametrize("data", [b"\x83\x00", b"\xc1\x00", b"\x88\x01a", b"\x88\x02\x00\x00", b"\x09\x00"], ids=repr)
def test_bad_frames_have_one_exception(data: bytes) -> None:
    """What the library itself finds wrong with a frame, a Close's payload above all, it says in its own words."""
    library, _ = opened(data)
    with pytest.raises(websocket.WebSocketException):
        library.recv_frame()


# --- redirects and cookies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    """With `redirect_limit=0` the library opens no socket of its own, and does not take a redirect for a connection."""
    with closing(socket.create_server(("127.0.0.1", 0))) as elsewhere:
        location = f"Location: ws://127.0.0.1:{elsewhere.getsockname()[1]}/"
        recorder = Recorder(*head(location, status=f"HTTP/1.1 {status} Moved"))
        with pytest.raises(websocket.WebSocketException):
            connect(recorder)
        elsewhere.setblocking(False)
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert set(recorder.used) == {"send", "recv", "gettimeout", "close"}


@pytest.fixture
def no_cookies() -> Iterator[Callable[[], list[str]]]:
    """A look into the library's jar, which is one for the process and empty again afterwards."""
    jar = _handshake.CookieJar.jar
    assert jar == {}
    yield lambda: list(jar)
    jar.clear()


def test_the_library_keeps_cookies(no_cookies: Callable[[], list[str]]) -> None:
    """It keeps those that it is shown, for the whole process: the reason why it is not shown any."""
    connect(Recorder(*head(*RIGHT_LINES, "Set-Cookie: a=b; Domain=h.example")))
    assert no_cookies() == [".h.example"]
    assert not isinstance(_handshake.CookieJar, http.cookiejar.CookieJar)


# --- wsconn's wire ---------------------------------------------------------------------------------------------------


class Served:
    """A stream to a server that reads a request, answers once, and then reads until the client leaves."""

    def __init__(self, answer: Callable[[bytes], list[bytes]]) -> None:
        self.request = b""
        self.frames = b""
        self._answer = answer

    def serve(self, sock: socket.socket) -> None:
        with sock:
            while b"\r\n\r\n" not in self.request:
                self.request += sock.recv(65536)
            for piece in self._answer(self.request):
                sock.sendall(piece)
            while data := sock.recv(65536):
                self.frames += data


@contextmanager
def served(answer: Callable[[bytes], list[bytes]]) -> Iterator[tuple[Stream, Served]]:
    """Give a stream and its server, which has ended when the block has."""
    ours, theirs = socket.socketpair()
    server = Served(answer)
    thread = threading.Thread(target=server.serve, args=(theirs,), name="server", daemon=True)
    with closing(Abort()) as abort:
        thread.start()
        try:
            with closing(Stream(ours, CancelScope(Deadline.after(20), abort))) as stream:
                yield stream, server
        finally:
            thread.join(20)
    assert not thread.is_alive()


def field(request: bytes, name: str) -> list[str]:
    """Return the values of a request's header."""
    lines = request.decode().split("\r\n")[1:]
    return [value.strip() for key, _, value in (line.partition(":") for line in lines) if key.lower() == name.lower()]


def right(
    request: bytes, *, status: bytes = b"HTTP/1.1 101 Switching Protocols", more: list[bytes] | None = None
) -> list[bytes]:
    """Write a right answer to a request, in one piece."""
    (key,) = field(request, "Sec-WebSocket-Key")
    accept = f"Sec-WebSocket-Accept: {accept_key(key)}".encode()
    lines = [status, b"Upgrade: websocket", b"Connection: Upgrade", accept, *(more or ()), b"", b""]
    return [b"\r\n".join(lines)]


TARGET = parse_url("ws://h.example:8080/a?b=c")


def try_upgrade(answer: Callable[[bytes], list[bytes]], request: Request = REQUEST) -> Served:
    """Have an upgrade answered, and say goodbye to what opened."""
    with served(answer) as (stream, server):
        upgrade(stream, TARGET, request).send_close()
    return server


def test_goodbye_is_a_close_and_no_waiting() -> None:
    """The last words are one Close with code 1000; a server that says nothing to it is not waited for."""
    frames = try_upgrade(right).frames
    assert (frames[:2], len(frames)) == (b"\x88\x82", 8)
    assert bytes(a ^ b for a, b in zip(frames[2:4], frames[6:8], strict=True)) == b"\x03\xe8"


def test_cookies_stay_with_their_handshake(no_cookies: Callable[[], list[str]]) -> None:
    """A cookie that one handshake sets is in no jar afterwards, and goes with no other handshake."""
    cookies = [
        b"Set-Cookie: a=b; Domain=h.example",
        b"set-cookie: c=d; Domain=wsconn.invalid; Path=/",
        b"SET-COOKIE: e=f",
    ]
    try_upgrade(lambda request: right(request, more=cookies))
    assert no_cookies() == []
    assert field(try_upgrade(right).request, "Cookie") == []


RIGHT_ANSWERS: dict[str, Callable[[bytes], list[bytes]]] = {
    "as usual": right,
    "no reason": lambda request: right(request, status=b"HTTP/1.1 101"),
    "an empty reason": lambda request: right(request, status=b"HTTP/1.1 101 "),
    "a reason in UTF-8": lambda request: right(request, status="HTTP/1.1 101 Wechsel, bitte schön".encode()),
    "a reason in Latin-1": lambda request: right(request, status="HTTP/1.1 101 schön".encode("latin-1")),
    "a field in Latin-1": lambda request: right(request, more=["Server: schön".encode("latin-1")]),
    "a token in Latin-1": lambda request: right(request, more=["Connection: schön".encode("latin-1")]),
    "another Connection": lambda request: right(request, more=[b"Connection: keep-alive"]),
    "an empty Connection": lambda request: right(request, more=[b"Connection:"]),
    "many fields": lambda request: right(request, more=[b"X-%d: %d" % (at, at) for at in range(1000)]),
    "a long field": lambda request: right(request, more=[b"X: " + b"x" * 60_000]),
    "a subprotocol": lambda request: right(request, more=[b"Sec-WebSocket-Protocol: chat"]),
    "bare line feeds": lambda request: [right(request)[0].replace(b"\r\n", b"\n")],
    "byte for byte": lambda request: [bytes([byte]) for byte in right(request)[0]],
}


@pytest.mark.parametrize("answer", RIGHT_ANSWERS.values(), ids=RIGHT_ANSWERS.keys())
def test_right_answers_open(answer: Callable[[bytes], list[bytes]]) -> None:
    """What the rules let pass the library lets pass as well: it has no say of its own."""
    server = try_upgrade(answer, Request(headers={"User-Agent": "test/1.0"}, subprotocols=("chat", "superchat")))
    assert field(server.request, "Sec-WebSocket-Protocol") == ["chat, superchat"]


@hypothesis.given(right_answers(), st.sampled_from(["", " ", " Switching Protocols", " schön"]))
def test_right_answers_open_however_they_are_written(fields: list[tuple[str, str]], reason: str) -> None:
    """The same over any right answer that the rules were tried with."""

    def answer(request: bytes) -> list[bytes]:
        (key,) = field(request, "Sec-WebSocket-Key")
        lines = [f"{name}: {value.replace(ACCEPT, accept_key(key))}\r\n" for name, value in fields]
        return ["".join([f"HTTP/1.1 101{reason}\r\n", *lines, "\r\n"]).encode("latin-1")]

    try_upgrade(answer, Request(headers={"User-Agent": "test/1.0"}, subprotocols=("chat", "superchat")))


some_path = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    st.sampled_from("/;?:@&=+$,%.~!'()*[]{}a")
)


@hypothesis.given(some_path)
def test_the_request_asks_for_what_the_url_says(path: str) -> None:
    """Path and query reach the server as they were taken apart: the library's own reading of URLs changes nothing."""
    try:
        target = parse_url(f"ws://h.example:8080/{path}")
    except InvalidRegionError:
        hypothesis.reject()
    with served(right) as (stream, server):
        upgrade(stream, target, REQUEST)
    assert server.request.decode().split("\r\n")[0] == f"GET {target.resource} HTTP/1.1"
    assert field(server.request, "Host") == ["h.example:8080"]


@pytest.mark.parametrize("url", ["ws://[::1]:8080/", "ws://[::1]/", "wss://h.example:443/", "wss://h.example:80/"])
def test_the_host_is_the_targets(url: str) -> None:
    """The server sees its own name and port, and not the made up one that the library is told."""
    target = parse_url(url)
    with served(right) as (stream, server):
        upgrade(stream, target, REQUEST)
    assert field(server.request, "Host") == [target.authority]
    assert b"invalid" not in server.request


def test_the_request_has_what_the_test_sends() -> None:
    """Headers go out as given and in their order, each once, with origin and subprotocols; the key is fresh."""
    request = Request(
        headers={"Cookie": "a=b", "A": "Zürich", "User-Agent": "mine/1.0"},
        subprotocols=("chat",),
        origin="https://o.example",
    )
    first, second = (try_upgrade(right, request).request for _ in range(2))
    for name, value in {
        "Cookie": "a=b",
        "A": "Zürich",
        "User-Agent": "mine/1.0",
        "Origin": "https://o.example",
    }.items():
        assert field(first, name) == [value]
    assert field(first, "Sec-WebSocket-Key") != field(second, "Sec-WebSocket-Key")
    assert field(first, "Sec-WebSocket-Version") == ["13"]


FIRST_FRAMES = {
    "a greeting": (Frame(Opcode.TEXT, "schön".encode()), None),
    "a fragment": (Frame(Opcode.TEXT, "schön".encode()[:4], fin=False), None),
    "a ping": (Frame(Opcode.PING, b"a"), None),
    "a long greeting": (Frame(Opcode.BINARY, bytes(100_000)), None),
    "a Close": (Frame(Opcode.CLOSE, b"\x0f\xa1who are you?"), (4001, "who are you?")),
    "an empty Close": (Frame(Opcode.CLOSE, b""), (1005, None)),
}


@pytest.mark.parametrize(("frame", "close"), FIRST_FRAMES.values(), ids=FIRST_FRAMES.keys())
@pytest.mark.parametrize("apart", [False, True], ids=["with the head", "byte for byte"])
def test_what_follows_the_head_is_a_frame(frame: Frame, close: tuple[int, str | None] | None, apart: bool) -> None:
    """Not a byte is lost between head and frames, in however many pieces they come."""

    def answer(request: bytes) -> list[bytes]:
        data = right(request)[0] + frame.serialize(mask=False)
        return [data[at : at + 1] for at in range(len(data))] if apart and len(data) < 10_000 else [data]

    with served(answer) as (stream, _):
        first = exchange_frames(opened_over(stream))
    assert first.round_trip is None
    assert (first.close_code, first.close_reason) == (close or (None, None))


def opened_over(stream: Stream) -> OpenWebSocket:
    return upgrade(stream, TARGET, REQUEST)


def test_closes_are_judged_as_websocket_client_does() -> None:
    """Every code that its validation takes passes, and no other: it would refuse the frame after us."""
    for code in range(1 << 16):
        try:
            frames.check_close(code.to_bytes(2))
        except frames.BadFrame:
            good = False
        else:
            good = True
        assert good == ABNF._is_valid_close_status(code), code
    frames.check_close(b"")
