"""What a refusal says of itself, and what was asked: facts of the evidence, taken from real answers."""

from __future__ import annotations

import re
import socket
from typing import Any

import pytest

import wsconn
from tests.engine import only, start_in
from tests.stages.refusing import Talk, evidence_of, refusal, saying
from wsconn import Cause, Failure, RegionOutcome, Stage, Status, reports
from wsconn.lab import Fault, Lab, faults
from wsconn.lab._wire import drain, hang_up, read_request, response, upgrade_headers


def refused(lab: Lab, answer: bytes, then: Talk = hang_up, *, tls: bool = False, **options: Any) -> Failure:
    """Return the failure of a region whose server answers so."""
    lab.add("region", fault=saying(answer, then), tls=tls)
    failure = only(start_in(lab, **options)).failure
    assert failure is not None
    assert (failure.stage, failure.cause) == (Stage.UPGRADE, Cause.HTTP_STATUS)
    return failure


QUOTED = {
    "text": (refusal(b"subprotocol is not offered"), "subprotocol is not offered"),
    "text with its charset": (refusal(b"no", "Text/Plain; charset=utf-8"), "no"),
    "its first line": (refusal(b"\n  origin not allowed\r\nat line 7\n"), "origin not allowed"),
    "JSON": (refusal(b'{"code":3,"message":"Bad request"}', "application/json"), '{"code":3,"message":"Bad request"}'),
    "JSON over several lines": (refusal(b'{\n  "error": "no"\n}', "application/problem+json"), '{ "error": "no" }'),
    "JSON with escapes": (refusal(rb'{"a":"\u003cb\u003e \/c"}', "application/json"), '{"a":"<b> /c"}'),
    "no type": (refusal(b"who are you?", None), "who are you?"),
    "text that is called HTML": (refusal(b"Invalid Origin", "text/html"), "Invalid Origin"),
    "control characters": (refusal(b"a\x1b[31mb\x00"), r"a\x1b[31mb\x00"),
    "not UTF-8": (refusal(b"\xffno"), r"\xffno"),
    "in chunks": (
        refusal(b"3\r\nnot\r\n5\r\n here\r\n0\r\n\r\n", "text/plain", "Transfer-Encoding: chunked"),
        "not here",
    ),
    "up to the end": (b"HTTP/1.0 403 No\r\nContent-Type: text/plain\r\n\r\nnot here", "not here"),
}
NOT_QUOTED = {
    "a page": refusal(b"<!doctype html><p>origin", "text/html"),
    "a page that is called text": refusal(b"\n<html>origin"),
    "a page of no type": refusal(b"<h1>no</h1>", None),
    "XML": refusal(b"<?xml version='1.0'?><a/>", "application/xml"),
    "an image": refusal(b"GIF89a", "image/gif"),
    "packed text": refusal(b"abc", "text/plain", "Content-Encoding: gzip"),
    "bytes of no type": refusal(b"\x00\x01\x02", None),
    "white space": refusal(b" \r\n "),
}


@pytest.mark.parametrize(("answer", "said"), QUOTED.values(), ids=QUOTED.keys())
def test_what_a_body_says_is_quoted(lab: Lab, answer: bytes, said: str) -> None:
    """The first line of text and the beginning of JSON are a fact, and in the message."""
    failure = refused(lab, answer)
    assert evidence_of(failure).body == said
    assert not evidence_of(failure).body_empty
    assert failure.message.endswith(f"; it says: {said}")


@pytest.mark.parametrize("answer", NOT_QUOTED.values(), ids=NOT_QUOTED.keys())
def test_pages_and_binary_data_are_not_quoted(lab: Lab, answer: bytes) -> None:
    """What is not text has no line to quote, and is not empty either."""
    failure = refused(lab, answer)
    assert (evidence_of(failure).body, evidence_of(failure).body_empty) == (None, False)
    assert "it says" not in failure.message


def test_a_long_body_is_cut(lab: Lab) -> None:
    """A person gets to see 200 characters of it."""
    body = evidence_of(refused(lab, refusal("é".encode() * 50_000))).body
    assert body == "é" * 199 + "…"


def test_a_body_that_repeats_the_status_line_is_told_once(lab: Lab) -> None:
    """`Bad Request` twice says no more than once."""
    assert "it says" not in refused(lab, refusal(b"Bad Request\n")).message


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ],
    ids=["by length", "in chunks", "by the end", "by the status"],
)
def test_an_empty_body_is_a_fact(lab: Lab, answer: bytes) -> None:
    """Over verified TLS it is no portal that answers with nothing."""
    failure = refused(lab, answer, tls=True)
    assert evidence_of(failure).body_empty
    assert "URL's path and host" in failure.advice
    assert "portal" not in failure.advice


STALLING = {
    "a body that stalls": refusal(b"Forbidden\n" + bytes(990))[:-990],
    "a body that never begins": b"HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\n",
    "a body without an end": b"HTTP/1.1 403 No\r\nContent-Type: text/plain\r\n\r\nForbidden\n",
    "a head that stalls": b"HTTP/1.1 403 No\r\nContent-Type: text/plain\r\nX-A",
    "a chunk that stalls": b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n4",
    "a wrong chunk": b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n",
    "a wrong length": b"HTTP/1.1 403 No\r\nContent-Length: many\r\n\r\n",
}


@pytest.mark.promise(1)
@pytest.mark.parametrize("answer", STALLING.values(), ids=STALLING.keys())
def test_a_body_takes_no_more_than_the_refusals_second(lab: Lab, answer: bytes) -> None:
    """What stalls costs neither the status nor the rest of the deadline, and is not called empty."""
    lab.add("region", fault=saying(answer, drain))
    outcome = only(start_in(lab, timeout=8))
    assert outcome.failure is not None
    assert outcome.failure.cause is Cause.HTTP_STATUS
    assert outcome.duration < 3
    assert not evidence_of(outcome.failure).body_empty
    assert evidence_of(outcome.failure).body in (None, "Forbidden")


def test_an_endless_head_is_not_read_as_a_body(lab: Lab) -> None:
    """What follows a head that was given up is more of the head."""
    failure = refused(lab, b"HTTP/1.1 403 No\r\nContent-Type: text/plain\r\n" + b"X-A: secret\r\n" * 10_000)
    assert evidence_of(failure).body is None


@pytest.mark.promise(9)
@pytest.mark.parametrize(
    "body",
    [
        b"bad token %b",
        b'{"token": "%b"}',
        b"x" * 180 + b"%b",
        b"x" * 185 + b"%b" + b"y" * 5000,
    ],
    ids=["text", "JSON", "cut at the end of what is shown", "cut in the midst"],
)
@pytest.mark.parametrize("slash", ["/", r"\/", r"\u002f"])
def test_a_body_that_repeats_a_secret(lab: Lab, body: bytes, slash: str) -> None:
    """What was sent in confidence is in no message, though JSON writes it in its own way."""
    secret = "S3CRET/header-of-some-length"
    said = secret.replace("/", slash) if b"{" in body else secret
    lab.add("region", fault=saying(refusal(body % said.encode())))
    result = wsconn.check(lab.regions, headers={"Authorization": f"Bearer {secret}"}, proxy=None)
    assert result.failed_regions
    assert "S3CRET" not in repr(result)


def test_a_secret_that_is_cut_by_silence(lab: Lab) -> None:
    """Half a secret, and then nothing more, is not shown either."""
    answer = refusal(b"bad token S3CRET-head" + bytes(7))[:-7]
    lab.add("region", fault=saying(answer, drain))
    result = wsconn.check(lab.regions, headers={"Authorization": "Bearer S3CRET-header"}, proxy=None)
    assert "S3CRET" not in repr(result)


@pytest.mark.promise(9)
def test_a_token_that_rides_in_a_subprotocol_is_a_secret(lab: Lab) -> None:
    """Kubernetes takes them so; a name is shorter."""
    token = "base64url.bearer.authorization.k8s.io.S3CRET"
    lab.add("region", fault=saying(f"HTTP/1.1 403 No\r\nSec-WebSocket-Protocol: {token}\r\n\r\n".encode()))
    result = wsconn.check(lab.regions, subprotocols=["v4.channel.k8s.io", token], proxy=None)
    assert "S3CRET" not in repr(result)


HEADERS = {
    "reject_reason": ("X-WebSocket-Reject-Reason: no such Sec-WebSocket-Protocol", "no such Sec-WebSocket-Protocol"),
    "subprotocol": ("Sec-WebSocket-Protocol: sip", "sip"),
    "websocket_versions": ("Sec-WebSocket-Version: 13, 8", "13, 8"),
    "bot_check": ("cf-mitigated: challenge", "challenge"),
    "via": ("Via: 1.1 varnish", "1.1 varnish"),
    "server": ("Server: nginx", "nginx"),
}


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "426 Upgrade Required", "501 Not Implemented"])
@pytest.mark.parametrize(("field", "header"), HEADERS.items(), ids=HEADERS.keys())
def test_what_the_headers_say_is_quoted(lab: Lab, status: str, field: str, header: tuple[str, str]) -> None:
    """Each header that says why is a fact, and in the message."""
    line, said = header
    failure = refused(lab, f"HTTP/1.1 {status}\r\n{line}\r\nContent-Length: 0\r\n\r\n".encode())
    assert getattr(evidence_of(failure), field) == said
    assert said in failure.message


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        ({}, (False, False, False)),
        ({"origin": "https://page.example"}, (True, False, False)),
        ({"headers": {"origin": "https://page.example"}}, (True, False, False)),
        ({"subprotocols": ["chat"]}, (False, True, False)),
        ({"headers": {"user-agent": "Mozilla/5.0"}}, (False, False, True)),
    ],
    ids=["nothing", "an Origin", "an Origin among the headers", "a subprotocol", "a User-Agent"],
)
def test_what_was_sent_is_a_fact(lab: Lab, options: dict[str, Any], facts: tuple[bool, bool, bool]) -> None:
    """The advice depends on it, so that the evidence has it."""
    lab.add("region", fault=faults.HTTP_403)
    (outcome,) = wsconn.check(lab.regions, proxy=None, **options).outcomes
    assert outcome.failure is not None
    seen = evidence_of(outcome.failure)
    assert (seen.origin_sent, seen.subprotocols_offered, seen.own_user_agent) == facts


WANTED = {
    **{f"Origin, {status}": (faults.origin_wanted(status), "--origin") for status in (400, 401, 403, 404, 422, None)},
    **{
        f"subprotocol, {status}": (faults.subprotocol_wanted(status), "--subprotocol")
        for status in (400, 403, 500, 501, 502, None)
    },
    "subprotocol, 400, named": (faults.subprotocol_wanted(400, header=True), "--subprotocol chat"),
}


@pytest.mark.parametrize(("fault", "option"), WANTED.values(), ids=WANTED.keys())
@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
def test_what_is_wanted_is_advised_and_helps(lab: Lab, fault: Fault, option: str, tls: bool) -> None:
    """The advice names it before it suspects anybody; who follows it gets in."""
    lab.add("region", fault=fault, tls=tls)
    failure = wsconn.check(lab.regions, proxy=None, ssl_context=lab.ssl_context).outcomes[0].failure
    assert failure is not None
    suspected = re.search("administrator|firewall|credentials", failure.advice)
    assert option in failure.advice[: suspected.start() if suspected else None]
    given: dict[str, Any] = {"subprotocols": ["chat"]} if "subprotocol" in option else {"origin": "https://a.example"}
    assert wsconn.check(lab.regions, proxy=None, ssl_context=lab.ssl_context, **given).passed_regions


@pytest.mark.parametrize(("body", "named"), [(b"", True), (b"not for you", False)], ids=["no body", "a body"])
def test_a_forbidden_without_a_word_may_be_a_wrong_path(lab: Lab, body: bytes, named: bool) -> None:
    """Starlette and FastAPI answer so a path that they do not have; whoever refuses a login mostly says a word."""
    advice = refused(lab, refusal(body, status="403 Forbidden")).advice
    assert ("there is no WebSocket at the URL's path" in advice[: advice.index("credentials")]) is named


def opened_and(then: Talk, *more: str) -> Talk:
    """Make a server that opens the WebSocket, with more headers, and goes on so."""

    def serve(sock: socket.socket) -> None:
        headers = upgrade_headers(read_request(sock)) | dict(line.split(": ") for line in more)
        sock.sendall(response(101, headers))
        then(sock)

    return serve


def settled(lab: Lab, fault: Talk, **options: Any) -> RegionOutcome:
    lab.add("region", fault=fault)
    return only(start_in(lab, **options))


@pytest.mark.parametrize(
    ("header", "fact", "advised"),
    [
        ("Sec-WebSocket-Protocol: sip", ("subprotocol", "sip"), "--subprotocol sip"),
        (
            "Sec-WebSocket-Extensions: permessage-deflate",
            ("extensions", "permessage-deflate"),
            "browsers, which offer it, may get in",
        ),
    ],
    ids=["a subprotocol", "an extension"],
)
def test_what_was_chosen_unasked_is_named(lab: Lab, header: str, fact: tuple[str, str], advised: str) -> None:
    """The user can offer the one; the other is the operator's to mend."""
    failure = settled(lab, opened_and(drain, header)).failure
    assert failure is not None
    assert failure.cause is Cause.BAD_UPGRADE
    assert getattr(evidence_of(failure), fact[0]) == fact[1]
    assert advised in failure.advice


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.0 200 OK\r\n", b"HTTP/1."]
)
@pytest.mark.parametrize("then", [drain, hang_up], ids=["silence", "the end"])
def test_a_second_answer_is_no_proxy_that_alters_frames(lab: Lab, said: bytes, then: Talk) -> None:
    """HTTP after the 101 is the server's, or its gateway's."""

    def answer_again(sock: socket.socket) -> None:
        sock.sendall(said)
        then(sock)

    outcome = settled(lab, opened_and(answer_again), timeout=8)
    assert outcome.failure is not None
    assert (outcome.failure.cause, outcome.duration < 4) == (Cause.BAD_FRAMES, True)
    assert (evidence_of(outcome.failure).second_answer or "").startswith("HTTP/")
    assert "administrator" not in outcome.failure.advice
    assert "operator" in outcome.failure.advice


def test_what_only_begins_like_http_is_a_bad_frame(lab: Lab) -> None:
    """No more is read into it than it says."""
    lab.add("region", fault=faults.raw_frame(b"HTML is no frame"))
    failure = only(start_in(lab)).failure
    assert failure is not None
    assert failure.cause is Cause.BAD_FRAMES
    assert evidence_of(failure).second_answer is None


def test_a_draft_of_the_protocol_is_told(lab: Lab) -> None:
    """Hixie's drafts have no Sec-WebSocket-Accept, and headers of their own."""
    answer = b"HTTP/1.1 101 WebSocket Protocol Handshake\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
    failure = settled(lab, saying(answer + b"Sec-WebSocket-Location: ws://a.example/\r\n\r\n0123456789abcdef")).failure
    assert failure is not None
    assert failure.cause is Cause.BAD_UPGRADE
    assert "before RFC 6455" in failure.advice


def test_4406_is_explained(lab: Lab) -> None:
    """It is a pass, and its note says what the code means to graphql-ws."""
    lab.add("region", fault=faults.subprotocol_wanted(101))
    result = start_in(lab).result(timeout=20)
    assert result.outcomes[0].status is Status.PASSED
    report = " ".join(reports.to_text(result).split())
    assert "4406" in report
    assert "--subprotocol graphql-transport-ws" in report
