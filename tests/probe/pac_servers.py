"""Servers of PAC files on loopback, honest and otherwise, and a proxy that notes who came."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import socket
from collections.abc import Iterator

import pytest

from tests.engine import only, start_in
from tests.probe.proxies import Talk, answer, forward, proxy, read_request, until_closed
from wsconn import Evidence, RegionOutcome
from wsconn._proxies import Proxies
from wsconn.lab import Lab

HEAD = "HTTP/1.1 200 OK\nContent-Type: application/x-ns-proxy-autoconfig\n\n"


posix = pytest.mark.skipif(os.name != "posix", reason="pipes that have a name are POSIX'")


def let_go(pipe: pathlib.Path) -> None:
    """Let the thread go that was left behind with a pipe, if there is one."""
    os.close(os.open(pipe, os.O_RDWR))


def script(answered: str) -> str:
    """Write a PAC that answers this for every URL."""
    return f'function FindProxyForURL(url, host) {{ return "{answered}"; }}\n'


def gives(text: str, head: str = HEAD) -> Talk:
    """Answer a request with a file, to its end."""
    return answer(head + text, then=lambda _: None)


@contextlib.contextmanager
def pac(talk: Talk | str, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve a PAC file, or talk, and give what names it as `proxy`."""
    with proxy(gives(talk) if isinstance(talk, str) else talk, host) as port:
        yield f"pac+http://{f'[{host}]' if ':' in host else host}:{port}/proxy.pac"


def connecting(sock: socket.socket, asked: list[str] | None = None) -> None:
    """Be an honest proxy: connect a CONNECT to that port of this machine, whatever the name."""
    target = read_request(sock).split()[1].decode()
    if asked is not None:
        asked.append(target)
    sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    forward(sock, "127.0.0.1", int(target.rpartition(":")[2]))


@contextlib.contextmanager
def honest_proxy(asked: list[str] | None = None) -> Iterator[int]:
    """Run such a proxy, which notes what it was asked for."""
    with proxy(functools.partial(connecting, asked=asked)) as port:
        yield port


def silent(sock: socket.socket) -> None:
    """Take the connection and say nothing."""
    until_closed(sock)


def named_region(lab: Lab) -> str:
    """Add a healthy region with a name, which a PAC file is asked about, and return its URL."""
    lab.name("region.lab.invalid", ["127.0.0.1"])
    return lab.add("region").replace("127.0.0.1", "region.lab.invalid")


def checked(lab: Lab, url: str, named: str | Proxies, **options: float) -> RegionOutcome:
    """Test one region behind a PAC file; there is no name nope.invalid."""
    lab.name("nope.invalid", [])
    return only(start_in(lab, {"a": url}, proxy=named, **options))


def seen(outcome: RegionOutcome) -> Evidence:
    """Return what there is to tell of it, passed or failed."""
    evidence = outcome.failure.evidence if outcome.failure else outcome.evidence
    assert evidence is not None
    return evidence
