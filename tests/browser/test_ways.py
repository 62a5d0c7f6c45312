"""Chromium and wsconn get through by the same ways: straight on over IPv6, and through proxies, by TLS too."""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Iterator

import attrs
import pytest

import wsconn
from tests.browser.certificates import authority_pem
from tests.browser.chromium import PYTHON, Seen, open_behind_proxies
from tests.probe.proxies import answer, forward, proxy, tunnel
from wsconn import RegionOutcome, Status
from wsconn.lab import Lab, fault_named, faults

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (PYTHON.exists() and shutil.which("certutil")), reason="tests/components/install has not run"
    ),
]


def socks5_tunnel(sock: socket.socket) -> None:
    """Be an honest proxy of SOCKS 5 before 127.0.0.1: Chromium writes even an address as a name."""
    sock.recv(512)
    sock.sendall(b"\x05\x00")
    asked = sock.recv(512)
    sock.sendall(b"\x05\x00\x00\x01" + bytes(6))
    forward(sock, "127.0.0.1", int.from_bytes(asked[-2:]))


LOGIN = 'HTTP/1.1 407 No\nProxy-Authenticate: Basic realm="a"\nContent-Length: 0\n\n'
OVER_TLS = {  # what is wrong with the TLS of each, and what then talks
    "https": (fault_named("healthy"), tunnel),
    "https, no": (fault_named("healthy"), answer("HTTP/1.1 403 No\nContent-Length: 0\n\n")),
    "https, a login": (fault_named("healthy"), answer(LOGIN)),
    "https, not trusted": (faults.UNTRUSTED, tunnel),
    "https, an intermediate left out": (faults.MISSING_INTERMEDIATE, tunnel),
    "https, expired": (faults.EXPIRED, tunnel),
    "https, for another name": (faults.WRONG_HOST, tunnel),
    "https, an end": (faults.EOF_IN_HANDSHAKE, faults.EOF_IN_HANDSHAKE.serve),
}
PLAIN = {
    "http": tunnel,
    "http, no": answer("HTTP/1.1 403 No\nContent-Length: 0\n\n"),
    "http, a login": answer(LOGIN),
    "http, a redirect": answer("HTTP/1.1 302 Go\nLocation: http://127.0.0.1:9/\nContent-Length: 0\n\n"),
    "http, words": answer("SSH-2.0-x\n"),
    "socks5": socks5_tunnel,
}


@attrs.frozen
class Compared:
    """One way, as Chromium saw it, and wsconn."""

    browser: Seen
    ours: RegionOutcome


@contextlib.contextmanager
def serving(lab: Lab) -> Iterator[dict[str, tuple[str, str]]]:
    """Start all servers and proxies, and give the URL and the proxy of each way; an empty one is none."""
    urls = {scheme: lab.add(scheme, tls=scheme == "wss") for scheme in ("ws", "wss")}
    over_ipv6 = {f"{scheme} to ::1": lab.add(f"{scheme} at ::1", tls=scheme == "wss", host="::1") for scheme in urls}
    with contextlib.ExitStack() as running:
        proxies = {
            name: lab.add(name, tls=True, fault=attrs.evolve(fault, serve=talk)).replace("wss", "https").rstrip("/")
            for name, (fault, talk) in OVER_TLS.items()
        }
        for name, talk in PLAIN.items():
            proxies[name] = f"{name.partition(',')[0]}://127.0.0.1:{running.enter_context(proxy(talk))}"
        no_tls = lab.add("no TLS", tls=True, fault=faults.PLAIN_TEXT_ON_TLS)
        proxies["https, and no TLS there"] = no_tls.replace("wss", "https").rstrip("/")
        proxies["http, and TLS there"] = proxies["https"].replace("https", "http")
        proxies["http, refused"] = lab.add("refused", fault=faults.REFUSED).replace("ws", "http").rstrip("/")
        found = {f"direct; {to}": (url, "") for to, url in over_ipv6.items()}
        for name, one in proxies.items():
            to = urls | over_ipv6 if name in ("http", "https") else {"wss": urls["wss"]}
            found |= {f"{name}; {scheme}": (url, one) for scheme, url in to.items()}
        yield found


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Compared]:
    """Go each way in Chromium and in wsconn, once."""
    with Lab() as lab, serving(lab) as ways:
        home = tmp_path_factory.mktemp("home")
        seen = open_behind_proxies(ways, authority=authority_pem(lab), home=home)
        return {name: Compared(seen[name], _checked(lab, *way)) for name, way in ways.items()}


def _checked(lab: Lab, url: str, server: str) -> RegionOutcome:
    context = lab.ssl_context
    result = wsconn.check(
        {"region": url}, timeout=5, proxy=server or None, ssl_context=context, proxy_ssl_context=context
    )
    return result.outcome("region")


def test_both_get_through_by_the_same_ways(compared: dict[str, Compared]) -> None:
    """Whoever is told no by the one is told no by the other."""
    passed = {name: one.ours.status is Status.PASSED for name, one in compared.items()}
    assert {name: one.browser.opened for name, one in compared.items()} == passed


def test_some_ways_lead_there(compared: dict[str, Compared]) -> None:
    """Those that are right, and no others: a suite in which nothing opens agrees with everybody."""
    right = {"direct; ws to ::1", "direct; wss to ::1", "socks5; wss"}
    right |= {f"{name}; {to}" for name in ("http", "https") for to in ("ws", "wss", "ws to ::1", "wss to ::1")}
    assert {name for name, one in compared.items() if one.browser.opened} == right
