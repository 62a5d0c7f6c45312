"""What servers answer, judged without a socket: the head of a handshake, a frame's header, and how text is shown."""

from __future__ import annotations

import contextlib
import re
import ssl
import timeit
from datetime import UTC, datetime
from urllib.parse import urlsplit

import hypothesis
import pytest
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.utils import accept_key

from wsconn import Cause
from wsconn._diagnosis.evidence import StageFailed
from wsconn._protocols import frames
from wsconn._protocols.frames import BadFrame, TextCheck, header_size, read_header
from wsconn._protocols.handshake import accept_for, validate_response
from wsconn._protocols.http_response import Head, NotHttp, read_fields, read_status_line
from wsconn._stages.tls import moment
from wsconn._text import LONGEST, UNSEEN, host_port, redact, redact_url, sanitize, without_query

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455, section 1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
OFFERED = ("chat", "superchat")
RIGHT = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": ACCEPT}

lines_of_bytes = st.lists(st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"") + b"\r\n"), max_size=8)
any_text = st.text(st.characters(exclude_categories=()))


def check_payload(header: frames.Header, payload: bytes) -> None:
    """Check a payload as it would come in pieces of three bytes."""
    check = TextCheck(header)
    pieces = [payload[at : at + 3] for at in range(0, len(payload), 3)] or [b""]
    for number, piece in enumerate(pieces, 1):
        check.add(piece, last=number == len(pieces))


# --- the handshake ---------------------------------------------------------------------------------------------------


def answer(
    fields: dict[str, str] | list[tuple[str, str]], status_line: str = "HTTP/1.1 101 Switching Protocols"
) -> Head:
    """Read an answer as it comes over the wire."""
    pairs = fields.items() if isinstance(fields, dict) else fields
    lines = [f"{name}: {value}\r\n".encode("latin-1") for name, value in pairs]
    return read_fields(read_status_line(f"{status_line}\r\n".encode("latin-1")), lines)


def verdict(head: Head) -> StageFailed | None:
    """Return what the rules raise, or `None` where it lets the answer pass."""
    try:
        validate_response(head, KEY, OFFERED)
    except StageFailed as failed:
        return failed
    return None


def test_the_accept_is_the_rfcs() -> None:
    """The RFC's own example comes out, and the `websockets` library agrees on others."""
    assert accept_for(KEY) == ACCEPT
    for key in ("AAAAAAAAAAAAAAAAAAAAAA==", "/+/+/+/+/+/+/+/+/+/+/w=="):
        assert accept_for(key) == accept_key(key)


def test_a_right_answer_passes() -> None:
    """The answer of RFC 6455, section 1.2."""
    assert verdict(answer(RIGHT)) is None
    assert verdict(answer({**RIGHT, "Sec-WebSocket-Protocol": "chat"})) is None


def spelling(text: str) -> st.SearchStrategy[str]:
    """Some mixtures of upper and lower case."""
    mixed = "".join(c.upper() if at % 2 else c.lower() for at, c in enumerate(text))
    return st.sampled_from([text.lower(), text.upper(), text.title(), mixed, mixed.swapcase()])


tokens = st.text(st.sampled_from("abcXYZ09-_"), min_size=1, max_size=8)
spaces = st.text(st.sampled_from(" \t"), max_size=3)


@st.composite
def lists_with(draw: st.DrawFn, token: str) -> str:
    """A header's value that is a list with `token` somewhere in it."""
    before, behind = draw(st.lists(tokens, max_size=2)), draw(st.lists(tokens, max_size=2))
    return ",".join(f"{draw(spaces)}{part}{draw(spaces)}" for part in [*before, draw(spelling(token)), *behind])


@st.composite
def right_answers(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Right answers as servers and the proxies before them write them."""
    fields = [
        (draw(spelling("upgrade")), draw(lists_with("websocket"))),
        (draw(spelling("connection")), draw(lists_with("upgrade"))),
        (draw(spelling("sec-websocket-accept")), f"{draw(spaces)}{ACCEPT}{draw(spaces)}"),
    ]
    if chosen := draw(st.none() | st.sampled_from(OFFERED)):
        fields.append((draw(spelling("sec-websocket-protocol")), chosen))
    value = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc"]), max_size=20)
    fields += draw(st.lists(st.tuples(tokens.map("X-{}".format), value), max_size=4))
    return draw(st.permutations(fields))


@hypothesis.given(right_answers(), st.sampled_from(["", " ", " Switching Protocols", " Wechsel ä", " HTTP/1.0 200"]))
def test_a_right_answer_passes_however_it_is_written(fields: list[tuple[str, str]], reason: str) -> None:
    """Case, order, white space, further fields, tokens and reasons do not matter."""
    assert verdict(answer(fields, f"HTTP/1.1 101{reason}")) is None


SPLIT = {
    "Connection first": [("Connection", "Upgrade"), ("Connection", "keep-alive")],
    "Connection last": [("Connection", "keep-alive"), ("connection", "upgrade")],
    "Upgrade in two": [("Upgrade", "h2c"), ("Upgrade", "websocket")],
}


@pytest.mark.parametrize("more", SPLIT.values(), ids=SPLIT.keys())
def test_a_list_may_come_in_several_fields(more: list[tuple[str, str]]) -> None:
    """A list that is given in several fields is one list (RFC 9110, section 5.2)."""
    names = {name.lower() for name, _ in more}
    assert (
        verdict(answer([*more, *((name, value) for name, value in RIGHT.items() if name.lower() not in names)])) is None
    )


DEFECTS: dict[str, tuple[dict[str, str | None] | list[tuple[str, str]], str]] = {
    "no Upgrade": ({"Upgrade": None}, "Upgrade header is missing"),
    "no Connection": ({"Connection": None}, "Connection header is missing"),
    "no Accept": ({"Sec-WebSocket-Accept": None}, "Sec-WebSocket-Accept header is missing"),
    "empty Upgrade": ({"Upgrade": ""}, "Upgrade"),
    "another Upgrade": ({"Upgrade": "h2c"}, "Upgrade header is 'h2c' and not 'websocket'"),
    "nearly Upgrade": ({"Upgrade": "websockets"}, "'websockets'"),
    "another Connection": ({"Connection": "keep-alive"}, "'keep-alive'"),
    "nearly Connection": ({"Connection": "Upgraded"}, "'Upgraded'"),
    "empty Accept": ({"Sec-WebSocket-Accept": ""}, "Sec-WebSocket-Accept"),
    "another Accept": ({"Sec-WebSocket-Accept": accept_for("another")}, "Sec-WebSocket-Accept header is wrong"),
    "Accept in lower case": ({"Sec-WebSocket-Accept": ACCEPT.lower()}, "Sec-WebSocket-Accept header is wrong"),
    "Accept in upper case": ({"Sec-WebSocket-Accept": ACCEPT.upper()}, "Sec-WebSocket-Accept header is wrong"),
    "Accept cut": ({"Sec-WebSocket-Accept": ACCEPT[:-1]}, "Sec-WebSocket-Accept header is wrong"),
    "Accept quoted": ({"Sec-WebSocket-Accept": f'"{ACCEPT}"'}, "Sec-WebSocket-Accept header is wrong"),
    "Accept and a no-break space": ({"Sec-WebSocket-Accept": f"{ACCEPT}\xa0"}, "Sec-WebSocket-Accept header is wrong"),
    "Accept and a vertical tab": ({"Sec-WebSocket-Accept": f"\x0b{ACCEPT}"}, "Sec-WebSocket-Accept header is wrong"),
    "Accept is the key": ({"Sec-WebSocket-Accept": KEY}, "Sec-WebSocket-Accept header is wrong"),
    "Accept twice": (
        [*RIGHT.items(), ("Sec-WebSocket-Accept", ACCEPT)],
        "Sec-WebSocket-Accept header is wrong",
    ),
    "extension": ({"Sec-WebSocket-Extensions": "permessage-deflate"}, "'permessage-deflate'"),
    "another subprotocol": ({"Sec-WebSocket-Protocol": "graphql-ws"}, "'graphql-ws'"),
    "subprotocol in other case": ({"Sec-WebSocket-Protocol": "Chat"}, "'Chat'"),
    "two subprotocols": ({"Sec-WebSocket-Protocol": "chat, superchat"}, "'chat, superchat'"),
    "space before the colon": ([*RIGHT.items(), ("X-A ", "b")], "header line"),
    "no name": ([*RIGHT.items(), ("", "b")], "header line"),
}


@pytest.mark.parametrize(("change", "fact"), DEFECTS.values(), ids=DEFECTS.keys())
def test_each_defect_fails(change: dict[str, str | None] | list[tuple[str, str]], fact: str) -> None:
    """An answer that is right but for one thing is no WebSocket, and the detail says for what."""
    fields = {**RIGHT, **change} if isinstance(change, dict) else change
    given = fields.items() if isinstance(fields, dict) else fields
    failed = verdict(answer([(name, value) for name, value in given if value is not None]))
    assert failed is not None
    assert failed.cause is Cause.BAD_UPGRADE
    assert failed.evidence is not None
    assert fact in (failed.evidence.detail or "")
    assert failed.evidence.http_status == 101


@pytest.mark.parametrize("version", ["1.0", "0.9", "2.0", "1.2"])
def test_only_http_1_1_opens_a_websocket(version: str) -> None:
    """A 101 in another version of HTTP is none (RFC 6455, section 4.1)."""
    failed = verdict(answer(RIGHT, f"HTTP/{version} 101 Switching Protocols"))
    assert failed is not None
    assert failed.cause is Cause.BAD_UPGRADE
    assert f"HTTP/{version}" in str(failed.evidence)


@pytest.mark.parametrize(
    "status", [100, 102, 103, 200, 204, 300, 301, 302, 303, 304, 305, 307, 308, 400, 404, 426, 500, 511, 599, 999]
)
def test_any_other_status_fails(status: int) -> None:
    """Any status but 101 is one that says so, with right headers too; a redirect is called that and not followed."""
    failed = verdict(answer({**RIGHT, "Location": "wss://other.example/"}, f"HTTP/1.1 {status} Any reason"))
    redirect = status in (301, 302, 303, 307, 308)
    assert failed is not None
    assert failed.cause is (Cause.REDIRECTED if redirect else Cause.HTTP_STATUS)
    assert failed.evidence is not None
    assert (failed.evidence.http_status, failed.evidence.http_reason) == (status, "Any reason")
    assert failed.evidence.location == "wss://other.example/"


@hypothesis.given(
    st.binary() | st.binary().map(b"HTTP/1.1 101".__add__) | st.binary().map(b"HTTP/".__add__), lines_of_bytes
)
def test_arbitrary_bytes_never_crash_the_reader(status_line: bytes, lines: list[bytes]) -> None:
    """Whatever comes is an answer, none, or a refusal: nothing else is raised, and what is told is safe to show."""
    try:
        head = read_fields(read_status_line(status_line), lines)
    except NotHttp as error:
        said = [str(error)]
    else:
        failed = verdict(head)
        assert failed is not None
        evidence = failed.evidence
        assert evidence is not None
        said = [evidence.detail, evidence.http_reason, evidence.location, evidence.retry_after, evidence.server]
    for text in said:
        assert text is None or text.isprintable()
        assert text is None or len(text) <= LONGEST + 100


@hypothesis.given(lines_of_bytes, st.integers(0, 8))
def test_arbitrary_lines_open_nothing(lines: list[bytes], at: int) -> None:
    """No line that a server may add makes a wrong answer right: without the accept it stays one."""
    right = [f"{name}: {value}\r\n".encode() for name, value in RIGHT.items() if name != "Sec-WebSocket-Accept"]
    head = read_fields(read_status_line(b"HTTP/1.1 101 Switching Protocols\r\n"), [*lines[:at], *right, *lines[at:]])
    assert verdict(head) is not None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"HTTP/1.1",
        b"HTTP/1.1 ",
        b"HTTP/1.1 10",
        b"HTTP/1.1 1011",
        b"HTTP/1.1 099 OK",
        b"HTTP/1.1 abc",
        b"HTTP/1.1 101OK",
        b"HTTP/1.1  101 OK",
        b"HTTP/1.1\t101 OK",
        b"http/1.1 101 OK",
        b"HTTP/11 101 OK",
        b"HTTP/1.10 101 OK",
        "HTTP/1.1 \uff11\uff10\uff11 OK".encode(),
        b" HTTP/1.1 101 OK",
        b"ICY 200 OK",
        b"SSH-2.0-OpenSSH_9.6",
    ],
    ids=repr,
)
def test_what_is_no_status_line(line: bytes) -> None:
    """A line that RFC 9112, section 4 does not know is no answer in HTTP."""
    with pytest.raises(NotHttp):
        read_status_line(line + b"\r\n")


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b""], ids=repr)
def test_line_ends_may_be_bare(end: bytes) -> None:
    """A line feed alone ends a line as well (RFC 9112, section 2.2)."""
    head = read_status_line(b"HTTP/1.1 101 Switching Protocols" + end)
    assert (head.version, head.status, head.reason) == ("1.1", 101, "Switching Protocols")
    assert read_fields(head, [b"A: b" + end]).fields == {"a": "b"}


@pytest.mark.parametrize(
    ("location", "expected"),
    [("/login?to=s3cret", "/login"), ("?login=s3cret", "?…"), ("#s3cret", "#…"), ("?", "?…"), ("", None)],
)
def test_a_redirect_to_a_query_alone_is_one_to_somewhere(location: str, expected: str | None) -> None:
    """The query is not shown, and that there is one is."""
    failed = verdict(answer({"Location": location}, "HTTP/1.1 302 Found"))
    assert failed is not None
    assert failed.evidence is not None
    assert failed.evidence.location == expected


def test_fields_that_are_not_shown_cost_nothing() -> None:
    """A head of 64 KiB whose every field was made fit to be shown took 10 ms, and 128 regions have one interpreter."""
    three = {"Location": "é" * 200, "Retry-After": "é" * 200, "Server": "é" * 200}
    more = {f"X-{number}": "é" * 150 for number in range(400)}

    def cost(fields: dict[str, str]) -> float:
        evidence = answer(fields).evidence
        return min(timeit.repeat(evidence, number=10, repeat=5))

    assert cost({**three, **more}) < 5 * cost(three)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("30", "30 s"), ("Fri, 31 Dec 1999 23:59:59 GMT", "until Fri, 31 Dec 1999 23:59:59 GMT"), ("", None)],
)
def test_retry_after_is_seconds_or_a_date(value: str, expected: str | None) -> None:
    """Both forms of RFC 9110, section 10.2.3 are told as a person would."""
    failed = verdict(answer({"Retry-After": value}, "HTTP/1.1 503 Busy"))
    assert failed is not None
    assert failed.evidence is not None
    assert failed.evidence.retry_after == expected


# --- frames ----------------------------------------------------------------------------------------------------------

OPCODES = (Opcode.TEXT, Opcode.BINARY, Opcode.CLOSE, Opcode.PING, Opcode.PONG)
CONTROL = (Opcode.CLOSE, Opcode.PING, Opcode.PONG)


def header(data: bytes) -> frames.Header:
    return read_header(data[: header_size(data[:2])])


def raw(first: int, length: int, *, mask: int = 0, written: int | None = None) -> bytes:
    """Write a frame's header bit by bit; `written` is the size of the length's field."""
    size = written or (7 if length < 126 else 16 if length < 1 << 16 else 64)
    short = {7: length, 16: 126, 64: 127}[size]
    return bytes([first, mask | short]) + (length.to_bytes(size // 8) if size > 7 else b"")


@hypothesis.given(
    st.sampled_from(OPCODES), st.booleans(), st.integers(0, 70_000) | st.sampled_from([125, 126, 65535, 65536])
)
def test_a_servers_frames_are_read(opcode: Opcode, final: bool, length: int) -> None:
    """What the `websockets` library writes for a server comes out as it went in."""
    if opcode in CONTROL:
        final, length = True, min(length, 125)
    data = Frame(opcode, bytes(length), fin=final).serialize(mask=False)
    assert header(data) == frames.Header(final, opcode, length)
    assert header_size(data[:2]) == len(data) - length


@hypothesis.given(st.binary(min_size=2, max_size=2), st.binary(min_size=8, max_size=8))
def test_arbitrary_bytes_are_a_frame_or_a_bad_one(start: bytes, rest: bytes) -> None:
    """Nothing else than `BadFrame` is raised, and what passes is within the rules."""
    size = header_size(start)
    assert size in (2, 4, 10)
    with contextlib.suppress(BadFrame):
        found = read_header((start + rest)[:size])
        assert found.opcode in OPCODES
        assert 0 <= found.length <= frames.LONGEST_FRAME_BYTES
        assert found.opcode not in CONTROL or (found.final and found.length <= 125)
        assert raw((found.final << 7) | found.opcode, found.length) == (start + rest)[:size]


def test_first_bytes() -> None:
    """Of all first bytes those pass that RFC 6455 knows for a message's beginning and for control frames."""
    passed = set()
    for first in range(256):
        with contextlib.suppress(BadFrame):
            assert header(raw(first, 0)).final is bool(first & 0x80)
            passed.add(first)
    assert passed == {0x01, 0x02, 0x81, 0x82, 0x88, 0x89, 0x8A}


BAD_FRAMES = {
    "RSV1": (raw(0xC1, 0), "reserved"),
    "RSV2": (raw(0xA1, 0), "reserved"),
    "RSV3": (raw(0x91, 0), "reserved"),
    "opcode 3": (raw(0x83, 0), "opcode 3"),
    "opcode 11": (raw(0x8B, 0), "opcode 11"),
    "masked": (raw(0x81, 5, mask=0x80), "masked"),
    "masked pong": (raw(0x8A, 8, mask=0x80), "masked"),
    "continuation of nothing": (raw(0x80, 0), "continues"),
    "fragmented ping": (raw(0x09, 0), "fragmented"),
    "fragmented pong": (raw(0x0A, 0), "fragmented"),
    "fragmented close": (raw(0x08, 0), "fragmented"),
    "long ping": (raw(0x89, 126), "125"),
    "long pong": (raw(0x8A, 1 << 16), "125"),
    "long close": (raw(0x88, 126), "125"),
    "16 bits for 125": (raw(0x81, 125, written=16), "shortest"),
    "16 bits for 0": (raw(0x82, 0, written=16), "shortest"),
    "64 bits for 65535": (raw(0x81, 65535, written=64), "shortest"),
    "64 bits for 0": (raw(0x81, 0, written=64), "shortest"),
    "16 MiB and one": (raw(0x82, 16 * 1024 * 1024 + 1), "beyond reason"),
    "a negative length": (raw(0x82, 1 << 63), "beyond reason"),
    "the longest length": (raw(0x82, (1 << 64) - 1), "beyond reason"),
}


@pytest.mark.parametrize(("data", "fact"), BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
def test_each_rule_of_frames(data: bytes, fact: str) -> None:
    """A header that breaks one rule is refused, and the message says which."""
    with pytest.raises(BadFrame, match=fact):
        header(data)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 128 * 1024, 16 * 1024 * 1024])
def test_lengths_at_the_edges(length: int) -> None:
    """Each form of the length is read, up to 16 MiB."""
    assert header(raw(0x82, length)).length == length


PAYLOADS = {
    "text": (0x81, "ä東🏁".encode(), True),
    "empty text": (0x81, b"", True),
    "Latin-1": (0x81, "ä".encode("latin-1"), False),
    "a surrogate": (0x81, b"\xed\xa0\x80", False),
    "an overlong slash": (0x81, b"\xc0\xaf", False),
    "cut in a character": (0x81, "東".encode()[:2], False),
    "a fragment cut in a character": (0x01, "東".encode()[:2], True),
    "a fragment that is wrong": (0x01, b"\xff", False),
    "binary": (0x82, b"\xff\xfe", True),
    "a pong": (0x8A, b"\xff\xfe", True),
}


@pytest.mark.parametrize(("first", "payload", "good"), PAYLOADS.values(), ids=PAYLOADS.keys())
def test_text_must_be_utf8(first: int, payload: bytes, good: bool) -> None:
    """Text is UTF-8, a first fragment up to where it ends; other frames hold what they like."""
    with contextlib.nullcontext() if good else pytest.raises(BadFrame, match="UTF-8"):
        check_payload(header(raw(first, len(payload))), payload)


@pytest.mark.parametrize(
    ("payload", "fact"),
    [
        (b"\x03", "half a code"),
        (b"\x03\xed", "has the code 1005, which may not be sent"),
        (b"\x00\x00", "code 0,"),
        (b"\x03\xf8", "code 1016,"),
        (b"\x13\x88no", "code 5000,"),
        (b"\x03\xf0ab\xd7", "reason of its close is not UTF-8"),
    ],
    ids=["half a code", "1005", "0", "1016", "5000", "half a character"],
)
def test_each_rule_of_closes(payload: bytes, fact: str) -> None:
    """A close that breaks a rule is told in wsconn's words."""
    with pytest.raises(BadFrame, match=fact):
        frames.check_close(payload)


@hypothesis.given(st.binary(max_size=40), st.booleans())
def test_arbitrary_text_frames(payload: bytes, final: bool) -> None:
    """Python's own decoder agrees on what is UTF-8; a fragment may end within a character, and nowhere else."""
    passed = True
    try:
        check_payload(frames.Header(final, Opcode.TEXT, len(payload)), payload)
    except BadFrame:
        passed = False
    tails = [b""] if final else [b"", b"\x80", b"\x80\x80", b"\x80\x80\x80", b"\xbf", b"\xa0\x80", b"\x90\x80\x80"]
    assert passed is any(_decodes(payload + tail) for tail in tails)


def _decodes(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


# --- how text is shown -----------------------------------------------------------------------------------------------


@hypothesis.given(
    any_text | st.binary() | any_text.map(lambda text: text * 100) | st.binary().map(lambda data: data * 100)
)
def test_shown_text_is_safe(text: str | bytes) -> None:
    """Whatever a peer sends is shown on one line of at most 200 characters, without any that steers a terminal."""
    safe = sanitize(text)
    assert safe.isprintable()
    assert len(safe) <= LONGEST


@hypothesis.given(
    st.text(st.characters(exclude_categories=["C", "Z", "M"]).filter(lambda c: not UNSEEN.match(c)), max_size=LONGEST)
)
def test_short_text_is_shown_as_it_is(text: str) -> None:
    """Text that is printable and short is not touched, given as bytes as well."""
    assert sanitize(text) == text
    assert sanitize(text.encode()) == text


@pytest.mark.parametrize("piece", ["a", "ä", "東", "🏁", "\n", "\x00", "\u202e"], ids=ascii)
@pytest.mark.parametrize("encode", [str, str.encode], ids=["str", "bytes"])
def test_text_that_is_cut_says_so(piece: str, encode: type[str]) -> None:
    """Where something is left out the text ends with an ellipsis."""
    assert sanitize(encode(piece * (LONGEST + 1))).endswith("…")
    assert sanitize(encode(piece * 10_000)).endswith("…")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb", r"a\r\nb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202eabc", r"\u202eabc"),
        ("\ud800", r"\ud800"),
        (b"\xff\xfe", r"\xff\xfe"),
        (b"\x00", r"\x00"),
        ("\U000e0001", r"\U000e0001"),
        ("a\u200db\ufeff", r"a\u200db\ufeff"),
        ("a\u3164b\uffa0\u2800", r"a\u3164b\uffa0\u2800"),
        ("a\ufe0f\U000e0101", r"a\ufe0f\U000e0101"),
        ("e" + "\u0301" * 4, "e" + "\u0301" * 4),
        ("e" + "\u0301" * 6 + "f\u0301", "e" + "\u0301" * 4 + r"\u0301\u0301" + "f\u0301"),
        ("a\u20dd" * 3, "a\u20dd" * 3),
        ("\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd", "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd"),
        ("สวัสดี हिन्दी Việt 東京", "สวัสดี हिन्दी Việt 東京"),
    ],
    ids=ascii,
)
def test_what_is_not_printable_is_escaped(text: str | bytes, expected: str) -> None:
    """Control characters, bidirectional ones and broken bytes are shown as Python writes them."""
    assert sanitize(text) == expected


@hypothesis.given(any_text, st.text(min_size=4, max_size=300), any_text)
def test_a_secret_that_is_repeated_is_hidden(before: str, secret: str, after: str) -> None:
    """Wherever it stands, and where it was cut: no more than three characters of it are told."""
    told = redact(sanitize(before + secret + after), [secret])
    assert sanitize(secret[:4]) not in told or sanitize(secret[:4]) in sanitize(before) + sanitize(after) + "…"
    assert len(told) <= LONGEST + 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("bad token S3CRETS", "bad token …"),
        ("/room?token=S3CRETS gone", "/room?… gone"),
        ("S3CRETS S3CRETS", "… …"),
        ("x" * 193 + "S3CRETS", "x" * 193 + "…"),
        ("x" * 194 + "S3CRETS", "x" * 194 + "…"),
        ("x" * 196 + "S3CRETS", "x" * 196 + "S3C…"),
        ("nothing", "nothing"),
    ],
)
def test_how_a_secret_is_hidden(said: str, expected: str) -> None:
    """A query leaves its mark, a secret an ellipsis, and what is short is no secret."""
    assert redact(sanitize(said), ["S3CRETS", "?token=S3CRETS", "thi", ""]) == expected


plain = st.text(st.sampled_from("abcXYZ019-._~"), min_size=1, max_size=10)
secrets = st.text(st.sampled_from("!$&'()*+,;=:%éß東 \t\x00"), max_size=6).map(lambda text: f"s3{text}cret")


@hypothesis.given(st.sampled_from(["ws", "wss", "http", "socks5h", "gopher"]), plain, secrets, secrets, secrets)
def test_redacted_urls_tell_no_secret(scheme: str, host: str, user: str, password: str, query: str) -> None:
    """Of a URL neither userinfo nor query nor fragment is shown, and the host is."""
    for url in (
        f"{scheme}://{user}@{host}/",
        f"{scheme}://me:{password}@{host}/a",
        f"{scheme}://{user}:{password}@{host}:80/a?{query}",
        f"{scheme}://{host}/a?{query}",
        f"{scheme}://{host}?{query}#{query}",
        f"{scheme}://{host}/#{query}",
        f"me:{password}@{host}:3128",
    ):
        told = redact_url(url)
        assert "s3" not in told
        assert "cret" not in told
        assert host in told
        assert told.isprintable()


@pytest.mark.parametrize("at", ["/", "//", "?", "#", "@", "://", "\\", " ", "/a@"], ids=repr)
def test_redacted_urls_tell_no_secret_that_is_not_quoted(at: str) -> None:
    """A password with a character that ends a host is the usual mistake: none of its parts is shown."""
    told = redact_url(f"http://me:s3{at}cret@proxy.example:3128/")
    assert "s3" not in told
    assert "cret" not in told


@pytest.mark.parametrize(
    "query", ["mail=me@s3cret", "to=//s3cret", "to=http://me:x@s3cret/", "a@b//c@s3cret"], ids=repr
)
def test_redacted_urls_tell_no_query_with_such_characters(query: str) -> None:
    """A query may hold anything: none of it is shown."""
    for url in (f"wss://h.example/?{query}", f"wss://h.example?{query}", f"wss://h.example/#{query}"):
        assert "s3cret" not in redact_url(url)


@hypothesis.given(any_text)
def test_redacted_takes_any_text(text: str) -> None:
    """What is no URL at all is shown safely too."""
    told = redact_url(text)
    assert told.isprintable()
    assert len(told) <= LONGEST


@hypothesis.given(plain, plain, any_text, any_text)
def test_a_query_is_left_out(host: str, path: str, query: str, fragment: str) -> None:
    """`without_query` gives what is before the query or the fragment, and no more."""
    url = f"wss://{host}/{path}"
    assert without_query(f"{url}?{query}#{fragment}") == without_query(f"{url}#{fragment}?{query}") == url
    assert without_query(url) == url


@hypothesis.given(st.ip_addresses().map(str) | plain, st.integers(0, 65535))
def test_host_and_port_can_be_read_back(host: str, port: int) -> None:
    """An IPv6 address gets its brackets, and the standard library finds host and port again."""
    told = host_port(host, port)
    parts = urlsplit(f"//{told}")
    assert (parts.hostname, parts.port) == (host.lower(), port)
    assert bool(re.match(r"\[", told)) is (":" in host)


# --- what certificates say -------------------------------------------------------------------------------------------


@hypothesis.given(st.datetimes(min_value=datetime(1950, 1, 1)))
def test_moments_are_read_as_the_standard_library_reads_them(wanted: datetime) -> None:
    """A certificate's time, as OpenSSL writes it, becomes the same moment as by `ssl.cert_time_to_seconds`."""
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][wanted.month - 1]
    text = f"{month} {wanted.day:2} {wanted:%H:%M:%S} {wanted.year} GMT"
    assert moment(text) == datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
