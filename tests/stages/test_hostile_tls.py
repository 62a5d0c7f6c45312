"""Peers that misuse TLS: records that hold nothing, without end, and words before TLS began."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable

import pytest

import wsconn
from tests.engine import only, start_in
from tests.probe.proxies import forward, proxy, read_request
from tests.stages.tls_records import DATA, HANDSHAKE, KEY_UPDATE_REQUESTED, TICKET, Records, by_hand
from tests.windows import marked, slow_floods
from wsconn import Cause, Discovery, Region, Stage, Status
from wsconn._stages.tls import looking_context
from wsconn.lab import Lab, faults
from wsconn.lab._fault import Handshake
from wsconn.lab._wire import response, upgrade_headers

promise = pytest.mark.promise


def tickets(records: Records) -> None:
    """Session tickets, as many as fit into a record: 900 for one cipher operation of ours."""
    many = TICKET * (16384 // len(TICKET))
    while True:
        records.send(HANDSHAKE, many)


def changes_of_keys(records: Records) -> None:
    while True:
        records.update_keys()


def changes_of_keys_to_answer(records: Records) -> None:
    while True:
        records.update_keys(KEY_UPDATE_REQUESTED)


def empty_records(records: Records) -> None:
    while True:
        records.send(DATA, b"")


def a_byte_a_record(records: Records) -> None:
    records.send(DATA, b"HTTP/1.1 101 OK\r\nX: ")
    while True:
        records.send(DATA, b"x")


def half_a_ticket(records: Records) -> None:
    """The beginning of a message of 16 MiB, of which a piece comes in each record."""
    records.send(HANDSHAKE, b"\x04\xff\xff\xff")
    while True:
        records.send(HANDSHAKE, bytes(16000))


FLOODS: dict[str, tuple[Callable[[Records], None], Cause]] = {
    "session tickets": (tickets, Cause.BAD_UPGRADE),
    "changes of keys": (changes_of_keys, Cause.BAD_UPGRADE),
    "changes of keys that want an answer": (changes_of_keys_to_answer, Cause.BAD_UPGRADE),
    "empty records": (empty_records, Cause.TLS_FAILED),
    "a byte a record": (a_byte_a_record, Cause.BAD_UPGRADE),
    "a message without end": (half_a_ticket, Cause.TLS_FAILED),
}


@promise(1)
@pytest.mark.parametrize(("flood", "cause"), marked(FLOODS, slow_floods, "changes", "byte"))
def test_a_flood_of_records_ends_at_the_budget(lab: Lab, flood: Callable[[Records], None], cause: Cause) -> None:
    """OpenSSL would go on reading for as long as such records come: it never gets more than the budget."""
    lab.add("region", tls=True, fault=by_hand(lambda sock: flood(Records(sock, lab._identity))))
    outcome = only(start_in(lab, timeout=30))
    assert outcome.failure is not None
    assert outcome.failure.cause is cause, outcome.failure
    assert outcome.duration < 25


def test_plain_text_after_the_handshake_is_a_break_of_tls(lab: Lab) -> None:
    """OpenSSL says the same of it as of a server that speaks no TLS, which this one did."""

    def breaks_off(sock: socket.socket) -> None:
        Records(sock, lab._identity).read()
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    lab.add("region", tls=True, fault=by_hand(breaks_off))
    failure = only(start_in(lab)).failure
    assert failure is not None
    assert (failure.stage, failure.cause) == (Stage.TLS, Cause.TLS_FAILED), failure


@promise(2)
def test_abort_ends_a_slow_flood_of_records(lab: Lab) -> None:
    """A peer that always has a record ready, and none that says anything, does not outlive an abort."""
    flooding = threading.Event()

    def trickle(sock: socket.socket) -> None:
        records = Records(sock, lab._identity)
        records.read()
        while True:
            records.send(HANDSHAKE, TICKET)
            flooding.set()
            threading.Event().wait(0.002)

    lab.add("region", tls=True, fault=by_hand(trickle))
    with start_in(lab, timeout=60) as test:
        assert flooding.wait(20)
        began = time.monotonic()
        test.abort()
        assert test.result(timeout=0).result == "aborted"
    assert time.monotonic() - began < 2.5  # the worker is free, too


def test_a_few_tickets_and_changes_of_keys_harm_nobody(lab: Lab) -> None:
    """What servers do send between their answers is none of the region's business."""

    def serve(sock: socket.socket) -> None:
        records = Records(sock, lab._identity)
        records.send(HANDSHAKE, TICKET * 2)
        request = records.read()
        records.update_keys(KEY_UPDATE_REQUESTED)
        records.send(DATA, b"")
        for piece in response(101, upgrade_headers(request)):
            records.send(DATA, bytes([piece]))
        records.update_keys()
        records.send(HANDSHAKE, TICKET)
        records.send(DATA, b"\x81\x05hello")
        with contextlib.suppress(ConnectionError):
            while records.read():
                pass

    lab.add("region", tls=True, fault=by_hand(serve))
    outcome = only(start_in(lab, timeout=20))
    assert outcome.status is Status.PASSED, outcome


@promise(1)
def test_the_look_at_a_certificate_offers_no_group_of_the_servers_own() -> None:
    """DHE computes in a group that the server chooses, of 10,000 bits for 0.7 s: past any deadline, and any abort.

    Where a certificate is trusted that is the server's own affair; the look is at one that is not.
    """
    context = looking_context()
    exchanges = {cipher["kea"] for cipher in context.get_ciphers()}
    assert exchanges == {"kx-any", "kx-ecdhe"}  # any: what TLS 1.3 has, where groups have names
    assert not any(cipher["auth"] == "auth-null" for cipher in context.get_ciphers())
    assert context.security_level == 0  # else a weak key or hash would end this handshake as well


def test_the_look_has_a_second(lab: Lab) -> None:
    """A server that falls silent once it was distrusted holds the region up for no longer than that."""
    first = threading.Event()

    def serve(sock: socket.socket) -> None:
        if first.is_set():
            while sock.recv(4096):
                pass
        first.set()
        with (
            contextlib.suppress(OSError),
            lab._identity.server_context(Handshake.UNTRUSTED, None).wrap_socket(sock, server_side=True) as secure,
        ):
            secure.recv(1)

    lab.add("region", tls=True, fault=by_hand(serve))
    outcome = only(start_in(lab, timeout=20))
    assert outcome.failure is not None
    assert outcome.failure.cause is Cause.TLS_UNTRUSTED
    assert outcome.tls is None
    assert outcome.duration < 1 + 2  # and what a busy machine takes


# --- words before TLS began -----------------------------------------------------------------------------------------


def forging(answer: bytes, forged: bytes) -> Callable[[socket.socket], None]:
    """A proxy that opens the tunnel, and first says something that is to pass for the server's."""

    def talk(sock: socket.socket) -> None:
        request = read_request(sock)
        host, port = request.split()[1].decode().rsplit(":", 1)
        sock.sendall(answer + forged)
        forward(sock, host, int(port))

    return talk


OPENED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@promise(4)
def test_a_proxy_cannot_answer_discovery_in_the_servers_name(lab: Lab) -> None:
    """What came before TLS is not taken for what TLS protects: a forged URL leads nowhere."""
    evil = lab.add("evil", tls=True)
    body = f'"{evil}"'.encode()
    endpoint = lab.add("endpoint", tls=True, fault=faults.http_status(200, body=b'"wss://127.0.0.1:9/"'))
    forged = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    region = Region("region", discovery=Discovery(endpoint.replace("wss", "https", 1), ""))
    with proxy(forging(OPENED, forged)) as port:
        outcome = only(wsconn.start([region], proxy=f"http://127.0.0.1:{port}", ssl_context=lab.ssl_context))
    assert outcome.failure is not None
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.DISCOVERY, Cause.NOT_TLS)
    assert "before any TLS came 'HTTP/1.1 200 OK" in outcome.failure.message
    assert outcome.url == endpoint.replace("wss", "https", 1)


@promise(4)
@pytest.mark.parametrize(
    "forged", [b"HTTP/1.1 403 Forbidden\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28", b"\x00"], ids=repr
)
def test_a_proxy_cannot_refuse_in_the_servers_name(lab: Lab, forged: bytes) -> None:
    """Nor does a refusal that came before TLS pass for the region's."""
    url = lab.add("region", tls=True)
    with proxy(forging(OPENED, forged)) as port:
        outcome = only(wsconn.start({"region": url}, proxy=f"http://127.0.0.1:{port}", ssl_context=lab.ssl_context))
    assert outcome.failure is not None
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.TLS, Cause.NOT_TLS)
    assert outcome.http_status is None
