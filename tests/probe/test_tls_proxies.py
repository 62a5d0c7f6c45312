"""Proxies that TLS is spoken to: a verification of their own, and TLS to the server inside."""

from __future__ import annotations

import itertools
import pathlib
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import attrs
import pytest

import wsconn
from tests.probe.proxies import BASIC, answer, proxy, read_request, tunnel, until_closed
from tests.stages.tls_records import DATA, HANDSHAKE, KEY_UPDATE_REQUESTED, TICKET, Records, by_hand
from tests.windows import marked, no_resets, slow_floods
from wsconn import Cause, Discovery, Region, RegionOutcome, Stage, Status
from wsconn.lab import Fault, Lab, faults
from wsconn.lab._fault import Handshake, Serve

promise = pytest.mark.promise
MARGIN_SECONDS = 2.5  # ten times what is promised
Heard = queue.SimpleQueue[str | None]


def served(fault: Fault, serve: Serve = tunnel) -> Fault:
    """A fault of TLS, with a proxy behind it."""
    return attrs.evolve(fault, serve=serve)


def add_proxy(lab: Lab, fault: Fault | Serve = tunnel, **options: ssl.TLSVersion) -> str:
    """Start a proxy and return its URL; the lab does the TLS."""
    return lab.add(f"proxy {len(lab.regions)}", tls=True, fault=fault, **options).replace("wss", "https").rstrip("/")


def check(lab: Lab, proxy_url: str, url: str = "wss://eu.example/", **options: object) -> RegionOutcome:
    chosen: dict[str, object] = {"ssl_context": lab.ssl_context, "proxy_ssl_context": lab.ssl_context, **options}
    return wsconn.check({"region": url}, proxy=proxy_url, **chosen).outcome("region")  # type: ignore[arg-type]  # any of its arguments


# --- the way through -------------------------------------------------------------------------------------------------


@promise(7)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
@pytest.mark.parametrize("secure", [False, True], ids=["ws", "wss"])
def test_through_an_honest_proxy(lab: Lab, version: ssl.TLSVersion, secure: bool) -> None:
    """TLS to the server is spoken inside that to the proxy, and what is told of TLS is the server's."""
    url = lab.add("region", tls=secure)
    proxy_url = add_proxy(lab, tls_version=version)
    outcome = check(lab, proxy_url, url)
    assert outcome.status is Status.PASSED, outcome
    assert outcome.proxy == f"{proxy_url} (from the argument proxy)"
    assert outcome.timings.proxy is not None
    assert outcome.address == proxy_url.removeprefix("https://")
    assert (outcome.tls is not None) is secure


@promise(7)
def test_discovery_through_an_honest_proxy(lab: Lab) -> None:
    """Discovery goes the same way."""
    url = lab.add("region", tls=True)
    endpoint = lab.add("endpoint", tls=True, fault=faults.http_status(200, body=f'"{url}"'.encode()))
    region = Region("region", discovery=Discovery(endpoint.replace("wss", "https", 1), ""))
    context = lab.ssl_context
    result = wsconn.check([region], proxy=add_proxy(lab), ssl_context=context, proxy_ssl_context=context)
    assert result.result == "passed", result


@promise(7)
def test_long_frames_through_both_layers(lab: Lab) -> None:
    """A frame of many records comes whole."""
    frame = b"\x82\x7f" + (100_000).to_bytes(8) + bytes(100_000)
    url = lab.add("region", tls=True, fault=faults.raw_frame(frame, name="long", summary="A long frame comes."))
    assert check(lab, add_proxy(lab), url).status is Status.PASSED


@promise(7)
@pytest.mark.parametrize("ends", [False, True], ids=["over the same connection", "over a new one"])
def test_the_login_goes_inside(lab: Lab, ends: bool) -> None:
    """Nothing but the ClientHello is sent in the clear, however many connections the login takes."""
    heard: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        while True:
            heard.append(read_request(sock))
            said = (BASIC if len(heard) == 1 else "HTTP/1.1 403 No\n\n").replace("\n", "\r\n")
            sock.sendall((said.replace("No\r\n", "No\r\nConnection: close\r\n") if ends else said).encode())
            if ends:
                return

    url = add_proxy(lab, talk).replace("//", "//me:S3CRETpass@")
    outcome = check(lab, url)
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.PROXY, Cause.PROXY_DENIED)
    assert b"Proxy-Authorization" not in heard[0]
    assert b"Proxy-Authorization: Basic " in heard[1]
    assert "S3CRET" not in repr(outcome)
    assert outcome.failure.evidence
    assert outcome.failure.evidence.tls
    assert "O=Lab Authority" in (outcome.failure.evidence.tls.issuer or "")


@pytest.mark.promise(9)
def test_a_proxy_that_is_not_trusted_is_told_nothing(lab: Lab) -> None:
    """Neither the connection that failed nor the look at its certificate carries a login, or any request."""
    heard: list[bytes] = []
    looked = threading.Event()

    def talk(sock: socket.socket) -> None:
        heard.append(sock.recv(65536))  # only over the look does the handshake end
        looked.set()

    # With 1.3 the session tickets come after the handshake: who leaves before ends the connection with a reset.
    url = add_proxy(lab, served(faults.UNTRUSTED, talk), tls_version=ssl.TLSVersion.TLSv1_2)
    url = url.replace("//", "//me:S3CRETpass@")
    expect(check(lab, url), Cause.TLS_UNTRUSTED, "O=Untrusted Lab Authority", "Ask the proxy's administrator")
    assert looked.wait(10)
    assert heard == [b""]


# --- which context, and what it offers -------------------------------------------------------------------------------


def hears_alpn(lab: Lab, offers: list[str], heard: Heard) -> Fault:
    """A proxy that would rather speak h2, and notes what was agreed on."""
    context = lab._identity._make_context(Handshake.RIGHT, None)
    context.set_alpn_protocols(offers)

    def serve(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as secure:
            heard.put(secure.selected_alpn_protocol())
            tunnel(secure)

    return by_hand(serve)


@promise(7)
def test_http_1_1_alone_is_offered(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    """The default context trusts the system's roots, for servers and proxies, and offers HTTP/1.1 to both."""
    roots = tmp_path / "roots.pem"
    lab._identity._authority.cert_pem.write_to_path(str(roots))
    monkeypatch.setenv("SSL_CERT_FILE", str(roots))
    heard: Heard = queue.SimpleQueue()
    proxy_url = add_proxy(lab, hears_alpn(lab, ["h2", "http/1.1"], heard))
    for url in (lab.add("ws"), lab.add("wss", tls=True)):
        outcome = check(lab, proxy_url, url, ssl_context=None, proxy_ssl_context=None)
        assert outcome.status is Status.PASSED, outcome
    assert [heard.get(timeout=10) for _ in range(2)] == ["http/1.1"] * 2


@promise(7)
def test_a_context_of_the_users_is_used_as_it_is(lab: Lab) -> None:
    """What it offers by ALPN is the user's: nothing, and the proxy speaks HTTP/1.1; or h2, and that is told."""
    heard: Heard = queue.SimpleQueue()
    proxy_url = add_proxy(lab, hears_alpn(lab, ["h2", "http/1.1"], heard))
    url = lab.add("region", tls=True)
    assert check(lab, proxy_url, url).status is Status.PASSED
    authority = lab._identity._authority.cert_pem.bytes().decode()
    context = ssl.create_default_context(cadata=authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    failure = check(lab, proxy_url, url, proxy_ssl_context=context).failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.PROXY, Cause.TLS_FAILED)
    assert "chose h2 by ALPN" in failure.message
    assert "Leave h2 out of what the proxy_ssl_context offers" in failure.advice
    assert [heard.get(timeout=10) for _ in range(2)] == [None, "h2"]


def test_a_server_that_chooses_h2(lab: Lab) -> None:
    """That is told of a server as well, and of its context."""
    context = ssl.create_default_context(cadata=lab._identity._authority.cert_pem.bytes().decode())
    context.set_alpn_protocols(["h2"])
    url = lab.add("region", tls=True, fault=hears_alpn(lab, ["h2"], queue.SimpleQueue()))
    failure = wsconn.check({"region": url}, ssl_context=context, proxy=None).outcome("region").failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.TLS, Cause.TLS_FAILED)
    assert "chose h2 by ALPN" in failure.message
    assert "Leave h2 out of what the ssl_context offers" in failure.advice


@promise(7)
def test_the_servers_context_is_not_the_proxys(lab: Lab) -> None:
    """A context for servers says nothing about proxies, nor the other way round."""
    url = lab.add("region", tls=True)
    proxy_url = add_proxy(lab)
    outcome = check(lab, proxy_url, url, proxy_ssl_context=None)
    expect(outcome, Cause.TLS_UNTRUSTED, "O=Lab Authority", "--proxy-ca-file; --ca-file is for servers alone")
    outcome = check(lab, proxy_url, url, ssl_context=None)
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.TLS, Cause.TLS_UNTRUSTED)
    assert "server" in outcome.failure.message


@promise(7)
def test_a_client_certificate_for_the_proxy(lab: Lab) -> None:
    """It is in the user's context, as for a server."""
    url, proxy_url = lab.add("region", tls=True), add_proxy(lab, served(faults.CLIENT_CERTIFICATE_WANTED))
    context = ssl.create_default_context(cadata=lab._identity._authority.cert_pem.bytes().decode())
    lab._identity._authority.issue_cert("client.example").configure_cert(context)
    assert check(lab, proxy_url, url, proxy_ssl_context=context).status is Status.PASSED


@pytest.mark.parametrize("wrong", ["context", 1, True], ids=repr)
def test_a_context_that_is_none_raises(wrong: object) -> None:
    """The argument is named."""
    with pytest.raises(TypeError, match=r"^proxy_ssl_context must be an ssl\.SSLContext or None"):
        wsconn.start({"a": "ws://127.0.0.1:9/"}, proxy_ssl_context=wrong)  # type: ignore[arg-type]  # what is tested


# --- what goes wrong -------------------------------------------------------------------------------------------------


def expect(outcome: RegionOutcome, cause: Cause, fact: str, advice: str) -> None:
    """It is told as the proxy's, with the proxy's certificate, and nobody is sent to the server's operator."""
    failure = outcome.failure
    assert failure is not None
    assert (failure.stage, failure.cause) == (Stage.PROXY, cause), failure
    assert "the proxy https://" in failure.message
    assert fact in failure.message
    assert advice in failure.advice
    assert not re.search("operator|the server's|the URL", failure.advice), failure.advice
    assert "server" not in failure.message.replace("name server", "")
    assert outcome.tls is None
    assert [attempt.stage for attempt in outcome.attempts] == [Stage.PROXY]


HANDSHAKES: dict[str, tuple[Fault, Cause, str, str]] = {
    "untrusted": (
        served(faults.UNTRUSTED),
        Cause.TLS_UNTRUSTED,
        "O=Untrusted Lab Authority",
        "Ask the proxy's administrator for the root certificate",
    ),
    "an intermediate left out": (
        served(faults.MISSING_INTERMEDIATE),
        Cause.TLS_UNTRUSTED,
        "whose own certificate the proxy did not send",
        "have the proxy send the whole chain",
    ),
    "a wrong purpose": (
        served(faults.WRONG_PURPOSE),
        Cause.TLS_UNTRUSTED,
        "unsuitable certificate purpose",
        "refuses the proxy's certificate",
    ),
    "expired": (served(faults.EXPIRED), Cause.TLS_EXPIRED, "expired on 2020-01-01", "the proxy's certificate has"),
    "an expired intermediate": (
        served(faults.EXPIRED_INTERMEDIATE),
        Cause.TLS_EXPIRED,
        "depends on the intermediate certificate",
        "tell the proxy's administrator that the intermediate certificate",
    ),
    "not yet valid": (
        served(faults.NOT_YET_VALID),
        Cause.TLS_NOT_YET_VALID,
        "not valid before 2090-01-01",
        "tell the proxy's administrator",
    ),
    "another name": (
        served(faults.WRONG_HOST),
        Cause.TLS_HOSTNAME_MISMATCH,
        "is not for 127.0.0.1 but for DNS:wrong.example",
        "Check the host in the argument proxy",
    ),
    "a client certificate": (
        served(faults.CLIENT_CERTIFICATE_WANTED),
        Cause.TLS_CLIENT_CERTIFICATE_REQUIRED,
        "wants a client certificate",
        "--proxy-client-cert",
    ),
    "an old version": (faults.OLD_TLS, Cause.TLS_VERSION, "offers no TLS version", "the proxy's administrator"),
    "an alert": (
        faults.HANDSHAKE_FAILURE,
        Cause.TLS_FAILED,
        "handshake failure",
        "whether it wants a client certificate",
    ),
    "plain HTTP": (
        faults.PLAIN_TEXT_ON_TLS,
        Cause.NOT_TLS,
        "does not speak TLS",
        "Write http:// in place of https:// in the argument proxy: http://127.0.0.1:",
    ),
    "a reset": (faults.RESET_IN_HANDSHAKE, Cause.CLOSED, "was reset during the TLS handshake", "write http://"),
    "the end": (faults.EOF_IN_HANDSHAKE, Cause.CLOSED, "was ended during the TLS handshake", "write http://"),
    "silence": (faults.SILENT_TLS, Cause.TIMEOUT, "did not finish the TLS handshake", "write http://"),
}


@promise(7)
@pytest.mark.parametrize(("fault", "cause", "fact", "advice"), marked(HANDSHAKES, no_resets, "reset"))
def test_handshakes_that_fail(lab: Lab, fault: Fault, cause: Cause, fact: str, advice: str) -> None:
    """Each has its cause, with what was seen of the proxy's certificate."""
    outcome = check(lab, add_proxy(lab, fault), timeout=1.2 if cause is Cause.TIMEOUT else 10)
    expect(outcome, cause, fact, advice)
    assert outcome.failure
    seen = outcome.failure.evidence
    assert seen
    assert (seen.tls is not None) is (fault.serve is tunnel)


@promise(7)
def test_discovery_behind_an_untrusted_proxy(lab: Lab) -> None:
    """It is the stage discovery then, and the proxy's certificate all the same."""
    region = Region("region", discovery=Discovery("https://endpoint.example/", "/url"))
    url = add_proxy(lab, served(faults.UNTRUSTED))
    (outcome,) = wsconn.check([region], proxy=url, proxy_ssl_context=lab.ssl_context).outcomes
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.DISCOVERY, Cause.TLS_UNTRUSTED)
    assert "the certificate of the proxy https://" in outcome.failure.message
    assert "the proxy's administrator" in outcome.failure.advice
    assert "operator" not in outcome.failure.advice


@promise(7)
def test_a_server_that_is_not_trusted_behind_the_proxy(lab: Lab) -> None:
    """The second look at its certificate goes through the proxy, too."""
    url = lab.add("region", tls=True, fault=faults.UNTRUSTED)
    outcome = check(lab, add_proxy(lab), url)
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.TLS, Cause.TLS_UNTRUSTED)
    assert outcome.tls
    assert "Untrusted Lab Authority" in (outcome.tls.issuer or "")


@promise(7)
def test_http_written_before_a_port_of_tls(lab: Lab) -> None:
    """Where http:// is written and the port speaks TLS, the advice is to write https://."""

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"\x15\x03\x01\x00\x02\x02\x28")  # the alert handshake_failure

    with proxy(talk) as port:
        failure = check(lab, f"http://127.0.0.1:{port}").failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.PROXY, Cause.PROXY_BAD_ANSWER)
    assert "did not answer as a proxy, but with TLS" in failure.message
    assert f"Write https:// in place of http:// in the argument proxy: https://127.0.0.1:{port}" in failure.advice


@promise(7)
def test_a_port_of_tls_that_refuses_every_handshake(lab: Lab) -> None:
    """An alert shows TLS too: it may want a client certificate, or a version that this machine does not speak."""

    def talk(sock: socket.socket) -> None:
        if sock.recv(4096).startswith(b"\x16"):
            sock.sendall(b"\x15\x03\x01\x00\x02\x02\x28")  # the alert handshake_failure

    with proxy(talk) as port:
        failure = check(lab, f"http://127.0.0.1:{port}").failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.PROXY, Cause.CLOSED)
    assert f"Write https:// in place of http:// in the argument proxy: https://127.0.0.1:{port}" in failure.advice


@pytest.mark.parametrize(("scheme", "told"), [("https", True), ("http", False)])
def test_a_proxy_by_https_where_nothing_listens(lab: Lab, scheme: str, told: bool) -> None:
    """Many write https:// where they mean the proxy for https; what it means is said where it may be the fault."""
    url = lab.add("proxy", fault=faults.REFUSED)
    failure = check(lab, url.replace("ws", scheme, 1).rstrip("/")).failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.PROXY, Cause.REFUSED)
    assert ("means TLS to the proxy itself" in failure.advice) is told


SETTINGS = b"\0\0\6\4\0\0\0\0\0\0\3\0\0\0d"  # a frame of HTTP/2
AFTER_THE_HANDSHAKE = {
    "HTTP/2": (SETTINGS, Cause.PROXY_BAD_ANSWER, "but HTTP/2)", "for a port of it that speaks HTTP/1.1"),
    "the end": (b"", Cause.CLOSED, "was ended before it had opened a tunnel", "What listens there speaks TLS"),
}


@promise(7)
@pytest.mark.parametrize(
    ("said", "cause", "fact", "advice"), AFTER_THE_HANDSHAKE.values(), ids=AFTER_THE_HANDSHAKE.keys()
)
def test_what_is_no_proxy_behind_tls(lab: Lab, said: bytes, cause: Cause, fact: str, advice: str) -> None:
    """Where TLS went well, nobody is told to check whether it is spoken there."""

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(said)

    failure = check(lab, add_proxy(lab, talk)).failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.PROXY, cause)
    assert fact in failure.message
    assert advice in failure.advice
    assert "https if" not in failure.advice
    assert "the proxy's administrator" in failure.advice


@promise(7)
@pytest.mark.parametrize("is_proxy", [True, False], ids=["proxy", "server"])
def test_an_alert_that_http_1_1_is_not_spoken(lab: Lab, is_proxy: bool) -> None:
    """It has a name in every version of Python, and advice of its own."""

    def refuse(sock: socket.socket) -> None:
        sock.recv(4096)
        sock.sendall(b"\x15\x03\x03\x00\x02\x02\x78")  # the alert no_application_protocol

    with proxy(refuse) as port:
        if is_proxy:
            failure = check(lab, f"https://127.0.0.1:{port}").failure
        else:
            url = f"wss://127.0.0.1:{port}/"
            failure = wsconn.check({"a": url}, ssl_context=lab.ssl_context, proxy=None).outcome("a").failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.PROXY if is_proxy else Stage.TLS, Cause.TLS_FAILED)
    assert "(tlsv1 alert no application protocol)" in failure.message
    assert failure.evidence
    assert failure.evidence.tls_reason == "TLSV1_ALERT_NO_APPLICATION_PROTOCOL"
    assert ("the proxy's administrator" if is_proxy else "the service's operator") in failure.advice
    assert "HTTP/1.1" in failure.advice


@promise(7)
def test_a_port_of_tls_that_hangs_up_on_http(lab: Lab) -> None:
    """Most say nothing when they hang up: a second connection finds out that they speak TLS, if they do."""
    failure = check(lab, add_proxy(lab).replace("https", "http")).failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.PROXY, Cause.CLOSED)
    assert "it speaks TLS, which was not spoken to it" in failure.message
    assert "Write https:// in place of http:// in the argument proxy: https://127.0.0.1:" in failure.advice
    with proxy(read_request) as port:
        failure = check(lab, f"http://127.0.0.1:{port}").failure
    assert failure
    assert "TLS" not in failure.message
    assert "https if the proxy itself wants TLS" in failure.advice


@promise(7)
def test_an_alert_inside_the_tunnel_is_no_alert_of_the_servers(lab: Lab) -> None:
    """Where TLS to the proxy breaks under that to the server, the connection has ended."""

    def talk(sock: socket.socket) -> None:
        records = Records(sock, lab._identity)
        records.read()
        records.send(DATA, b"HTTP/1.1 200 OK\r\n\r\n")
        records.read()
        records.send(21, b"\x02\x50")  # the alert internal_error

    failure = check(lab, add_proxy(lab, by_hand(talk))).failure
    assert failure
    assert (failure.stage, failure.cause) == (Stage.TLS, Cause.CLOSED)
    assert "was ended during the TLS handshake" in failure.message
    assert "alert internal error" in failure.message


# --- bounds ----------------------------------------------------------------------------------------------------------


def tickets(records: Records) -> Iterator[None]:
    while True:
        yield records.send(HANDSHAKE, TICKET * 600)


def updates(records: Records) -> Iterator[None]:
    while True:
        yield records.update_keys(KEY_UPDATE_REQUESTED)


def bytes_one_by_one(records: Records) -> Iterator[None]:
    yield records.send(DATA, b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        yield records.send(DATA, b"x")


def opened_then_tickets(records: Records) -> Iterator[None]:
    yield records.send(DATA, b"HTTP/1.1 200 OK\r\n\r\n")
    yield from tickets(records)


FLOODS: dict[str, tuple[Callable[[Records], Iterator[None]], Stage, Cause]] = {
    "tickets": (tickets, Stage.PROXY, Cause.PROXY_BAD_ANSWER),
    "changes of keys": (updates, Stage.PROXY, Cause.PROXY_BAD_ANSWER),
    "a byte a record": (bytes_one_by_one, Stage.PROXY, Cause.PROXY_BAD_ANSWER),
    "tickets under the server's handshake": (opened_then_tickets, Stage.TLS, Cause.TLS_FAILED),
}


@promise(1)
@pytest.mark.parametrize(("flood", "stage", "cause"), marked(FLOODS, slow_floods, "changes", "byte"))
def test_records_without_end(lab: Lab, flood: Callable[[Records], Iterator[None]], stage: Stage, cause: Cause) -> None:
    """A proxy's records are counted, in whichever layer: it is cut off at the budget."""

    def talk(sock: socket.socket) -> None:
        for _ in flood(Records(sock, lab._identity)):
            pass

    outcome = check(lab, add_proxy(lab, by_hand(talk)), timeout=20)
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (stage, cause), outcome.failure
    assert outcome.duration < 15


def inside(lab: Lab, talk: Serve) -> str:
    """A proxy whose tunnel leads to `talk` itself."""

    def serve(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        talk(sock)

    return add_proxy(lab, serve)


def half_a_hello(sock: socket.socket) -> None:
    sock.recv(65536)
    sock.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
    until_closed(sock)


def drips(sock: socket.socket) -> None:
    sock.recv(65536)
    for byte in itertools.chain(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", itertools.repeat(0)):
        sock.sendall(bytes([byte]))
        threading.Event().wait(0.01)


SILENCES: dict[str, tuple[Callable[[Lab], str], Stage]] = {
    "after TCP": (lambda lab: add_proxy(lab, by_hand(until_closed)), Stage.PROXY),
    "in the midst of the handshake": (lambda lab: add_proxy(lab, by_hand(half_a_hello)), Stage.PROXY),
    "a byte at a time": (lambda lab: add_proxy(lab, by_hand(drips)), Stage.PROXY),
    "after the handshake": (lambda lab: add_proxy(lab, until_closed), Stage.PROXY),
    "in the midst of the answer": (lambda lab: add_proxy(lab, answer("HTTP/1.1 200 OK\nX: ")), Stage.PROXY),
    "in the tunnel": (lambda lab: inside(lab, until_closed), Stage.TLS),
    "in the midst of the server's handshake": (lambda lab: inside(lab, half_a_hello), Stage.TLS),
    "a byte at a time in the tunnel": (lambda lab: inside(lab, drips), Stage.TLS),
}


@promise(1)
@pytest.mark.parametrize(("start", "stage"), SILENCES.values(), ids=SILENCES.keys())
def test_silence_ends_at_the_deadline(lab: Lab, start: Callable[[Lab], str], stage: Stage) -> None:
    """Wherever in the two handshakes a proxy falls silent, the region has its time and no more."""
    outcome = check(lab, start(lab), timeout=0.5)
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (stage, Cause.TIMEOUT), outcome.failure
    assert outcome.duration < 0.5 + MARGIN_SECONDS


@promise(2)
@pytest.mark.parametrize(("start", "stage"), SILENCES.values(), ids=SILENCES.keys())
def test_abort_ends_it_at_once(lab: Lab, start: Callable[[Lab], str], stage: Stage) -> None:
    """An abort does not wait for either layer."""
    context = lab.ssl_context
    options = {"ssl_context": context, "proxy_ssl_context": context, "timeout": 60}
    with wsconn.start({"region": "wss://eu.example/"}, proxy=start(lab), **options) as test:  # type: ignore[arg-type]  # as above
        (recorder,) = test._settlement.recorders.values()
        end = time.monotonic() + 20
        while recorder.stage is not stage:
            assert time.monotonic() < end
            threading.Event().wait(0.01)
        began = time.monotonic()
        test.abort()
        assert test.result(timeout=0).result == "aborted"
    assert time.monotonic() - began < MARGIN_SECONDS
