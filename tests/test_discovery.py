"""Regions whose URL an endpoint names: what the answer may be, and what must not come of one that is hostile."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest
from honest import only, start_in

import wsconn
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
    "too large": (b'"' + b"x" * 70000 + b'"', "more than 64 KiB"),
    "control characters": (b"\x1b[31mred", "\\x1b[31mred"),
}


@pytest.mark.parametrize(("body", "fact"), BODIES.values(), ids=BODIES.keys())
def test_an_answer_that_is_unfit(lab: Lab, body: bytes, fact: str) -> None:
    """Whatever the endpoint sends is checked; what is wrong with it is told."""
    failure(discover(lab, endpoint(lab, body)), Cause.BAD_DISCOVERY, fact)


def test_https_does_not_lead_to_ws(lab: Lab) -> None:
    """An endpoint that was asked over TLS may not lead to a region without it."""
    asked = endpoint(lab, b'"ws://127.0.0.1:9/"', tls=True)
    failure(discover(lab, asked, ""), Cause.BAD_DISCOVERY, "must begin with wss://")


STAGES = {
    "refused": (faults.REFUSED, Cause.REFUSED, "refused the connection"),
    "status": (faults.http_status(503), Cause.HTTP_STATUS, "HTTP 503"),
    "redirect": (faults.redirect("https://portal.example/"), Cause.REDIRECTED, "portal.example"),
    "silence": (faults.MUTE, Cause.TIMEOUT, "did not answer"),
    "stalled body": (faults.STALLED_BODY, Cause.HTTP_STATUS, "HTTP 403"),
    "reset": (faults.RESET, Cause.CLOSED, "reset"),
    "not HTTP": (faults.NOT_HTTP, Cause.BAD_DISCOVERY, "no answer in HTTP"),
    "endless headers": (faults.ENDLESS_HEADERS, Cause.BAD_DISCOVERY, "no answer in HTTP"),
    "no such host": (faults.NO_SUCH_HOST, Cause.DNS_NOT_FOUND, "does not exist"),
}


@pytest.mark.parametrize(("fault", "cause", "fact"), STAGES.values(), ids=STAGES.keys())
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
        assert time.monotonic() - began < 0.5
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


def test_discovery_uses_the_same_lookups(lab: Lab) -> None:
    """A region beside it is not touched by one whose discovery fails."""
    lab.add("healthy")
    assert start_in(lab).result(timeout=20).result == "passed"
