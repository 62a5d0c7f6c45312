"""Faults of the way to a server, proven with bare sockets: late, silent, cut; a proxy's, and those of a name."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.lab.wire import (
    BOUND,
    SILENCE,
    answers_a_ping,
    ask,
    both_schemes,
    cut,
    ended,
    port_of,
    reach,
    receive_headers,
    silent,
)
from wsconn.lab import Fault, Lab, fault_named, faults

LATE_SECONDS = 2.0
SILENT_SECONDS = 1.0  # of a server that answered at once before


@both_schemes
def test_latency_200ms(lab: Lab, tls: bool) -> None:
    """A pong takes as long as the name says."""
    with ask(lab, "latency-200ms", tls=tls) as sock:
        receive_headers(sock)
        began = time.monotonic()
        answers_a_ping(sock)
        assert 0.2 <= time.monotonic() - began < 0.2 + LATE_SECONDS


def test_latencies_add_up(lab: Lab) -> None:
    """A region's own latency comes on top of a fault's."""
    with reach(lab, lab.add("region", fault="latency-100ms", latency=0.15)) as sock:
        began = time.monotonic()
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert sock.recv(1)
        assert time.monotonic() - began >= 0.25


@both_schemes
def test_stall_after_2s(lab: Lab, tls: bool) -> None:
    """Pings are answered until then; later ones are not, and nobody ends the connection."""
    with ask(lab, faults.stall_after(0.5), tls=tls) as sock:
        receive_headers(sock)
        answers_a_ping(sock)
        sock.settimeout(BOUND)
        until_silent(sock)
        silent(sock)


def until_silent(sock: socket.socket) -> None:
    """Send pings until none is answered any more."""
    end = time.monotonic() + BOUND
    with contextlib.suppress(TimeoutError):
        sock.settimeout(SILENT_SECONDS)
        while time.monotonic() < end:
            sock.sendall(b"\x89\x80\x00\x00\x00\x00")
            assert sock.recv(2) == b"\x8a\x00"
        pytest.fail("all pings were answered")


def test_a_stalled_connection_can_be_left(lab: Lab) -> None:
    """Nothing of it stays once the client has gone."""
    with ask(lab, faults.stall_after(0.01)) as sock:
        until_silent_or_not_begun(sock)
    end = time.monotonic() + BOUND
    while any(thread.name == "wsconn-lab-region" for thread in threading.enumerate()) and time.monotonic() < end:
        threading.Event().wait(0.01)
    assert not [thread for thread in threading.enumerate() if thread.name == "wsconn-lab-region"]


def until_silent_or_not_begun(sock: socket.socket) -> None:
    sock.settimeout(4 * SILENCE)
    with contextlib.suppress(TimeoutError):
        while sock.recv(1):
            pass


@both_schemes
def test_cut_after_2s(lab: Lab, tls: bool) -> None:
    """A healthy connection ends when it is time, without a Close frame or a close_notify."""
    began = time.monotonic()
    with ask(lab, faults.cut_after(0.5), tls=tls) as sock:
        receive_headers(sock)
        answers_a_ping(sock)
        cut(sock)
        assert 0.5 <= time.monotonic() - began < 0.5 + LATE_SECONDS


def test_a_cut_comes_though_nothing_is_sent(lab: Lab) -> None:
    """Who connects and says nothing is cut off too."""
    with reach(lab, lab.add("region", fault="cut-after-50ms")) as sock:
        ended(sock)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("latency-200ms", faults.LATENCY_200MS),
        ("latency-0.2s", faults.LATENCY_200MS),
        ("stall-after-2s", faults.STALL_AFTER_2S),
        ("stall-after-2000ms", faults.STALL_AFTER_2S),
        ("cut-after-2s", faults.CUT_AFTER_2S),
        ("cut-after-1.5s", faults.cut_after(1.5)),
        ("origin-wanted-404", faults.origin_wanted(404)),
        ("origin-wanted-403", faults.ORIGIN_WANTED),
        ("subprotocol-wanted-500", faults.subprotocol_wanted(500)),
    ],
)
def test_names_with_a_number(name: str, fault: Fault) -> None:
    """A time is given in seconds or milliseconds; a fault's own name is the plainest."""
    found = fault_named(name)
    assert (found.name, found.summary, found.link) == (fault.name, fault.summary, fault.link)
    assert fault_named(found.name).link == found.link


@pytest.mark.parametrize("seconds", ["1", None, True])
def test_a_time_is_a_number(seconds: object) -> None:
    """What is none is named."""
    with pytest.raises(TypeError, match=f"seconds must be a number, not {seconds!r}"):
        faults.cut_after(seconds)  # type: ignore[arg-type]  # it is unfit


# --- the lab's proxy -------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def asked(lab: Lab, request: bytes) -> Iterator[socket.socket]:
    """Send a request to the lab's proxy."""
    with socket.create_connection(("127.0.0.1", port_of(lab.proxy)), timeout=BOUND) as sock:
        sock.sendall(request)
        yield sock


def connect(port: int, host: str = "127.0.0.1") -> bytes:
    return b"CONNECT %b:%d HTTP/1.1\r\nHost: %b:%d\r\n\r\n" % (2 * (host.encode(), port))


def test_proxy_opens_tunnels(lab: Lab) -> None:
    """Through it a region is what it is directly."""
    with asked(lab, connect(port_of(lab.add("eu")))) as sock:
        assert receive_headers(sock) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert receive_headers(sock).startswith(b"HTTP/1.1 426 ")
    assert lab.proxy == lab.proxy


def test_proxy_yes_at_once(lab: Lab) -> None:
    """It says yes, and nothing comes; without it the region is healthy."""
    url = lab.add("eu", fault="proxy-yes-at-once")
    with asked(lab, connect(port_of(url))) as sock:
        assert receive_headers(sock) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        silent(sock)
    with reach(lab, url) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert receive_headers(sock).startswith(b"HTTP/1.1 426 ")


@pytest.mark.parametrize(
    ("request_of", "status"),
    [
        (lambda lab: b"GET http://127.0.0.1/ HTTP/1.1\r\n\r\n", b"405"),
        (lambda lab: b"CONNECT " + b"a" * 5000 + b":1 HTTP/1.1\r\n\r\n", b"405"),
        (lambda lab: connect(443, "eu.example.org"), b"403"),
        (lambda lab: connect(port_of(lab.proxy)), b"403"),
        (lambda lab: connect(port_of(lab.add("a", fault="refused"))), b"502"),
    ],
    ids=["no CONNECT", "no host", "elsewhere", "itself", "a refused region"],
)
def test_proxy_opens_nothing_else(lab: Lab, request_of: object, status: bytes) -> None:
    """It leads to the lab's regions alone, and says so where it cannot."""
    with asked(lab, request_of(lab)) as sock:  # type: ignore[operator]  # a function
        assert receive_headers(sock).startswith(b"HTTP/1.1 %b " % status)
        ended(sock)


def test_portal_dns(lab: Lab) -> None:
    """The name leads to a server with a stranger's certificate, which redirects those who take it."""
    parts = urlsplit(lab.add("eu", tls=True, fault="portal-dns"))
    (info,) = lab.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    assert info[4] == ("127.0.0.1", parts.port)
    with (
        socket.create_connection(info[4], timeout=BOUND) as sock,
        pytest.raises(ssl.SSLCertVerificationError) as caught,
    ):
        lab.ssl_context.wrap_socket(sock, server_hostname=parts.hostname)
    assert caught.value.verify_code == 62  # X509_V_ERR_HOSTNAME_MISMATCH
    anybody = ssl._create_unverified_context()  # noqa: S323 - who clicks the warning away
    with socket.create_connection(info[4], timeout=BOUND) as sock, anybody.wrap_socket(sock) as tls:
        tls.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert receive_headers(tls).startswith(b"HTTP/1.1 302 Found\r\nLocation: https://portal.example/login\r\n")
