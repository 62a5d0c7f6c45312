"""What servers answer to the request for a WebSocket, judged without a socket."""

from __future__ import annotations

import timeit

import hypothesis
import pytest
from hypothesis import strategies as st
from websockets.utils import accept_key

from tests.protocols.answers import ACCEPT, KEY, OFFERED, RIGHT, right_answers
from wsconn import Cause
from wsconn._diagnosis.evidence import StageFailed
from wsconn._protocols.handshake import accept_for, validate_response
from wsconn._protocols.http_response import Head, NotHttp, read_fields, read_status_line
from wsconn._text import LONGEST

lines_of_bytes = st.lists(st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"") + b"\r\n"), max_size=8)


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


@hypothesis.given(right_answers(), st.sampled_from(["", " ", " Switching Protocols", " Wechsel ä", " HTTP/1.0 200"]))
def test_a_right_answer_passes_however_it_is_written(fields: list[tuple[str, str]], reason: str) -> None:
    """Case, order, white space, further fields, tokens and reasons do not matter."""
    assert verdict(answer(fields, f"HTTP/1.1 101{reason}")) is None


SPLIT = {
    "Connection first": [("Connection", "Upgrade"), ("Connection", "keep-alive")],
    "Connection last": [("Connection", "keep-alive"), ("connection", "upgrade")],
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
    "Upgrade to one of two": ({"Upgrade": "websocket, h2c"}, "Upgrade header is 'websocket, h2c' and not 'websocket'"),
    "Upgrade twice": ([*RIGHT.items(), ("Upgrade", "websocket")], "Upgrade header is 'websocket, websocket'"),
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
    "NUL in a value": ([*RIGHT.items(), ("X-A", "b\0c")], "header line"),
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
