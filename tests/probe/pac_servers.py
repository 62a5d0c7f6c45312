"""Servers of PAC files on loopback, honest and otherwise, and a proxy that notes who came."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from tests.probe.proxies import Talk, answer, forward, proxy, read_request, until_closed

HEAD = "HTTP/1.1 200 OK\nContent-Type: application/x-ns-proxy-autoconfig\n\n"


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


@contextlib.contextmanager
def honest_proxy(asked: list[str] | None = None) -> Iterator[int]:
    """Run a proxy that connects each CONNECT to that port of this machine, whatever the name."""

    def talk(sock: socket.socket) -> None:
        target = read_request(sock).split()[1].decode()
        if asked is not None:
            asked.append(target)
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        forward(sock, "127.0.0.1", int(target.rpartition(":")[2]))

    with proxy(talk) as port:
        yield port


def silent(sock: socket.socket) -> None:
    """Take the connection and say nothing."""
    until_closed(sock)
