"""The first frames: what proves that they pass, and when the round trip is known."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from tests.engine import only, start_in
from tests.factories import result
from tests.stuck import stuck_at, until
from wsconn import Cause, RegionOutcome, Stage, Status, reports
from wsconn.lab import Fault, Lab, faults
from wsconn.lab._wire import drain, hang_up, upgrade

TEXT = b"\x81\x05hello"
PING = b"\x89\x02hi"
FRAGMENT = b"\x01\x03hel"
Talk = Callable[[socket.socket], None]


def read_ping(sock: socket.socket) -> bytes:
    """Read our ping, and return its payload."""
    head = sock.recv(6, socket.MSG_WAITALL)
    size, mask = head[1] & 0x7F, head[2:]
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(sock.recv(size, socket.MSG_WAITALL)))


def first(*said: bytes, pong: bool = True, empty: bool = False) -> Talk:
    """Make a server that says something before it pongs, if it does."""

    def serve(sock: socket.socket) -> None:
        upgrade(sock)
        sock.sendall(b"".join(said))
        payload = b"" if empty else read_ping(sock)
        if pong:
            sock.sendall(bytes([0x8A, len(payload)]) + payload)
        drain(sock)

    return serve


@pytest.mark.parametrize(
    "said",
    [(TEXT,), (PING,), (TEXT, PING, TEXT), (b"\x8a\x03old",)],
    ids=["a text", "a ping", "several frames", "a pong that nobody asked for"],
)
def test_the_round_trip_is_known_though_the_server_speaks_first(lab: Lab, said: tuple[bytes, ...]) -> None:
    """Whatever valid frame comes first, the pong that follows is timed."""
    lab.add("region", fault=first(*said))
    outcome = only(start_in(lab))
    assert outcome.status is Status.PASSED
    assert outcome.round_trip is not None


@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
def test_the_close_arrives_though_the_server_has_more_to_say(lab: Lab, tls: bool) -> None:
    """What nobody reads any more makes the system reset the connection: the Close is sent before that."""
    heard: list[bytes] = []
    ended = threading.Event()

    def serve(sock: socket.socket) -> None:
        upgrade(sock)
        sock.recv(1024)  # the ping: any frame is a proof
        with contextlib.suppress(OSError):
            sock.sendall(b"\x8a\x00" + TEXT * 30_000)
        with contextlib.suppress(OSError):
            heard.append(sock.recv(2))
        ended.set()

    lab.add("region", fault=serve, tls=tls)
    assert only(start_in(lab)).status is Status.PASSED
    assert ended.wait(20)
    assert heard == [b"\x88\x82"]


def test_an_empty_pong_is_timed(lab: Lab) -> None:
    """Some servers send nothing of the ping's payload back."""
    lab.add("region", fault=first(empty=True))
    outcome = only(start_in(lab))
    assert outcome.status is Status.PASSED
    assert outcome.round_trip is not None


@pytest.mark.parametrize("said", [TEXT, FRAGMENT, PING], ids=["a text", "a fragment", "a ping"])
def test_a_server_that_never_pongs_has_passed_a_second_later(lab: Lab, said: bytes) -> None:
    """A valid frame is proof; its pong is waited for a second more, and not until the timeout."""
    lab.add("region", fault=first(said, pong=False))
    outcome = only(start_in(lab, timeout=8))
    assert outcome.status is Status.PASSED
    assert outcome.round_trip is None
    assert 0.9 < outcome.duration < 4


@pytest.mark.parametrize(
    "behind",
    [b"\xfb\x05hello", b"\x82\x7f" + (1 << 40).to_bytes(8)],
    ids=["a frame that breaks the rules", "a frame beyond reason"],
)
def test_what_follows_a_valid_frame_takes_nothing_back(lab: Lab, behind: bytes) -> None:
    """The region has passed by the first frame, whatever comes after it."""
    lab.add("region", fault=first(TEXT, behind, pong=False))
    outcome = only(start_in(lab))
    assert outcome.status is Status.PASSED
    assert outcome.round_trip is None


def test_a_server_that_never_stops_talking_holds_nobody(lab: Lab) -> None:
    """A flood of valid frames in place of the pong ends the wait for it."""

    def flood(sock: socket.socket) -> None:
        upgrade(sock)
        while True:
            sock.sendall(TEXT * 100)

    lab.add("region", fault=flood)
    outcome = only(start_in(lab, timeout=8))
    assert outcome.status is Status.PASSED
    assert outcome.duration < 4


def test_an_abort_ends_the_wait_for_a_late_pong(lab: Lab) -> None:
    """A region that waits for its pong is aborted as any other."""
    lab.add("region", fault=first(TEXT, pong=False))
    with start_in(lab, timeout=8) as test:
        assert until(lambda: stuck_at(test, "frames"))
        test.abort()
        assert test.result(5).aborted_regions == ("region",)


def ended_at_once(lab: Lab, fault: Fault, **options: Any) -> RegionOutcome:
    lab.add("region", fault=fault, tls=options.pop("tls", True))
    return only(start_in(lab, **options))


def test_an_end_over_verified_tls_is_the_servers_own(lab: Lab) -> None:
    """Nobody on the way can have ended it, so that it says as much as a Close: the region has passed, with a note."""
    outcome = ended_at_once(lab, faults.EOF_AFTER_UPGRADE)
    assert outcome.status is Status.PASSED
    assert outcome.evidence is not None
    assert outcome.evidence.ended_after is not None
    assert outcome.evidence.ended_after < 5
    assert "ended by the server without a Close" in reports.to_text(result(outcome))


def test_an_end_without_tls_may_be_anybodys(lab: Lab) -> None:
    """Without TLS a firewall can end a connection as well as the server."""
    failure = ended_at_once(lab, faults.EOF_AFTER_UPGRADE, tls=False).failure
    assert failure is not None
    assert (failure.stage, failure.cause) == (Stage.FRAMES, Cause.CLOSED)


def test_an_end_over_tls_that_nobody_verified_may_be_anybodys(lab: Lab) -> None:
    """Whoever is on the way can have answered in the server's place."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    failure = ended_at_once(lab, faults.EOF_AFTER_UPGRADE, ssl_context=context).failure
    assert failure is not None
    assert failure.cause is Cause.CLOSED


def test_an_end_by_an_interceptor_may_be_its_own(lab: Lab) -> None:
    """A proxy that opens TLS is trusted by this machine, and may still be the one that ended the connection."""
    authority = trustme.CA(organization_name="Zscaler Inc.")
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)

    def serve(sock: socket.socket) -> None:
        with server.wrap_socket(sock, server_side=True) as secure:
            upgrade(secure)
            hang_up(secure)

    port = lab.add("plain", fault=serve).rpartition(":")[2]
    failure = only(start_in(lab, {"region": f"wss://127.0.0.1:{port}"}, ssl_context=client)).failure
    assert failure is not None
    assert (failure.stage, failure.cause) == (Stage.FRAMES, Cause.CLOSED)


def test_a_reset_is_never_proof(lab: Lab) -> None:
    """A reset is no part of TLS: a device on the way can send one."""
    failure = ended_at_once(lab, faults.RESET_AFTER_UPGRADE).failure
    assert failure is not None
    assert (failure.cause, failure.os_error) == (Cause.CLOSED, "ECONNRESET")


def test_no_frame_at_all_is_no_pass(lab: Lab) -> None:
    """Silence after the upgrade stays a failure."""
    lab.add("region", fault=first(pong=False))
    failure = only(start_in(lab, timeout=2)).failure
    assert failure is not None
    assert (failure.stage, failure.cause) == (Stage.FRAMES, Cause.NO_PONG)
