"""Each experiment keeps the promises of a check: on time, abort, bytes and secrets, whatever the peer does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from tests.probe.proxies import proxy as serving
from wsconn import Cause, Evidence, Experiment, Failure, Region, RegionOutcome, Stage, Status
from wsconn._deadline import Deadline
from wsconn._debug.case import Case, Other
from wsconn._debug.choice import CHOICES
from wsconn._debug.experiments import TRIALS, name_servers
from wsconn._debug.trial import Needless, Planned
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import Abort, Aborted, CancelScope
from wsconn._io.stream import BUDGET_BYTES
from wsconn._probe.dialer import Dialer
from wsconn._probe.probe import Probe, load_conversation
from wsconn._probe.route import Route
from wsconn._probe.trust import Trust
from wsconn._proxies import Proxies
from wsconn._regions import split_url
from wsconn._resolver_settings import ResolverSettings
from wsconn._stages.request import Request
from wsconn._stages.resolve import Lookups

HOST, OTHER = "eu.lab.invalid", "us.lab.invalid"
QUERY, HEADER, PASSWORD = "S3CRET-query", "S3CRET-header", "S3CRET-password"
DEADLINE_SECONDS = 0.4
MARGIN_SECONDS = 2.5  # of a machine that others use too; 0.25 are promised
BUFFERS_BYTES = 8 * 1024 * 1024  # what two kernels may hold
IN_TLS = {"look", "tls_1_2", "no_server_name", "other_server_name", "server_name_elsewhere", "small_segments"}
IN_TLS |= {"unencrypted", "unknown_name_elsewhere"}
PROXIED = {"direct", "elsewhere_through_proxy"}
each_experiment = pytest.mark.parametrize("name", TRIALS)


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    """The library takes its time when it is first imported, and no experiment's."""
    load_conversation()


@contextlib.contextmanager
def datagrams(answer: Callable[[socket.socket, Any], object]) -> Iterator[int]:
    """A name server on loopback that does what it is told with each datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        over = threading.Event()

        def serve() -> None:
            while True:
                data, sender = sock.recvfrom(512)
                if over.is_set():
                    return
                answer(sock, (data, sender))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield sock.getsockname()[1]
        finally:
            over.set()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
                end.sendto(b"", sock.getsockname())
            thread.join()


class Peer:
    """A server that does one thing with every connection."""

    def __init__(self, does: Callable[[Peer, socket.socket], object]) -> None:
        self._does = does
        self.heard = b""
        self.sent = 0

    def __call__(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._does(self, sock)


def _mute(peer: Peer, sock: socket.socket) -> None:
    while data := sock.recv(4096):
        peer.heard += data


def _parrot(peer: Peer, sock: socket.socket) -> None:
    data = sock.recv(4096)
    peer.heard += data
    said = data.decode("latin-1").replace("\r\n", " ")
    head = f"HTTP/1.1 403 {said}\r\nServer: {said}\r\nContent-Type: text/plain\r\nContent-Length: {len(said)}"
    sock.sendall(f"{head}\r\n\r\n{said}".encode("latin-1"))
    _mute(peer, sock)


def _pour(peer: Peer, sock: socket.socket) -> None:
    peer.heard += sock.recv(4096)
    sock.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        peer.sent += sock.send(b"x" * 65536)


def asked_for(name: str, port: int, *, tls: bool = False) -> Planned:
    """Return an experiment on a region whose server, proxy and other region are all at a port of loopback."""
    scheme = "wss" if name in IN_TLS or tls else "ws"
    url, other = f"{scheme}://{HOST}:{port}/?token={QUERY}", f"{scheme}://{OTHER}:{port}/"
    variable = {"http_proxy": f"http://me:{PASSWORD}@127.0.0.1:{port}"}
    environ = variable if name in PROXIED else {**variable, "no_proxy": HOST} if name == "proxied" else {}
    lookups = Lookups(_getaddrinfo, lambda: ResolverSettings(servers=("127.0.0.1",)))
    probe = Probe(
        Route(Dialer(lookups, Proxies(environ)), Trust.of_the_system()),
        Request(headers={"Authorization": HEADER, "User-Agent": "tests"}),
        True,
    )
    stage = next((row.stage for row in CHOICES if name in row.experiments), Stage.UPGRADE)
    if name == "other_scheme":
        stage = Stage.FRAMES
    seen = Evidence(stage=stage, resolved_to=("192.0.2.1",))
    failure = Failure(stage=stage, cause=Cause.TIMEOUT, message="it was silent", advice="Ask.", evidence=seen)
    outcome = RegionOutcome(region="eu", url=url.partition("?")[0], status=Status.FAILED, failure=failure)
    passed = RegionOutcome(region="us", url=other, status=Status.PASSED)
    case = Case(
        definition=Region("eu", url),
        target=split_url(url),
        outcome=outcome,
        probe=probe,
        proxy=probe.route.dialer.proxies.choose(split_url(url)),
        others=(Other(split_url(other), passed),),
    )
    variant = {
        "address": "127.0.0.1",
        "port": str(port),
        "name_server": "127.0.0.1",
        "name_server_alive": "127.0.0.1",
        "again": "1",
    }
    return Planned(case, TRIALS[name], variant.get(name, "v2.call" if name == "subprotocol" else ""))


def _getaddrinfo(host: str, *_: object) -> list[Any]:
    assert host.rstrip(".") in (HOST, OTHER), f"{host} is nobody's"
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]


def made(planned: Planned, abort: Abort, seconds: float) -> Experiment | None:
    recorder = Recorder("eu", None)
    recorder.begin()
    try:
        outcome, finding = planned.make(CancelScope(Deadline.after(seconds), abort), recorder)
    except Needless:
        return None
    finally:
        planned.case.probe.join()
    return planned.experiment(outcome, finding, 0.0)


@contextlib.contextmanager
def with_peer(
    monkeypatch: pytest.MonkeyPatch, does: Callable[[Peer, socket.socket], object], name: str
) -> Iterator[tuple[Peer, Planned, Abort]]:
    """Set up an experiment, its peer, and a name server that answers with what it was asked, or not at all."""
    peer = Peer(does)
    silent = does is not _pour
    with (
        serving(peer) as port,
        datagrams(lambda sock, said: None if silent else sock.sendto(*said)) as name_server,
        contextlib.closing(Abort()) as abort,
    ):
        monkeypatch.setattr(name_servers, "_PORT", name_server)
        yield peer, asked_for(name, port), abort


@each_experiment
def test_deadline(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A peer that says nothing holds an experiment no longer than its deadline."""
    with with_peer(monkeypatch, _mute, name) as (_, planned, abort):
        began = time.monotonic()
        found = made(planned, abort, DEADLINE_SECONDS)
        assert time.monotonic() - began < DEADLINE_SECONDS + MARGIN_SECONDS
        assert found is None or found.seconds < DEADLINE_SECONDS + MARGIN_SECONDS


@each_experiment
def test_abort(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """An abort ends an experiment that waits, wherever it does."""
    with with_peer(monkeypatch, _mute, name) as (_, planned, abort):
        timer = threading.Timer(0.1, abort.set)
        timer.start()
        began = time.monotonic()
        with contextlib.suppress(Aborted):  # some have nothing to wait for
            made(planned, abort, 60.0)
        assert time.monotonic() - began < 0.1 + MARGIN_SECONDS
        timer.join()


@each_experiment
def test_bytes(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A peer that sends without end is cut off, or meets the deadline."""
    with with_peer(monkeypatch, _pour, name) as (peer, planned, abort):
        began = time.monotonic()
        made(planned, abort, 1.0)
        assert time.monotonic() - began < 1.0 + MARGIN_SECONDS
        assert peer.sent < 8 * BUDGET_BYTES + BUFFERS_BYTES


@each_experiment
def test_secrets(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A peer that repeats what it was told gets no secret into the record."""
    with with_peer(monkeypatch, _parrot, name) as (peer, planned, abort):
        found = made(planned, abort, 1.0)
        said = repr(found)
        assert not [secret for secret in (QUERY, HEADER, PASSWORD) if secret in said]
        if name in IN_TLS:  # the check would have sent them inside TLS
            assert not [secret for secret in (QUERY, HEADER) if secret.encode() in peer.heard]


@pytest.mark.parametrize("name", ["other_scheme", "unencrypted"])
def test_nothing_secret_is_sent_in_the_clear(name: str) -> None:
    """Where the check speaks TLS, an experiment without it carries neither the query nor the headers."""
    peer = Peer(_parrot)
    with serving(peer) as port, contextlib.closing(Abort()) as abort:
        made(asked_for(name, port, tls=True), abort, 2.0)
    assert b"Upgrade: websocket" in peer.heard
    assert not [secret for secret in (QUERY, HEADER) if secret.encode() in peer.heard]


def test_nothing_secret_goes_where_the_check_did_not() -> None:
    """Without TLS nobody shows who is there: another address for the same name gets a bare request."""
    peer = Peer(_parrot)
    with serving(peer) as port, contextlib.closing(Abort()) as abort:
        planned = asked_for("final_dot", port)
        failure = attrs.evolve(
            planned.case.outcome.failure, stage=Stage.UPGRADE, evidence=Evidence(stage=Stage.UPGRADE)
        )
        case = attrs.evolve(planned.case, outcome=attrs.evolve(planned.case.outcome, failure=failure))
        found = made(attrs.evolve(planned, case=case), abort, 2.0)
    assert found
    assert b"Upgrade: websocket" in peer.heard
    assert not [secret for secret in (QUERY, HEADER) if secret.encode() in peer.heard]


@each_experiment
def test_it_says_what_it_changed_and_sent(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each record tells in words what differs, what was sent and to whom, and how it ended."""
    with with_peer(monkeypatch, _parrot, name) as (_, planned, abort):
        found = made(planned, abort, 1.0)
    if found is None:
        assert name == "name_server_address"  # no name server gave another address
        return
    assert found.name == name
    assert found.changed
    assert found.sent.endswith(".")
    assert "{" not in found.changed + found.sent
    assert found.message
    assert TRIALS[name].tells
    if HOST in TRIALS[name].sent or "{server}" in TRIALS[name].sent:
        assert HOST in found.sent
