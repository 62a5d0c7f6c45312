"""Regions whose URL an endpoint names: what the answer may be, and what must not come of one that is hostile."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable

import pytest

import wsconn
from tests.engine import only, start_in
from tests.stages.discovery import STAGES
from tests.windows import marked, no_resets, slow_floods
from wsconn import Cause, Discovery, Failure, InvalidRegionError, Region, RegionOutcome, Stage, Status
from wsconn.lab import Lab, faults


def endpoint(lab: Lab, body: bytes, *, tls: bool = False, status: int = 200, **headers: str) -> str:
    """Add an endpoint that answers with `body`, and return its URL."""
    name = f"endpoint-{len(lab.regions)}"
    return lab.add(name, tls=tls, fault=faults.http_status(status, headers=headers, body=body), path="/rooms").replace(
        "ws", "http", 1
    )


def discover(lab: Lab, url: str, pointer: str = "/worker/wssUri", **options: float) -> RegionOutcome:
    region = Region("region", discovery=Discovery(url, pointer))
    return only(wsconn.start([region], ssl_context=lab.ssl_context, proxy=None, **options))


def failure(outcome: RegionOutcome, cause: Cause, fact: str) -> Failure:
    assert outcome.failure is not None, outcome
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.DISCOVERY, cause), outcome.failure
    assert fact in outcome.failure.message
    assert "nothing is known yet about WebSocket from here" in outcome.failure.advice
    assert outcome.timings.discovery is not None
    return outcome.failure


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_url_that_was_discovered_is_tested(lab: Lab, tls: bool) -> None:
    """The endpoint and the URL are both among the attempts, and both times are told."""
    url = lab.add("region", tls=tls)
    asked = endpoint(lab, json.dumps({"worker": {"wssUri": url}}).encode(), tls=tls)
    outcome = discover(lab, asked)
    assert outcome.status is Status.PASSED, outcome
    assert outcome.url == url
    first, second = outcome.attempts
    assert (first.url, first.stage, first.cause) == (asked, Stage.DISCOVERY, None)
    assert (second.url, second.stage, second.cause) == (url, Stage.FRAMES, None)
    assert outcome.timings.discovery is not None
    assert outcome.timings.upgrade is not None


def test_headers_of_the_upgrade_are_not_sent_to_discovery(lab: Lab) -> None:
    """The endpoint sees a User-Agent and nothing of the user's."""
    requests: list[bytes] = []

    def note(sock: socket.socket) -> None:
        requests.append(sock.recv(65536))
        sock.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n"ws:\r\n1\r\n"\r\n0\r\n\r\n')

    url = lab.add("endpoint", fault=note, path="/a?b=c").replace("ws://", "http://")
    region = Region("region", discovery=Discovery(url, ""))
    outcome = only(wsconn.start([region], headers={"Authorization": "s3cret"}, proxy=None))
    failure(outcome, Cause.BAD_DISCOVERY, "must begin with ws:// or wss://")
    assert requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert b"User-Agent: wsconn/" in requests[0]
    assert b"s3cret" not in requests[0]


BODIES = {
    "not JSON": (b"<html>login</html>", "no JSON, but '<html>login"),
    "nested beyond reason": (b"[" * 60000, "no JSON"),
    "nothing there": (b'{"worker": {}}', "without anything at /worker/wssUri"),
    "no string": (b'{"worker": {"wssUri": 7}}', "no string at"),
    "a list": (b'{"worker": []}', "without anything at"),
    "not a fit URL": (b'{"worker": {"wssUri": "wss://a b/"}}', "white space"),
    "a file": (b'{"worker": {"wssUri": "file:///etc/passwd"}}', "must begin with"),
    "userinfo": (b'{"worker": {"wssUri": "wss://u:p@a.example/"}}', "user name"),
    "text from right to left": (b'{"worker": {"wssUri": "wss://a.example/\\u202egpj.exe"}}', "cannot be seen"),
    "invisible characters": (b'{"worker": {"wssUri": "wss://a.example/\\u3164"}}', "cannot be seen"),
    "half a character": (b'{"worker": {"wssUri": "wss://a.example/\\ud800"}}', "cannot be seen"),
    "a long URL": (b'{"worker": {"wssUri": "wss://a.example/%b"}}' % (b"x" * 2000), "more than 2000"),
    "a long host": (b'{"worker": {"wssUri": "wss://%b/"}}' % (b"a." * 130), "more than 253"),
    "a URL in another coding": ('{"worker": {"wssUri": "wss://a/"}}'.encode("utf-16"), "no JSON"),
    "brackets in a string": (b'["' + b"[{" * 500 + b'"]', "without anything"),
    "brackets behind a string": (b'["\\\\",' + b"[" * 500, "no JSON"),
    "brackets side by side": (b"[" + b"[]," * 500 + b"[]]", "without anything"),
    "half a string": (b'["' + b'\\"' * 30_000, "no JSON"),
    "a number of many digits": (b"1" * 5000, "no JSON"),
    "too large": (b'"' + b"x" * 70000 + b'"', "more than 64 KiB"),
    "control characters": (b"\x1b[31mred", "\\x1b[31mred"),
}


@pytest.mark.parametrize(("body", "fact"), BODIES.values(), ids=BODIES.keys())
def test_an_answer_that_is_unfit(lab: Lab, body: bytes, fact: str) -> None:
    """Whatever the endpoint sends is checked; what is wrong with it is told."""
    failure(discover(lab, endpoint(lab, body)), Cause.BAD_DISCOVERY, fact)


SMALL_STACK = """
    import sys, threading, wsconn
    threading.stack_size(256 * 1024)
    region = wsconn.Region("region", discovery=wsconn.Discovery(sys.argv[1], ""))
    print(wsconn.check([region], proxy=None).outcomes[0].failure.cause)
"""


def test_brackets_do_not_exhaust_a_small_stack(lab: Lab) -> None:
    """A thread may have less stack than Python takes for granted: an answer must not end the process there."""
    for piece in (b"[", b'{"":'):
        asked = endpoint(lab, piece * 15_000)
        command = [sys.executable, "-c", textwrap.dedent(SMALL_STACK), asked]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (0, "bad_discovery\n"), done


def test_https_does_not_lead_to_ws(lab: Lab) -> None:
    """An endpoint that was asked over TLS may not lead to a region without it."""
    asked = endpoint(lab, b'"ws://127.0.0.1:9/"', tls=True)
    failure(discover(lab, asked, ""), Cause.BAD_DISCOVERY, "must begin with wss://")


def says(answer: bytes, *, then: bytes = b"", times: int = 1) -> Callable[[socket.socket], None]:
    """Answer any request with these bytes, `then` as often as that, and end."""

    def talk(sock: socket.socket) -> None:
        sock.recv(65536)
        sock.sendall(answer)
        for _ in range(times):
            sock.sendall(then)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass

    return talk


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FRAMED = {
    "to the end": OK + b"\r\n%b",
    "by length": OK + b"Content-Length: %d\r\n\r\n%b and more",
    "by length, told twice": OK + b"Content-Length: %d\r\nContent-Length: %d\r\n\r\n%b",
    "in chunks": OK + b"Transfer-Encoding: Chunked\r\n\r\n%x; a=b\r\n%b\r\n0\r\nTrailer: x\r\n\r\n",
    "after others": b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + b"\r\n%b",
}


@pytest.mark.parametrize("form", FRAMED.values(), ids=FRAMED.keys())
def test_a_body_is_read_in_every_form(lab: Lab, form: bytes) -> None:
    """Whether its length is told, in chunks, or the end of the connection."""
    body = json.dumps(lab.add("region")).encode()
    numbers = [len(body)] * (form.count(b"%d") + form.count(b"%x"))
    url = lab.add("endpoint", fault=says(form % (*numbers, body))).replace("ws", "http", 1)
    assert discover(lab, url, "").status is Status.PASSED


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_body_is_read_in_small_chunks(lab: Lab, size: int) -> None:
    """Chunks may be cut anywhere."""
    body = json.dumps(lab.add("region")).encode()
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%X\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    url = lab.add("endpoint", fault=says(CHUNKED + chunks + b"0\r\n\r\n")).replace("ws", "http", 1)
    assert discover(lab, url, "").status is Status.PASSED


ODD: dict[str, tuple[bytes, Cause, str]] = {
    "cut short": (OK + b'Content-Length: 99\r\n\r\n"wss://a.example/"', Cause.CLOSED, "ended"),
    "a chunk cut short": (CHUNKED + b'99\r\n"wss://a.example/"', Cause.CLOSED, "ended"),
    "two lengths": (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n1", Cause.BAD_DISCOVERY, "Content-Length"),
    "a negative length": (OK + b"Content-Length: -1\r\n\r\n1", Cause.BAD_DISCOVERY, "Content-Length is '-1'"),
    "a length without end": (OK + b"Content-Length: 1" + b"0" * 5000 + b"\r\n\r\n1", Cause.BAD_DISCOVERY, "Length"),
    "a negative chunk": (CHUNKED + b"-1\r\n1", Cause.BAD_DISCOVERY, "the size of a chunk is '-1'"),
    "a chunk in another script": (CHUNKED + "\uff11\r\n1".encode(), Cause.BAD_DISCOVERY, "the size of a chunk"),
    "a chunk of 2**64": (CHUNKED + b"1" + b"0" * 16 + b"\r\n1", Cause.BAD_DISCOVERY, "the size of a chunk"),
    "a chunk's size without end": (CHUNKED + b"1;" + b"x" * 70000, Cause.BAD_DISCOVERY, "it sends without end"),
    "a chunk that goes on": (CHUNKED + b'1\r\n"wss://a.example/"', Cause.BAD_DISCOVERY, "longer than its size"),
    "packed on the way": (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", Cause.BAD_DISCOVERY, "'gzip, chunked'"),
    "packed": (OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08", Cause.BAD_DISCOVERY, "no JSON, but '\\x1f\\x8b"),
    "nothing": (OK + b"Content-Length: 0\r\n\r\n", Cause.BAD_DISCOVERY, "no JSON, but ''"),
    "no end of headers": (OK + b"X: x\r\n" * 20_000, Cause.BAD_DISCOVERY, "larger than 64 KiB"),
    "no end of interim answers": (b"HTTP/1.1 100 Go\r\n\r\n" * 9000, Cause.BAD_DISCOVERY, "larger than 64 KiB"),
}


@pytest.mark.parametrize(("answer", "cause", "fact"), ODD.values(), ids=ODD.keys())
def test_a_body_that_breaks_the_rules(lab: Lab, answer: bytes, cause: Cause, fact: str) -> None:
    """What is wrong with how the body is told is said; one that was cut short is never taken for the whole."""
    failure(discover(lab, lab.add("endpoint", fault=says(answer)).replace("ws", "http", 1), ""), cause, fact)


@pytest.mark.promise(1)
@pytest.mark.parametrize(
    "then",
    [
        pytest.param(b"1\r\n1\r\n", id="tiny chunks", marks=slow_floods),
        pytest.param(b"fffffff\r\n" + b"1" * 60000, id="huge chunks"),
        pytest.param(b"1;" + b"x" * 4000 + b"\r\n1\r\n", id="extensions"),
    ],
)
def test_chunks_without_end(lab: Lab, then: bytes) -> None:
    """An endless body in chunks ends at the limit, whatever the chunks are like."""
    url = lab.add("endpoint", fault=says(CHUNKED, then=then, times=100_000)).replace("ws", "http", 1)
    outcome = discover(lab, url, "")
    failure(outcome, Cause.BAD_DISCOVERY, "without end" if len(then) != 60009 else "more than 64 KiB")
    assert outcome.duration < 4


@pytest.mark.promise(1)
def test_a_head_costs_no_more_time_than_its_bytes(lab: Lab) -> None:
    """`http.client` took 49 s over this one, in a single call that no deadline ends."""
    line = b'Content-Type: multipart/mixed; a="' + b";" * 60_000 + b"\r\n"
    answer = OK + line + b'\r\n"no URL"'
    began = time.process_time()
    url = lab.add("endpoint", fault=says(answer)).replace("ws", "http", 1)
    failure(discover(lab, url, ""), Cause.BAD_DISCOVERY, "'no URL' holds white space")
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(("fault", "cause", "fact"), marked(STAGES, no_resets, "reset"))
def test_every_stage_of_discovery_is_told_as_discovery(lab: Lab, fault: faults.Fault, cause: Cause, fact: str) -> None:
    """Any cause may begin there; the stage says that it was discovery's."""
    tls = fault is faults.NO_SUCH_HOST  # a name other than this machine's must be asked over TLS
    url = lab.add("endpoint", fault=fault, tls=tls).replace("ws", "http", 1)
    outcome = discover(lab, url, timeout=0.7 if cause is Cause.TIMEOUT else 5.0)
    told = failure(outcome, cause, fact)
    assert url in told.message
    assert outcome.duration < 5


@pytest.mark.parametrize(
    ("fault", "cause"),
    [(faults.UNTRUSTED, Cause.TLS_UNTRUSTED), (faults.EXPIRED, Cause.TLS_EXPIRED), (faults.SILENT_TLS, Cause.TIMEOUT)],
    ids=["untrusted", "expired", "silent"],
)
def test_tls_of_discovery(lab: Lab, fault: faults.Fault, cause: Cause) -> None:
    """A certificate's faults are told with its issuer there, too."""
    url = lab.add("endpoint", fault=fault, tls=True).replace("ws", "http", 1)
    outcome = discover(lab, url, timeout=0.7 if cause is Cause.TIMEOUT else 5.0)
    failure(outcome, cause, "certificate" if cause is not Cause.TIMEOUT else "TLS handshake")


def test_alternates_follow_a_discovery_that_failed(lab: Lab) -> None:
    """Where discovery fails, the region's other URLs are tried."""
    url = lab.add("alternate")
    region = Region("region", alternates=[url], discovery=Discovery(endpoint(lab, b"no"), "/worker/wssUri"))
    outcome = only(wsconn.start([region], proxy=None))
    assert outcome.status is Status.PASSED
    assert [attempt.cause for attempt in outcome.attempts] == [Cause.BAD_DISCOVERY, None]


def test_abort_inside_discovery(lab: Lab) -> None:
    """An abort ends discovery as it ends every other wait."""
    reached = threading.Semaphore(0)

    def mute(sock: socket.socket) -> None:
        sock.recv(1)
        reached.release()
        while sock.recv(65536):
            pass

    url = lab.add("endpoint", fault=mute).replace("ws://", "http://")
    regions = [Region(str(number), discovery=Discovery(url, "/a")) for number in range(25)]
    with wsconn.start(regions, proxy=None, timeout=60) as test:
        assert all(reached.acquire(timeout=20) for _ in range(25))
        began = time.monotonic()
        test.abort()
        assert test.result(timeout=0).result == "aborted"
        assert time.monotonic() - began < 2.5
    assert all(outcome.timings.discovery is not None for outcome in test.result().outcomes)


@pytest.mark.parametrize(
    ("url", "pointer"),
    [
        ("http://a.example/", "/a"),
        ("ftp://a.example/", "/a"),
        ("https://u:p@a.example/", "/a"),
        ("https://a.example/", "a"),
        ("https://a.example/", "/~2"),
    ],
)
def test_a_discovery_that_is_unfit(url: str, pointer: str) -> None:
    """Plain http is for this machine only; a pointer is one of RFC 6901."""
    with pytest.raises(InvalidRegionError, match="discovery"):
        Discovery(url, pointer)


def test_pointers(lab: Lab) -> None:
    """Lists, escapes and the empty pointer are RFC 6901's."""
    url = lab.add("region")
    for document, pointer in (
        (url, ""),
        ([None, {"a/b": {"m~n": url}}], "/1/a~1b/m~0n"),
    ):
        assert discover(lab, endpoint(lab, json.dumps(document).encode()), pointer).status is Status.PASSED


@pytest.mark.parametrize("index", ["-1", "+1", "01", " 1", "1_0", "\uff11", "\u0661", "1.0", "", "-", "99", "9" * 5000])
def test_an_index_of_a_list_is_digits_alone(lab: Lab, index: str) -> None:
    """RFC 6901, section 4: ASCII digits without a zero before them; all else finds nothing in a list."""
    document = json.dumps([lab.add("region")] * 11).encode()
    failure(discover(lab, endpoint(lab, document), f"/{index}"), Cause.BAD_DISCOVERY, "without anything at")


SECRET = "s3cret/of=the&region+9"
LEAKS = {
    "a comma too many": '{"worker": {"wssUri": "wss://w.example/?token=%s",}}',
    "cut short": '{"worker": {"wssUri": "wss://w.example/?token=%s',
    "in single quotes": "{'worker': {'wssUri': 'wss://w.example/?token=%s'}}",
    "a question mark in other letters": '{"wssUri": "wss:\\/\\/w.example\\/\\u003Ftoken=%s",}',
    "a quote in it": '{"wssUri": "wss://w.example/?a=\\"&token=%s",}',
    "a backslash at its end": "wss://w.example/?token=%s\\",
    "a fragment": "wss://w.example/#token=%s",
    "a login": "wss://me:%s@w.example/",
    "a login in other letters": "wss:\\u002f\\u002Fme:%s\\u0040w.example/",
    "twice": "wss://w.example/?token=%s wss://v.example/?token=%s",
    "at the cut": "x" * 180 + "?%s",
    "in another coding": f"?{SECRET}".encode("utf-16").decode("latin-1"),
}


@pytest.mark.promise(9)
@pytest.mark.parametrize("framed", [True, False], ids=["in HTTP", "in nothing"])
@pytest.mark.parametrize("body", LEAKS.values(), ids=LEAKS.keys())
def test_what_an_endpoint_says_is_shown_without_queries(lab: Lab, body: str, framed: bool) -> None:
    """The URL that it names may hold a token: that is in no message, whatever is wrong with the answer."""
    told = body.replace("%s", SECRET).encode("latin-1")
    url = lab.add("endpoint", fault=says((OK + b"\r\n" if framed else b"") + told)).replace("ws", "http", 1)
    outcome = discover(lab, url)
    failure(outcome, Cause.BAD_DISCOVERY, "no JSON, but '" if framed else "no answer in HTTP: ")
    assert "s3cret" not in repr(outcome).replace("\\x00", "")
    assert "region+9" not in repr(outcome).replace("\\x00", "")


def test_a_hidden_query_leaves_the_rest_to_be_seen(lab: Lab) -> None:
    """Where the answer came from, and what it looks like, is what a person goes by."""
    body = b'{"worker": {"wssUri": "wss://w.example/a?token=x",}} Why? See #'
    told = failure(discover(lab, endpoint(lab, body)), Cause.BAD_DISCOVERY, "no JSON")
    assert """'{"worker": {"wssUri": "wss://w.example/a?…",}} Why? See #'""" in told.message


def test_discovery_uses_the_same_lookups(lab: Lab) -> None:
    """A region beside it is not touched by one whose discovery fails."""
    lab.add("healthy")
    assert start_in(lab).result(timeout=20).result == "passed"
