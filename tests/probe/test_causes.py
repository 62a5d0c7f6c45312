"""For each stage and cause, one peer that brings it about; asserted are stage, cause and a fact in the message."""

from __future__ import annotations

import collections
import contextlib
import errno
import os
import pathlib
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import attrs
import pytest

import wsconn
from tests.engine import StandIn, echo_server, full_queue, only, probe_with, start_in
from tests.probe.proxies import ANSWERS as PROXY_ANSWERS
from tests.stages.discovery import STAGES as DISCOVERY_STAGES
from tests.windows import marked, no_resets
from wsconn import Cause, ConnectivityTest, Failure, RegionOutcome, Stage, Status
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.background import Lazy
from wsconn._probe.loading import loading
from wsconn._probe.probe import Converse, load_conversation
from wsconn._probe.trust import Trust
from wsconn._protocols.handshake import accept_for
from wsconn._regions import to_regions
from wsconn._stages.resolve import Lookups
from wsconn.lab import Fault, Lab, faults
from wsconn.reports import to_json

TESTS = pathlib.Path(__file__).parents[1]
MOST_SECONDS = 1.0  # a region that stays silent gets no longer here


class Case(NamedTuple):
    stage: Stage
    cause: Cause
    fault: Fault
    tls: bool
    fact: str
    advice: str
    timeout: float = 5.0


PORTAL = "http://portal.example/login?token=1"
CASES = {
    # resolve
    "no-such-host": Case(
        Stage.RESOLVE, Cause.DNS_NOT_FOUND, faults.NO_SUCH_HOST, False, "no-such-host.invalid", "spelling"
    ),
    "sinkhole": Case(
        Stage.RESOLVE, Cause.DNS_BLOCKED, faults.BLOCKED_NAME, False, "resolves to :: and 0.0.0.0", "hosts file"
    ),
    "name-hangs": Case(
        Stage.RESOLVE,
        Cause.TIMEOUT,
        faults.HANGING_NAME,
        False,
        "did not answer for the name",
        "name server",
        MOST_SECONDS,
    ),
    # connect
    "refused": Case(Stage.CONNECT, Cause.REFUSED, faults.REFUSED, False, "ECONNREFUSED", "outgoing TCP"),
    "refused-tls": Case(Stage.CONNECT, Cause.REFUSED, faults.REFUSED, True, "ECONNREFUSED", "outgoing TCP"),
    "black-hole": Case(
        Stage.CONNECT, Cause.TIMEOUT, faults.BLACK_HOLE, False, "no TCP connection", "firewall", MOST_SECONDS
    ),
    # tls
    "silent-tls": Case(
        Stage.TLS,
        Cause.TIMEOUT,
        faults.SILENT_TLS,
        True,
        "did not finish the TLS handshake",
        "inspection",
        MOST_SECONDS,
    ),
    "reset-in-tls": Case(
        Stage.TLS, Cause.CLOSED, faults.RESET_IN_HANDSHAKE, True, "ECONNRESET", "filters TLS by the server's name"
    ),
    "eof-in-tls": Case(Stage.TLS, Cause.CLOSED, faults.EOF_IN_HANDSHAKE, True, "during the TLS handshake", "exempt"),
    "untrusted": Case(
        Stage.TLS, Cause.TLS_UNTRUSTED, faults.UNTRUSTED, True, "O=Untrusted Lab Authority", "root certificate"
    ),
    "wrong-host": Case(
        Stage.TLS, Cause.TLS_HOSTNAME_MISMATCH, faults.WRONG_HOST, True, "is not for 127.0.0.1", "host name in the URL"
    ),
    "expired": Case(Stage.TLS, Cause.TLS_EXPIRED, faults.EXPIRED, True, "expired on 20", "clock"),
    "not-yet-valid": Case(Stage.TLS, Cause.TLS_NOT_YET_VALID, faults.NOT_YET_VALID, True, "clock reads 20", "set it"),
    "client-certificate": Case(
        Stage.TLS,
        Cause.TLS_CLIENT_CERTIFICATE_REQUIRED,
        faults.CLIENT_CERTIFICATE_WANTED,
        True,
        "certificate required",
        "load_cert_chain",
    ),
    "old-tls": Case(Stage.TLS, Cause.TLS_VERSION, faults.OLD_TLS, True, "protocol version", "TLS 1.2 or 1.3"),
    "plain-text-on-tls": Case(Stage.TLS, Cause.NOT_TLS, faults.PLAIN_TEXT_ON_TLS, True, "does not speak TLS", "ws://"),
    "handshake-failure": Case(
        Stage.TLS, Cause.TLS_FAILED, faults.HANDSHAKE_FAILURE, True, "handshake failure", "client certificate"
    ),
    # upgrade
    "mute": Case(
        Stage.UPGRADE, Cause.TIMEOUT, faults.MUTE, False, "did not answer the WebSocket request", "wss", MOST_SECONDS
    ),
    "mute-tls": Case(
        Stage.UPGRADE,
        Cause.TIMEOUT,
        faults.MUTE,
        True,
        "did not answer the WebSocket request within",
        "service's operator",
        MOST_SECONDS,
    ),
    "slow-status": Case(
        Stage.UPGRADE,
        Cause.TIMEOUT,
        faults.SLOW_STATUS,
        False,
        "did not answer the WebSocket request within",
        "HTTP Upgrade",
        MOST_SECONDS,
    ),
    "reset": Case(Stage.UPGRADE, Cause.CLOSED, faults.RESET, False, "ECONNRESET", "HTTP Upgrade"),
    "eof": Case(Stage.UPGRADE, Cause.CLOSED, faults.EOF, False, "before it had answered", "HTTP Upgrade"),
    "eof-tls": Case(Stage.UPGRADE, Cause.CLOSED, faults.EOF, True, "before it had answered", "service's operator"),
    "redirect": Case(
        Stage.UPGRADE, Cause.REDIRECTED, faults.redirect(PORTAL), False, "http://portal.example/login", "log in"
    ),
    "moved": Case(
        Stage.UPGRADE,
        Cause.REDIRECTED,
        faults.redirect("wss://new.example/", status=301),
        False,
        "HTTP 301",
        "has moved",
    ),
    **{
        f"http-{status}": Case(
            Stage.UPGRADE, Cause.HTTP_STATUS, faults.http_status(status), False, f"HTTP {status}", advice
        )
        for status, advice in {
            200: "portal or block page",
            400: "Upgrade header",
            401: "credentials",
            403: "site's category",
            404: "at this path",
            407: "was not told of",
            418: "Show the status",
            426: "Upgrade header",
            500: "faulty",
            511: "portal or block page",
        }.items()
    },
    "http-429": Case(
        Stage.UPGRADE,
        Cause.HTTP_STATUS,
        faults.http_status(429, headers={"Retry-After": "17"}),
        True,
        "Retry-After: 17 s",
        "Wait 17 s",
    ),
    "http-503": Case(
        Stage.UPGRADE,
        Cause.HTTP_STATUS,
        faults.http_status(503, headers={"Server": "gate/1"}),
        False,
        "Server: gate/1",
        "overloaded",
    ),
    "stalled-body": Case(Stage.UPGRADE, Cause.HTTP_STATUS, faults.STALLED_BODY, False, "HTTP 403", "category"),
    "stalled-status": Case(Stage.UPGRADE, Cause.HTTP_STATUS, faults.STALLED_STATUS, True, "HTTP 403", "credentials"),
    "endless-body": Case(Stage.UPGRADE, Cause.HTTP_STATUS, faults.ENDLESS_BODY, False, "HTTP 200", "portal"),
    "wrong-accept": Case(
        Stage.UPGRADE, Cause.BAD_UPGRADE, faults.WRONG_ACCEPT, False, "Sec-WebSocket-Accept header is wrong", "path"
    ),
    "accept-in-other-case": Case(
        Stage.UPGRADE, Cause.BAD_UPGRADE, faults.WRONG_CASE_ACCEPT, True, "header is wrong", "service's operator"
    ),
    "no-accept": Case(Stage.UPGRADE, Cause.BAD_UPGRADE, faults.MISSING_ACCEPT, False, "is missing", "path"),
    "no-upgrade": Case(
        Stage.UPGRADE, Cause.BAD_UPGRADE, faults.MISSING_UPGRADE, False, "(its Upgrade header is missing)", "rewrites"
    ),
    "http-1.0": Case(Stage.UPGRADE, Cause.BAD_UPGRADE, faults.HTTP_1_0, False, "HTTP/1.0", "rewrites"),
    "not-http": Case(Stage.UPGRADE, Cause.BAD_UPGRADE, faults.NOT_HTTP, False, "SSH-2.0", "host, port"),
    "endless-headers": Case(
        Stage.UPGRADE, Cause.BAD_UPGRADE, faults.ENDLESS_HEADERS, False, "larger than 64 KiB", "host, port"
    ),
    "endless-line": Case(
        Stage.UPGRADE, Cause.BAD_UPGRADE, faults.ENDLESS_LINE, True, "larger than 64 KiB", "service's operator"
    ),
    # frames
    "swallowed": Case(
        Stage.FRAMES,
        Cause.NO_PONG,
        faults.SWALLOWED_FRAMES,
        False,
        "daily-js would call this",
        "buffering",
        MOST_SECONDS,
    ),
    "swallowed-tls": Case(
        Stage.FRAMES,
        Cause.NO_PONG,
        faults.SWALLOWED_FRAMES,
        True,
        "opened, but no frame",
        "service's operator",
        MOST_SECONDS,
    ),
    **{
        fault.name: Case(Stage.FRAMES, Cause.BAD_FRAMES, fault, False, fact, "alters the traffic")
        for fault, fact in (
            (faults.RESERVED_BITS, "reserved bit"),
            (faults.BAD_OPCODE, "opcode"),
            (faults.MASKED_FRAME, "masked"),
            (faults.NON_MINIMAL_LENGTH, "shortest"),
            (faults.FRAGMENTED_PONG, "fragmented"),
            (faults.LONG_PONG, "125 bytes"),
            (faults.CONTINUATION_FIRST, "never began"),
            (faults.INVALID_UTF8, "not UTF-8"),
            (faults.ONE_BYTE_CLOSE, "its close holds half a code"),
            (faults.raw_frame(b"\x88\x05\x03\xf0ab\xd7", name="close-cut"), "the reason of its close is not UTF-8"),
            (faults.CLOSE_1005, "its close has the code 1005, which may not be sent"),
            (faults.ENDLESS_FRAME, "beyond reason"),
        )
    },
    "reset-after-upgrade": Case(
        Stage.FRAMES, Cause.CLOSED, faults.RESET_AFTER_UPGRADE, False, "ECONNRESET", "firewall ends connections"
    ),
    "eof-after-upgrade": Case(
        Stage.FRAMES, Cause.CLOSED, faults.EOF_AFTER_UPGRADE, False, "after the WebSocket had opened", "firewall ends"
    ),
}

# Brought about by a test of its own: here, or in the file named.
BESIDE = {
    (Stage.RESOLVE, Cause.DNS_FAILED): "test_a_name_server_that_fails",
    (Stage.RESOLVE, Cause.LOCAL_LIMIT): "test_no_descriptors_left",
    (Stage.CONNECT, Cause.UNREACHABLE): "test_no_way_to_an_address",
    (Stage.CONNECT, Cause.OUTRUN): "test_an_address_that_was_outrun",
    (Stage.CONNECT, Cause.BLOCKED_LOCALLY): "components/test_packets.py: test_prohibited_by_this_machine",
    (Stage.UPGRADE, Cause.INTERNAL_ERROR): "test_a_fault_of_wsconn",
    (Stage.PROXY, Cause.DNS_NOT_FOUND): "probe/test_proxies.py: test_a_dead_proxy_is_not_a_dead_region",
    (Stage.PROXY, Cause.REFUSED): "probe/test_proxies.py: test_a_dead_proxy_is_not_a_dead_region",
    (Stage.PROXY, Cause.UNREACHABLE): "probe/test_proxies.py: test_a_dead_proxy_is_not_a_dead_region",
    (Stage.PROXY, Cause.PROXY_UNSUPPORTED): "probe/test_proxies.py: test_a_proxy_that_cannot_be_spoken_to",
    **{
        (Stage.PROXY, cause): "probe/test_tls_proxies.py: test_handshakes_that_fail"
        for cause in Cause
        if "tls" in cause
    },
    (Stage.DISCOVERY, Cause.BAD_DISCOVERY): "stages/test_discovery.py: test_an_answer_that_is_unfit",
    (Stage.DISCOVERY, Cause.TLS_UNTRUSTED): "stages/test_discovery.py: test_tls_of_discovery",
    (Stage.DISCOVERY, Cause.TLS_EXPIRED): "stages/test_discovery.py: test_tls_of_discovery",
}
# Which causes begin at which stage: the contract's table.
BEGIN_AT: dict[Stage, list[Cause]] = {
    Stage.DISCOVERY: [Cause.BAD_DISCOVERY],
    Stage.RESOLVE: [Cause.DNS_NOT_FOUND, Cause.DNS_FAILED, Cause.DNS_BLOCKED],
    Stage.CONNECT: [Cause.REFUSED, Cause.UNREACHABLE, Cause.BLOCKED_LOCALLY],
    Stage.PROXY: [cause for cause in Cause if cause.startswith("proxy_")],
    Stage.TLS: [cause for cause in Cause if "tls" in cause],
    Stage.UPGRADE: [Cause.HTTP_STATUS, Cause.REDIRECTED, Cause.BAD_UPGRADE],
    Stage.FRAMES: [Cause.NO_PONG, Cause.BAD_FRAMES],
}
WITH_TIMEOUT = [stage for stage in Stage if stage is not Stage.FRAMES]  # there it is called no_pong
WITH_CLOSED = [Stage.DISCOVERY, Stage.PROXY, Stage.TLS, Stage.UPGRADE, Stage.FRAMES]


def settle(lab: Lab, fault: Fault, *, tls: bool, timeout: float = 5.0) -> RegionOutcome:
    lab.add("region", tls=tls, fault=fault)
    return only(start_in(lab, timeout=timeout))


def expect(outcome: RegionOutcome, stage: Stage, cause: Cause, fact: str, advice: str = "") -> Failure:
    assert outcome.status is Status.FAILED, outcome
    failure = outcome.failure
    assert failure is not None
    assert (failure.stage, failure.cause) == (stage, cause), failure
    assert fact in failure.message
    assert advice in failure.advice
    assert "\n" not in failure.message
    return failure


@pytest.mark.parametrize("case", marked(CASES, no_resets, "reset"))
def test_cause(lab: Lab, case: Case) -> None:
    """A peer with this fault is told by its stage, its cause, a fact and the advice that fits."""
    outcome = settle(lab, case.fault, tls=case.tls, timeout=case.timeout)
    expect(outcome, case.stage, case.cause, case.fact, case.advice)
    assert outcome.attempts[-1].cause is case.cause
    assert getattr(outcome.timings, case.stage) is not None
    assert outcome.duration < case.timeout + 2.5


def test_a_name_server_that_fails(lab: Lab) -> None:
    """A name server's error is none of the name's."""
    lab.name("sick.lab.invalid", (), errors=dict.fromkeys((socket.AF_INET, socket.AF_INET6), socket.EAI_AGAIN))
    outcome = only(start_in(lab, {"region": "ws://sick.lab.invalid/"}))
    failure = expect(outcome, Stage.RESOLVE, Cause.DNS_FAILED, "sick.lab.invalid", "DNS server")
    assert failure.os_error == "EAI_AGAIN"


def test_a_name_that_one_family_denies_and_the_other_could_not_ask_for(lab: Lab) -> None:
    """ "No such name" counts only when nobody had trouble in finding that out."""
    lab.name("half.lab.invalid", (), errors={socket.AF_INET: socket.EAI_AGAIN, socket.AF_INET6: socket.EAI_NONAME})
    outcome = only(start_in(lab, {"region": "ws://half.lab.invalid/"}))
    expect(outcome, Stage.RESOLVE, Cause.DNS_FAILED, "EAI_AGAIN")


def test_a_label_too_long_for_dns(lab: Lab) -> None:
    """A name that DNS cannot hold does not exist."""
    outcome = only(start_in(lab, {"region": f"ws://{'a' * 64}.invalid/"}))
    expect(outcome, Stage.RESOLVE, Cause.DNS_NOT_FOUND, "labels", "spelling")


def test_no_way_to_an_address() -> None:
    """A multicast address takes no TCP: the system says so at once, and sends nothing."""
    outcome = only(wsconn.start({"region": "ws://224.0.0.1:81/"}, timeout=5))
    failure = expect(outcome, Stage.CONNECT, Cause.UNREACHABLE, "224.0.0.1:81 cannot be reached", "VPN")
    assert failure.os_error in {name.removeprefix("WSA") for name in errno.errorcode.values()}


def test_a_public_name_at_a_loopback_address(lab: Lab) -> None:
    """A name that leads to this machine itself is the work of a hosts file or a DNS filter."""
    url = lab.add("region", fault=faults.REFUSED)
    lab.name("chat.lab.invalid", ["127.0.0.1"])
    outcome = only(start_in(lab, {"region": url.replace("127.0.0.1", "chat.lab.invalid")}))
    expect(outcome, Stage.CONNECT, Cause.REFUSED, "chat.lab.invalid", "hosts file or a DNS filter")


@pytest.mark.skipif(not socket.has_ipv6, reason="two addresses that share a port need IPv6 beside IPv4")
def test_an_address_that_was_outrun(lab: Lab) -> None:
    """IPv6 that does not answer is outrun by IPv4 after a quarter of a second, and told among the attempts."""
    with echo_server("127.0.0.1") as port, full_queue("::1", port):
        lab.name("both.lab.invalid", ["::1", "127.0.0.1"])
        outcome = only(start_in(lab, {"region": f"ws://both.lab.invalid:{port}/"}))
    assert outcome.status is Status.PASSED
    loser, winner = outcome.attempts
    assert (loser.address, loser.stage, loser.cause) == (f"[::1]:{port}", Stage.CONNECT, Cause.OUTRUN)
    assert "another address" in loser.message
    assert (winner.address, winner.stage, winner.cause) == (f"127.0.0.1:{port}", Stage.FRAMES, None)
    assert 0.2 < outcome.duration < 3


def test_plain_ws_to_a_tls_port(lab: Lab) -> None:
    """A server that speaks TLS where the URL says ws is recognised by its first bytes."""
    lab.add("region", fault=lambda sock: sock.sendall(b"\x15\x03\x01\x00\x02\x02\x46"))  # an alert, RFC 8446 section 6
    outcome = only(start_in(lab))
    expect(outcome, Stage.UPGRADE, Cause.BAD_UPGRADE, "wss://")


def test_a_fault_of_wsconn(caplog: pytest.LogCaptureFixture) -> None:
    """A mistake of our own is told as such and logged with its traceback; the region is not lost."""

    def broken(_region: object, _scope: object, recorder: object) -> RegionOutcome:
        recorder.begin_url("ws", "a.example", 80, "ws://a.example/")  # type: ignore[attr-defined]  # a Recorder
        recorder.stage = Stage.UPGRADE  # type: ignore[attr-defined]  # a Recorder
        raise ZeroDivisionError("boom")

    test = ConnectivityTest(to_regions({"region": "ws://a.example/"}), StandIn(broken), timeout=1.0)
    expect(only(test), Stage.UPGRADE, Cause.INTERNAL_ERROR, "ZeroDivisionError", "traceback")
    assert "boom" in caplog.text


def answering(*pieces: bytes) -> Callable[[socket.socket], None]:
    """Answer a request for a WebSocket with these pieces; ACCEPT in them stands for the right proof."""

    def talk(sock: socket.socket) -> None:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            request += sock.recv(65536)
        key = request.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
        for piece in pieces:
            sock.sendall(piece.replace(b"ACCEPT", accept_for(key.decode()).encode()).replace(b"REQUEST", request))
        while sock.recv(65536):
            pass

    return talk


RIGHT = (
    b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n\r\n\x81\x02hi"
)
KINDLY_READ = {
    "as it should be": [RIGHT],
    "a byte at a time": [bytes([byte]) for byte in RIGHT.replace(b"ACCEPT", b"")[:70]] + [RIGHT[70:]],
    "early hints first": [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", RIGHT],
    "a folded header": [RIGHT.replace(b"\r\n\r\n", b"\r\nX-A: b\r\n c\r\n\r\n")],
    "Connection twice": [RIGHT.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n")],
    "a reason in Latin-1": [RIGHT.replace(b"Yes", b"sch\xf6n")],
}


@pytest.mark.parametrize("pieces", KINDLY_READ.values(), ids=KINDLY_READ.keys())
def test_answers_that_are_right_in_odd_ways(lab: Lab, pieces: list[bytes]) -> None:
    """What the RFCs allow is no failure."""
    lab.add("region", fault=answering(*pieces))
    assert only(start_in(lab)).status is Status.PASSED


def test_the_resource_is_asked_for_as_it_was_given(lab: Lab) -> None:
    """Path parameters and queries reach the server as the URL has them."""
    seen: list[bytes] = []
    lab.add("region", fault=lambda sock: seen.append(sock.recv(65536)), path="/a;b=c/d;e?f=g;h")
    only(start_in(lab))
    assert seen[0].startswith(b"GET /a;b=c/d;e?f=g;h HTTP/1.1\r\n")


def test_a_peer_that_repeats_the_query(lab: Lab) -> None:
    """A query that comes back in an answer is cut out of the message."""
    for number, piece in enumerate((b"REQUEST", b"HTTP/1.1 404 /room?token=S3CRET not here\r\n\r\n")):
        lab.add(str(number), fault=answering(piece), path="/room?token=S3CRET")
    result = start_in(lab).result(timeout=20)
    assert len(result.failed_regions) == 2
    assert "S3CRET" not in repr(result)
    assert "/room?…" in repr(result)


@pytest.mark.parametrize(
    "location", ["https://a.example/log-in", "javascript:alert(1)", "file:///etc/passwd", "/login"]
)
def test_nobody_is_sent_where_a_peer_says(lab: Lab, location: str) -> None:
    """The message tells where a redirect leads; the advice does not send a person there."""
    lab.add("region", fault=faults.redirect(location))
    failure = only(start_in(lab)).failure
    assert failure is not None
    assert location in failure.message
    assert "open any web page in a browser" in failure.advice
    assert location not in failure.advice


def test_a_redirect_that_leads_nowhere(lab: Lab) -> None:
    """Without an address nobody is told to look at one."""
    lab.add("region", fault=faults.redirect(""))
    failure = only(start_in(lab)).failure
    assert failure is not None
    assert "sends the client on without an address" in failure.message
    assert "sends to" not in failure.advice


PEERS_THAT_REPEAT = {
    "reason": b"HTTP/1.1 403 %b\r\n\r\n",
    "location": b"HTTP/1.1 302 Go\r\nLocation: https://portal.example/%b/login\r\n\r\n",
    "server": b"HTTP/1.1 503 Busy\r\nServer: %b\r\n\r\n",
    "header": b"HTTP/1.1 101 OK\r\nUpgrade: %b\r\n\r\n",
    "status line": b"HTTP/2 %b\r\n\r\n",
    "cut": b"HTTP/1.1 403 " + b"x" * 180 + b"%b\r\n\r\n",
}


@pytest.mark.promise(9)
@pytest.mark.parametrize("answer", PEERS_THAT_REPEAT.values(), ids=PEERS_THAT_REPEAT.keys())
@pytest.mark.parametrize(
    "secret", ["S3CRET-query", "S3CRET query", "Bearer S3CRET-header", "S3CRET-header", "S3CRET-cookie"]
)
def test_a_peer_that_repeats_a_secret(lab: Lab, answer: bytes, secret: str) -> None:
    """What the server was sent it may send back, on its own or cut short: no message tells it."""
    lab.add("region", fault=answering(answer % secret.encode()), path="/room?a=1&token=S3CRET%2Dquery;b=S3CRET+query")
    headers = {"Authorization": "Bearer S3CRET-header", "Cookie": "a=b; id=S3CRET-cookie"}
    result = wsconn.check(lab.regions, headers=headers, proxy=None)
    (failure,) = (outcome.failure for outcome in result.outcomes)
    assert failure is not None
    assert failure.evidence is not None
    assert "S3CRET" not in repr(result) + to_json(result)


@pytest.mark.promise(9)
def test_a_close_that_repeats_a_secret(lab: Lab) -> None:
    """Nor does the reason for which the server closes a WebSocket."""
    lab.add("region", fault=faults.close(1008, reason="bad token S3CRET-header"))
    (outcome,) = wsconn.check(lab.regions, headers={"Authorization": "Bearer S3CRET-header"}, proxy=None).outcomes
    assert outcome.close_reason == "bad token …"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not connect to 0.0.0.0")
def test_an_unspecified_address_that_was_written_out(lab: Lab) -> None:
    """Who writes 0.0.0.0 into a URL means it; only a name that answers so is blocked."""
    url = lab.add("region").replace("127.0.0.1", "0.0.0.0")
    assert only(start_in(lab, {"region": url})).status is Status.PASSED


def test_a_reset_before_the_handshake() -> None:
    """A firewall that resets the moment the connection stands is no fault of wsconn's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def reset() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = listener.accept()
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    sock.close()

        resetting = threading.Thread(target=reset)
        resetting.start()
        url = f"wss://127.0.0.1:{listener.getsockname()[1]}/"
        result = wsconn.check({str(number): url for number in range(10)}, proxy=None, timeout=10)
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        resetting.join(10)
    for outcome in result.outcomes:
        assert outcome.failure is not None
        assert (outcome.failure.stage in ("connect", "tls"), outcome.failure.cause) == (True, Cause.CLOSED)


def test_waiting_costs_no_processor_time(lab: Lab) -> None:
    """A family that answers late, beside an address that never does, does not keep the region busy."""
    port = int(lab.add("hole", fault=faults.BLACK_HOLE).split(":")[2].strip("/"))
    lab.name("late.lab.invalid", ["127.0.0.1"], delays={socket.AF_INET6: 0.2})
    before = time.process_time()
    outcome = only(start_in(lab, {"region": f"ws://late.lab.invalid:{port}/"}, timeout=2.0))
    assert outcome.failure is not None
    assert outcome.failure.cause is Cause.TIMEOUT
    assert time.process_time() - before < 1.0


def test_roots_that_cannot_be_loaded(lab: Lab) -> None:
    """Where this machine's trust cannot be loaded the message says so, and nothing about the server."""
    url = lab.add("region", tls=True)
    (line,) = run(
        f"""
        import os, wsconn
        os.environ["SSLKEYLOGFILE"] = "/nowhere/keys"
        outcome = wsconn.check({{"region": {url!r}}}, proxy=None).outcomes[0]
        print(outcome.failure.stage, outcome.failure.cause, outcome.failure.message)
    """
    )
    assert line.startswith("tls tls_failed this machine could not load the system's root certificates (")


NO_DESCRIPTORS = """
    import resource, socket, sys
    import wsconn
    from wsconn.lab import Lab
    with Lab() as lab:
        wsconn.check({"first": lab.add("first")})  # loads the rest of wsconn, which takes descriptors for a moment
    with Lab() as lab:
        for i in range(40):
            lab.add(str(i), fault="mute")
        regions = lab.regions
        used = 1 + max(s.fileno() for s in [socket.socket()])
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + 30, used + 30))
        result = wsconn.check(regions, timeout=2)
    for outcome in result.outcomes:
        print(outcome.failure.stage, outcome.failure.cause, outcome.failure.os_error, outcome.failure.message)
"""


needs_limits = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no limits of descriptors and memory to set"
)


def run(program: str) -> list[str]:
    """Run a program in a process of its own and return the lines that it prints."""
    argv = [sys.executable, "-c", textwrap.dedent(program)]
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()


@needs_limits
def test_no_descriptors_left() -> None:
    """What cannot be opened fails with local_limit; the regions that got a descriptor take their course."""
    lines = run(NO_DESCRIPTORS)
    seen = collections.Counter(line.split()[1] for line in lines)
    assert len(lines) == 40
    assert set(seen) == {"local_limit", "timeout"}
    assert min(seen.values()) > 5
    assert all("EMFILE" in line for line in lines if "local_limit" in line)


@needs_limits
def test_no_descriptor_to_begin_with() -> None:
    """Without a descriptor for the wake-up itself, every region fails with local_limit, and callbacks still come."""
    lines = run("""
        import queue, resource, socket, wsconn, threading
        wsconn.check({"a": "ws://127.0.0.1:9/"})  # loads what a test needs, which takes descriptors
        kept = []
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        try:
            while True: kept.append(socket.socket())
        except OSError:
            pass
        told = threading.Event()
        threads = queue.SimpleQueue()
        hear = lambda _: threads.put(threading.current_thread().name)
        handle = wsconn.start({"a": "ws://127.0.0.1:9/", "b": "ws://127.0.0.1:9/"}, on_outcome=hear)
        handle.add_done_callback(lambda _: told.set())
        for outcome in handle.result(timeout=5).outcomes:
            print(outcome.failure.cause, outcome.failure.os_error)
        print(told.wait(5), [f.result(timeout=5).failure.cause for f in handle.futures.values()] == ["local_limit"] * 2)
        print(*{threads.get(timeout=5) for _ in range(2)})
    """)
    assert lines == ["local_limit EMFILE", "local_limit EMFILE", "True True", "wsconn-notifier"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of descriptors to set")
def test_no_descriptor_to_load_the_engine_with() -> None:
    """The first test of a process says that there is none, and the next one runs once there is."""
    lines = run("""
        import resource, socket, wsconn
        kept = []
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        try:
            while True: kept.append(socket.socket())
        except OSError:
            pass
        try:
            wsconn.start({"a": "ws://127.0.0.1:9/"})
        except OSError as error:
            print(error.strerror)
        for sock in kept: sock.close()
        print(wsconn.check({"a": "ws://127.0.0.1:9/"}).outcome("a").failure.cause)
    """)
    assert lines == [os.strerror(errno.EMFILE), "refused"]


def test_no_descriptor_to_load_the_library_with(lab: Lab) -> None:
    """The region that met it fails with local_limit; for the next one it is loaded anew."""
    attempts: list[None] = []

    def load() -> Converse:
        attempts.append(None)
        if len(attempts) == 1:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return load_conversation()

    lab.add("first")
    lab.add("second")
    probe = attrs.evolve(probe_with(Lookups(lab.getaddrinfo)), library=Lazy(load, "wsconn-import"))
    test = ConnectivityTest(to_regions(lab.regions), probe, timeout=10, max_workers=1)
    first, second = test.result(timeout=20).outcomes
    assert (first.failure and first.failure.cause, second.status) == (Cause.LOCAL_LIMIT, Status.PASSED)
    assert first.failure is not None
    assert "EMFILE" in first.failure.message


@pytest.mark.parametrize(("number", "expected"), [(errno.EMFILE, StageFailed), (errno.EACCES, PermissionError)])
def test_no_descriptor_to_load_what_a_region_needs(number: int, expected: type[Exception]) -> None:
    """It is this machine's limit; another error is a fault, and is raised as it is."""
    with pytest.raises(expected) as raised, loading():
        raise OSError(number, os.strerror(number))
    if isinstance(raised.value, StageFailed):
        assert raised.value.cause is Cause.LOCAL_LIMIT


@needs_limits
def test_no_descriptor_to_wait_for_what_loads() -> None:
    """Who cannot even wait for what loads is told of the descriptors, and not of a slow machine."""
    lines = run("""
        import resource, socket
        from concurrent.futures import Future
        from wsconn._io.abort import Abort, CancelScope
        from wsconn._deadline import Deadline
        from wsconn._diagnosis.evidence import StageFailed
        from wsconn._probe.probe import _loaded
        from wsconn._probe.trust import Trust

        scope, kept = CancelScope(Deadline.after(20), Abort()), []
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        try:
            while True: kept.append(socket.socket())
        except OSError:
            pass
        for wait in (
            lambda: Trust.of(None).loaded(Future(), scope),
            lambda: _loaded(Future(), scope),
        ):
            try:
                wait()
            except StageFailed as failed:
                print(failed.cause, failed.evidence.os_error, failed.evidence.not_loaded)
    """)
    assert lines == ["local_limit EMFILE None"] * 2


@pytest.mark.parametrize("stage", [Stage.TLS, Stage.UPGRADE])
def test_what_this_machine_loads_is_no_fault_of_the_servers(lab: Lab, stage: Stage) -> None:
    """Where the time is over before this machine was ready, nobody else is blamed."""
    ready = threading.Event()

    def load() -> Any:
        ready.wait(20)
        return lab.ssl_context

    made, slow = probe_with(Lookups(lab.getaddrinfo)), Lazy(load, "wsconn-slow")
    trust = Trust(slow) if stage is Stage.TLS else Trust.of(lab.ssl_context)
    library = slow if stage is Stage.UPGRADE else made.library
    probe = attrs.evolve(made, library=library, route=attrs.evolve(made.route, trust=trust))
    lab.add("region", tls=True)
    with ConnectivityTest(to_regions(lab.regions), probe, timeout=1.0) as test:
        failure = only(test).failure
        ready.set()
    assert failure is not None
    assert (failure.stage, failure.cause) == (stage, Cause.TIMEOUT)
    what = "the system's root certificates" if stage is Stage.TLS else "websocket-client"
    assert f"this machine had not loaded {what} after 1" in failure.message
    assert failure.advice.startswith("This machine is slow or busy: give the test more time")


SHORT_OF_THREADS = """
    import os, resource, sys, threading, time, wsconn
    descriptors = os.listdir("/dev/fd")
    threading.stack_size(1 << 30)  # a gibibyte of address space each
    reserved = 0 if getattr(sys, "_is_gil_enabled", lambda: True)() else 1  # a gibibyte, by CPython without the GIL
    resource.setrlimit(resource.RLIMIT_AS, (reserved + {gibibytes} << 30,) * 2)
    test = wsconn.start(dict.fromkeys("abcdefghijklmnopqrst", "ws://127.0.0.1:9/"), timeout=5)
    told = [future.result(timeout=10) for future in test.futures.values()]
    assert told == list(test.result(timeout=10).outcomes)
    for outcome in told:
        print(outcome.failure.cause)
    test.__exit__()
    end = time.monotonic() + 20  # websocket-client may still be loading
    while len(os.listdir("/dev/fd")) > len(descriptors):
        assert time.monotonic() < end, os.listdir("/dev/fd")
        time.sleep(0.01)
"""


@needs_limits
@pytest.mark.parametrize("gibibytes", [1, 2, 3], ids=["no thread at all", "one", "two: none for a region"])
def test_no_thread_to_be_had(gibibytes: int) -> None:
    """Where no thread can start each region fails with local_limit; nothing hangs or is left open."""
    assert run(SHORT_OF_THREADS.format(gibibytes=gibibytes)) == ["local_limit"] * 20


@needs_limits
def test_few_threads_to_be_had() -> None:
    """Where some threads can start, these test all regions."""
    assert run(SHORT_OF_THREADS.format(gibibytes=6)) == ["refused"] * 20


def brought_about() -> dict[tuple[Stage, Cause], list[str]]:
    """Return by what each pair of stage and cause is brought about, in all files."""
    pairs: dict[tuple[Stage, Cause], list[str]] = collections.defaultdict(list)
    for name, case in CASES.items():
        pairs[case.stage, case.cause].append(name)
    for name, (_, _, cause, _, _) in PROXY_ANSWERS.items():
        pairs[Stage.PROXY, cause].append(name)
    for name, (_, cause, _) in DISCOVERY_STAGES.items():
        pairs[Stage.DISCOVERY, cause].append(name)
    for pair, test in BESIDE.items():
        pairs[pair].append(test)
    return pairs


def test_table_of_stages_and_causes() -> None:
    """Write which pairs are brought about, and by what; none that the contract has may be missing."""
    pairs = brought_about()
    contract = {(stage, cause) for stage, causes in BEGIN_AT.items() for cause in causes}
    contract |= {(stage, Cause.TIMEOUT) for stage in WITH_TIMEOUT} | {(stage, Cause.CLOSED) for stage in WITH_CLOSED}
    stages = list(Stage)
    rows = [
        f"| {stage} | {cause} | {', '.join(names)} |"
        for (stage, cause), names in sorted(pairs.items(), key=lambda entry: (stages.index(entry[0][0]), entry[0][1]))
    ]
    missing = sorted(f"{stage}/{cause}" for stage, cause in contract - set(pairs))
    table = TESTS.parent / "docs" / "causes-brought-about.md"
    table.write_text(
        "# Stages and causes that the tests bring about\n\nWritten by `tests/probe/test_causes.py`.\n\n"
        "| stage | cause | by |\n|---|---|---|\n" + "\n".join(rows) + f"\n\nMissing: {', '.join(missing) or 'none'}.\n",
        "utf-8",
        newline="\n",
    )
    assert missing == []
    assert {cause for _, cause in pairs} == set(Cause)


@pytest.mark.parametrize("where", BESIDE.values())
def test_the_tests_named_beside_are_there(where: str) -> None:
    """Whatever the table names is a test."""
    file, _, test = where.rpartition(": ")
    assert f"def {test}(" in (TESTS / (file or "probe/test_causes.py")).read_text()
