"""Hostile peers seen from outside: a process under the system's own limits meets floods of every kind at once.

The peers run here and count what they got rid of, the healthy regions in a process of their own, so that only what
wsconn does with the floods can slow them down.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.stages.tls_records import DATA, HANDSHAKE, KEY_UPDATE_REQUESTED, TICKET, Records, by_hand
from wsconn.lab import Lab, faults
from wsconn.lab._wire import read_request, response, upgrade_headers

pytest.importorskip("resource", reason="limits of the system are POSIX'")

TIMEOUT_SECONDS = 6.0  # a flood that is read to its limit takes 0.2 s of a processor, which may be shared
MARGIN_SECONDS = 2.5  # ten times what is promised
BUFFERS_BYTES = 12 << 20  # what the system holds between two sockets, and nobody has read
Talk = Callable[[socket.socket], None]

# --- floods ----------------------------------------------------------------------------------------------------------


def pours(head: bytes, again: bytes, *, first: bool = False) -> Talk:
    """Send `again` as fast as it is read, after `head`; `first`: without having heard a request."""

    def talk(sock: socket.socket) -> None:
        if not first:
            sock.recv(65536)
        sock.sendall(head)
        many = again * max(1, 16384 // len(again))
        while True:
            sock.sendall(many)

    return talk


def trickles(head: bytes, again: bytes) -> Talk:
    """Send a byte at a time, so that there is always one ready, or nearly."""

    def talk(sock: socket.socket) -> None:
        sock.recv(65536)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in itertools.chain(head, itertools.cycle(again)):
            sock.sendall(bytes([byte]))
            threading.Event().wait(0.001)

    return talk


def opens(then: bytes, again: bytes) -> Talk:
    """Open the WebSocket, and go on with this."""

    def talk(sock: socket.socket) -> None:
        sock.sendall(response(101, upgrade_headers(read_request(sock))) + then)
        while again:
            sock.sendall(again * max(1, 16384 // len(again)))
        while sock.recv(65536):
            pass

    return talk


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
OPENING = b"HTTP/1.1 101 OK\r\n"
INTERIM = b"HTTP/1.1 100 Go\r\n\r\n"

DIRECT: dict[str, tuple[Talk, str]] = {
    "an endless status line": (pours(b"HTTP/1.1 101 ", b"x"), "bad_upgrade"),
    "endless headers": (pours(OPENING, b"X-A: b\r\n"), "bad_upgrade"),
    "endless empty headers": (pours(OPENING, b"a:\n"), "bad_upgrade"),
    "headers folded without end": (pours(OPENING + b"X: a\r\n", b" \n"), "bad_upgrade"),
    "endless cookies": (pours(OPENING, b"Set-Cookie: a=b; Domain=127.0.0.1\r\n"), "bad_upgrade"),
    "endless interim answers": (pours(b"", INTERIM), "bad_upgrade"),
    "an endless body": (pours(b"HTTP/1.1 503 Busy\r\n\r\n", b"x" * 1000), "http_status"),
    "an endless refusal": (pours(b"HTTP/1.1 403 No\r\n", b"X-A: b\r\n"), "http_status"),
    "words before the request": (pours(b"", b"x", first=True), "bad_upgrade"),
    "a byte at a time": (trickles(b"HTTP/1.1 101 OK\r\nX: ", b"x"), "timeout"),
    "a frame of 2**62 bytes": (opens(b"\x82\x7f" + (1 << 62).to_bytes(8), b"x" * 1000), "bad_frames"),
    "a text of 128 KiB that is none": (opens(b"\x81\x7f" + (128 << 10).to_bytes(8), b"\xff"), "bad_frames"),
    "a frame that stalls": (opens(b"\x82\x7e\xff\xff", b""), "no_pong"),
    "frames that are none": (opens(b"", b"\xff"), "bad_frames"),
}
DISCOVERY: dict[str, tuple[Talk, str]] = {
    "discovery: an endless body": (pours(OK + b"\r\n", b"x" * 1000), "bad_discovery"),
    "discovery: endless headers": (pours(OK, b"X-A: b\r\n"), "bad_discovery"),
    "discovery: a head that is dear to parse": (
        pours(OK + b'Content-Type: multipart/mixed; a="' + b";" * 60_000 + b"\r\n\r\n", b";"),
        "bad_discovery",
    ),
    "discovery: endless interim answers": (pours(b"", INTERIM), "bad_discovery"),
    "discovery: tiny chunks": (pours(CHUNKED, b"1\r\n1\r\n"), "bad_discovery"),
    "discovery: a chunk of 2**60 bytes": (pours(CHUNKED + b"1000000000000000\r\n", b"1" * 1000), "bad_discovery"),
    "discovery: a chunk's extensions": (pours(CHUNKED + b"1;", b"x"), "bad_discovery"),
    "discovery: endless trailers": (pours(CHUNKED + b"2\r\n[]\r\n0\r\n", b"X: y\r\n"), "bad_discovery"),
    "discovery: packed zeros": (
        pours(OK + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08", bytes(1000)),
        "bad_discovery",
    ),
    "discovery: brackets": (pours(OK + b"Content-Length: 60000\r\n\r\n", b"["), "bad_discovery"),
    "discovery: empty lists": (pours(OK + b"Content-Length: 60000\r\n\r\n[", b"[],"), "bad_discovery"),
    "discovery: digits": (pours(OK + b"Content-Length: 60000\r\n\r\n", b"9"), "bad_discovery"),
    "discovery: a byte at a time": (trickles(OK + b"\r\n", b" "), "timeout"),
}
PROXIES: dict[str, tuple[str, Talk, str]] = {
    "proxy: endless headers": ("http", pours(OK, b"X-A: b\r\n"), "proxy_bad_answer"),
    "proxy: endless interim answers": ("http", pours(b"", INTERIM), "proxy_bad_answer"),
    "proxy: endless challenges": (
        "http",
        pours(b"HTTP/1.1 407 No\r\n", b"Proxy-Authenticate: a,\r\n"),
        "proxy_auth_required",
    ),
    "proxy: a byte at a time": ("http", trickles(OK, b"x"), "timeout"),
    "proxy: an endless tunnel": ("http", pours(OK + b"\r\n", b"x"), "bad_upgrade"),
    "proxy: SOCKS 5 without end": ("socks5h", pours(b"", b"\x05\x00"), "proxy_bad_answer"),
    "proxy: SOCKS 4 without end": ("socks4a", pours(b"", b"\x00"), "proxy_bad_answer"),
    "proxy: SOCKS, a byte at a time": ("socks5h", trickles(b"\x05\x00\x05\x00\x00\x03\xff", b"x"), "bad_upgrade"),
}


def tunnel_of_tickets(records: Records) -> Iterator[None]:
    """Open the tunnel, and send nothing that is the server's."""
    yield records.send(DATA, OK + b"\r\n")
    yield from (records.send(HANDSHAKE, TICKET * 600) for _ in itertools.count())


def updates_keys(records: Records) -> Iterator[None]:
    while True:
        yield records.update_keys(KEY_UPDATE_REQUESTED)


def sends(kind: int, content: bytes) -> Callable[[Records], Iterable[None]]:
    return lambda records: (records.send(kind, content) for _ in itertools.count())


RECORDS: dict[str, tuple[Callable[[Records], Iterable[None]], str]] = {
    "TLS: session tickets": (sends(HANDSHAKE, TICKET * 600), "bad_upgrade"),
    "TLS: changes of keys": (updates_keys, "bad_upgrade"),
    "TLS: a byte a record": (sends(DATA, b"H"), "bad_upgrade"),
    "TLS: empty records": (sends(DATA, b""), "tls_failed"),
    "TLS: a message without end": (sends(HANDSHAKE, b"\x04\xff\xff\xff" * 4000), "tls_failed"),
}
PROXY_RECORDS: dict[str, tuple[Callable[[Records], Iterable[None]], str]] = {
    "TLS proxy: session tickets": (sends(HANDSHAKE, TICKET * 600), "proxy_bad_answer"),
    "TLS proxy: a byte a record": (sends(DATA, b"H"), "proxy_bad_answer"),
    "TLS proxy: a tunnel of tickets": (tunnel_of_tickets, "bad_upgrade"),
}
BEFORE_TLS: dict[str, tuple[Talk, str]] = {
    "TLS: no TLS, without end": (pours(b"", b"x"), "not_tls"),
    "TLS: a handshake without end": (pours(b"", b"\x16\x03\x03\x40\x00\x02\x00\xff\xff" + bytes(16380)), "tls_failed"),
    "TLS: warnings without end": (pours(b"", b"\x15\x03\x03\x00\x02\x01\x5a"), "tls_failed"),
    "TLS: a handshake, a byte at a time": (trickles(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", bytes(1000)), "timeout"),
}

# --- the process under limits ----------------------------------------------------------------------------------------

CLIENT = """
    import json, os, resource, ssl, sys, threading, time
    import wsconn
    from wsconn import Discovery, Region

    told = json.load(sys.stdin)
    threading.stack_size(512 * 1024)
    context = ssl.create_default_context(cadata=told["trust"])
    options = {"timeout": told["timeout"], "ssl_context": context, "proxy_ssl_context": context, "proxy": None}

    def memory(what):
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith(what))

    first = {name: url for name, url in told["healthy"].items()}
    assert wsconn.check(first, **options).result == "passed"  # all that is loaded, is loaded now
    usual = max(outcome.duration for outcome in wsconn.check(first, **options).outcomes)
    size, resident = memory("VmSize"), memory("VmRSS")
    resource.setrlimit(resource.RLIMIT_AS, (size + told["more_memory"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (told["processor"], told["processor"] + 5))
    resource.setrlimit(resource.RLIMIT_NOFILE, (told["descriptors"],) * 2)

    began, busy = time.monotonic(), time.process_time()
    regions = [Region(name, url) for name, url in told["direct"].items()]
    regions += [Region(name, discovery=Discovery(url, "/a")) for name, url in told["discovery"].items()]
    handles = [wsconn.start([*regions, *(Region(name, url) for name, url in told["healthy"].items())], **options)]
    for name, proxy in told["proxies"].items():
        handles.append(wsconn.start({name: "ws://region.example/"}, **{**options, "proxy": proxy}))
    outcomes = [outcome for handle in handles for outcome in handle.result().outcomes]
    json.dump({
        "outcomes": {
            outcome.region: [
                outcome.status,
                outcome.failure and outcome.failure.cause,
                outcome.duration,
                outcome.failure and outcome.failure.message,
            ]
            for outcome in outcomes
        },
        "usual": usual,
        "seconds": time.monotonic() - began,
        "processor": time.process_time() - busy,
        "memory": memory("VmHWM") - resident,
    }, sys.stdout)
"""
HEALTHY = """
    import json, sys
    from wsconn.lab import Lab
    with Lab() as lab:
        for number in range(4):
            lab.add(f"healthy {number}")
        print(json.dumps(lab.regions), flush=True)
        sys.stdin.read()
"""
HEALTHY_REGIONS = 4


@contextmanager
def healthy_regions() -> Iterator[dict[str, str]]:
    """Healthy regions in a process of their own."""
    command = [sys.executable, "-c", textwrap.dedent(HEALTHY)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout
        yield json.loads(serving.stdout.readline())
        assert serving.stdin
        serving.stdin.close()


class Counting:
    """A socket that counts what it got rid of. Where the peer has left, so much the better."""

    def __init__(self, sock: socket.socket, name: str, counts: Counter[str]) -> None:
        self._sock, self._name, self._counts = sock, name, counts

    def sendall(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            sent = self._sock.send(left)
            self._counts[self._name] += sent
            left = left[sent:]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


@pytest.mark.promise(1)
@pytest.mark.promise(8)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_floods_of_every_kind_at_once(lab: Lab) -> None:
    """Time, processor, memory, descriptors and what the peers got rid of are bounded; healthy regions do not notice."""
    counts: Counter[str] = Counter()

    def counted(name: str, talk: Talk) -> Talk:
        return lambda sock: talk(Counting(sock, name, counts))  # type: ignore[arg-type]  # as far as a talk goes

    def of_records(flood: Callable[[Records], Iterable[None]]) -> Talk:
        def talk(sock: socket.socket) -> None:
            for _ in flood(Records(sock, lab._identity)):
                pass

        return talk

    direct = {name: lab.add(name, fault=counted(name, talk)) for name, (talk, _) in DIRECT.items()}
    for name, (flood, _) in RECORDS.items():
        direct[name] = lab.add(name, tls=True, fault=by_hand(counted(name, of_records(flood))))
    for name, (talk, _) in BEFORE_TLS.items():
        direct[name] = lab.add(name, tls=True, fault=by_hand(counted(name, talk)))
    discovery = {
        name: lab.add(name, fault=counted(name, talk)).replace("ws", "http", 1) for name, (talk, _) in DISCOVERY.items()
    }
    proxies = {
        name: lab.add(name, fault=counted(name, talk)).replace("ws", scheme, 1).rstrip("/")
        for name, (scheme, talk, _) in PROXIES.items()
    }
    for name, (flood, _) in PROXY_RECORDS.items():
        url = lab.add(name, tls=True, fault=by_hand(counted(name, of_records(flood))))
        proxies[name] = url.replace("wss", "https", 1).rstrip("/")
    with healthy_regions() as healthy:
        told = {
            "direct": direct,
            "discovery": discovery,
            "proxies": proxies,
            "healthy": healthy,
            "trust": lab._identity._authority.cert_pem.bytes().decode(),
            "timeout": TIMEOUT_SECONDS,
            "more_memory": 256 << 20,
            "processor": 15,
            "descriptors": 256,
        }
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(CLIENT)],
            input=json.dumps(told),
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},  # each arena takes 64 MiB of addresses, and nothing else
        )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr == ""
    found = json.loads(done.stdout)

    tables = (DIRECT, DISCOVERY, RECORDS, PROXY_RECORDS, BEFORE_TLS)
    expected = {name: cause for table in tables for name, (_, cause) in table.items()}
    expected |= {name: cause for name, (_, _, cause) in PROXIES.items()}
    outcomes = found["outcomes"]
    assert len(outcomes) == len(expected) + HEALTHY_REGIONS
    assert {name: cause for name, (_, cause, *_) in outcomes.items() if name in expected} == expected
    for name, (status, _, seconds, message) in outcomes.items():
        assert seconds < TIMEOUT_SECONDS + MARGIN_SECONDS, name
        if name in healthy:
            assert status == "passed", message
            assert seconds < found["usual"] + 3.0, (name, seconds, found["usual"])
        else:
            assert message.isprintable()
    assert found["seconds"] < TIMEOUT_SECONDS + MARGIN_SECONDS
    assert found["processor"] < 5  # 0.5 s were seen
    assert found["memory"] < 16 << 20  # 5 MiB were seen: what is held of a peer is dropped when it has had its say
    assert set(counts) == set(expected)
    assert max(counts.values()) < BUFFERS_BYTES, counts.most_common(3)


@pytest.mark.promise(3)
def test_a_process_that_is_flooded_can_end(lab: Lab) -> None:
    """After an abort in the midst of floods the interpreter ends at once."""

    def flood(sock: socket.socket) -> None:
        records = Records(sock, lab._identity)
        while True:
            records.send(HANDSHAKE, TICKET)
            threading.Event().wait(0.001)

    lab.add("records", tls=True, fault=by_hand(flood))
    lab.add("bytes", fault=faults.SLOW_HEADERS)
    program = """
        import json, ssl, sys, time, wsconn
        told = json.load(sys.stdin)
        context = ssl.create_default_context(cadata=told["trust"])
        handle = wsconn.start(told["regions"], timeout=60, ssl_context=context, proxy=None)
        time.sleep(0.7)
        began = time.monotonic()
        handle.abort()
        assert handle.result(timeout=1).aborted_regions == ("records", "bytes")
        print(began)
    """
    told = {"regions": lab.regions, "trust": lab._identity._authority.cert_pem.bytes().decode()}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, input=json.dumps(told), capture_output=True, text=True, timeout=40)
    ended = time.monotonic()
    assert done.returncode == 0, done.stderr
    assert ended - float(done.stdout) < 5
