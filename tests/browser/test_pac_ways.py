"""Behind one PAC file, Chromium and wsconn pass and fail together: what a proxy says no to, and what leads on."""

from __future__ import annotations

import contextlib
import json
import pathlib
import shutil
import socket
import struct
from collections.abc import Iterator, Mapping

import pytest

from tests.browser.certificates import authority_pem
from tests.browser.chromium import PYTHON, open_in_chromium
from tests.engine import start_in
from tests.probe.pac_servers import connecting, honest_proxy, pac
from tests.probe.proxies import Talk, answer, forward, proxy, read_request, socks5, socks_login
from wsconn.lab import Lab, faults

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (PYTHON.exists() and shutil.which("certutil")), reason="tests/components/install has not run"
    ),
]

NAMES = "MAP *.lab.invalid 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"


def speaks_no_tls(sock: socket.socket) -> None:
    """Answer whatever comes first, as a web server that was asked for TLS."""
    sock.recv(65536)
    sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def resets(sock: socket.socket) -> None:
    """Hear the request, and reset the connection."""
    read_request(sock)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def socks5_to_here(sock: socket.socket) -> None:
    """Be an honest SOCKS 5, which leads every name to this machine."""
    sock.recv(3)
    sock.sendall(b"\x05\x00")
    port = int.from_bytes(sock.recv(512)[-2:])
    sock.sendall(b"\x05\x00\x00\x01" + bytes(6))
    forward(sock, "127.0.0.1", port)


TALKS: Mapping[str, Talk] = {
    "denies": answer("HTTP/1.1 403 No\nContent-Length: 0\n\n"),
    "unreached": answer("HTTP/1.1 502 No\nContent-Length: 0\n\n"),
    "login": answer('HTTP/1.1 407 No\nProxy-Authenticate: Basic realm="x"\nContent-Length: 0\n\n'),
    "nonsense": answer("SSH-2.0-x\n", then=lambda _: None),
    "ends": read_request,
    "resets": resets,
    "no-tls": speaks_no_tls,
    "ends-at-once": lambda sock: sock.recv(1),
    "socks-nonsense": speaks_no_tls,
    "socks-login": socks_login(b"\x05\xff"),
    "socks-ends": lambda sock: sock.recv(3),
    "socks": socks5_to_here,
    "socks-general": socks5(1),
    "socks-denies": socks5(2),
    "socks-unreached": socks5(4),
}


@contextlib.contextmanager
def ways(lab: Lab) -> Iterator[Mapping[str, str]]:
    """Run the proxies, and give what the PAC file answers by a region's name."""
    dead = lab.add("dead", fault=faults.REFUSED).split(":")[2].strip("/")
    tls = lab.add("tls", fault=connecting, tls=True).split(":")[2].strip("/")
    tls_ends = lab.add("tls-ends", fault=lambda sock: read_request(sock) and None, tls=True).split(":")[2].strip("/")
    untrusted = lab.add("untrusted", fault=faults.UNTRUSTED, tls=True).split(":")[2].strip("/")
    with contextlib.ExitStack() as servers:
        honest = servers.enter_context(honest_proxy())
        at = {name: servers.enter_context(proxy(talk)) for name, talk in TALKS.items()}
        here = "127.0.0.1"
        yield {
            "direct": "DIRECT",
            "proxied": f"PROXY {here}:{honest}",
            "tls": f"HTTPS {here}:{tls}",
            "socks": f"SOCKS5 {here}:{at['socks']}",
            "dead": f"PROXY {here}:{dead}",
            "dead-direct": f"PROXY {here}:{dead}; DIRECT",
            "dead-proxied": f"PROXY {here}:{dead}; PROXY {here}:{honest}",
            "no-name-direct": "PROXY nope.invalid:1; DIRECT",
            "socks-dead-direct": f"SOCKS5 {here}:{dead}; DIRECT",
            "untrusted-direct": f"HTTPS {here}:{untrusted}; DIRECT",
            "no-tls-direct": f"HTTPS {here}:{at['no-tls']}; DIRECT",
            "tls-ends-direct": f"HTTPS {here}:{at['ends-at-once']}; DIRECT",
            "tls-then-ends-direct": f"HTTPS {here}:{tls_ends}; DIRECT",
            "ends-at-once-direct": f"PROXY {here}:{at['ends-at-once']}; DIRECT",
            **{f"{name}-direct": f"PROXY {here}:{at[name]}; DIRECT" for name in ("denies", "unreached", "login")},
            **{f"{name}-direct": f"PROXY {here}:{at[name]}; DIRECT" for name in ("nonsense", "ends", "resets")},
            **{f"{name}-direct": f"SOCKS5 {here}:{at[name]}; DIRECT" for name in at if name.startswith("socks-")},
            "unknown-direct": "QUIC q.invalid:1; DIRECT",
            "unknown": "QUIC q.invalid:1",
            "nothing": "",
        }


def script(answers: Mapping[str, str]) -> str:
    return (
        f"var answers = {json.dumps(dict(answers))};\n"
        "function FindProxyForURL(url, host) { return answers[host.split('.')[0]] || ''; }"
    )


def test_they_pass_and_fail_together(lab: Lab, tmp_path: pathlib.Path) -> None:
    """For each answer, the way that the one takes is open to the other."""
    port = lab.add("region").split(":")[2].strip("/")
    with ways(lab) as answers, pac(script(answers)) as named:
        urls = {name: f"ws://{name}.lab.invalid:{port}/" for name in answers}
        for url in urls.values():
            lab.name(url.split("/")[2].partition(":")[0], ["127.0.0.1"])
        tested = start_in(lab, urls, proxy=named, timeout=10).result(timeout=60)
        seen = open_in_chromium(
            urls,
            names=NAMES,
            authority=authority_pem(lab),
            home=tmp_path,
            arguments=[f"--proxy-pac-url={named.removeprefix('pac+')}"],
        )
    opened = {name for name, one in seen.items() if one.opened}
    assert set(tested.passed_regions) == opened
    assert {"direct", "proxied", "tls", "socks", "dead-direct"} <= opened
    assert {"dead", "denies-direct", "ends-direct"}.isdisjoint(opened)
    assert "socks-denies-direct" in opened
