"""Bare sockets in a ThreadPoolExecutor: the floor of a thread for each region. It checks status and key alone."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
from urllib.parse import urlsplit

from benchmarks.clients.harness import Run
from benchmarks.clients.threads import Passed, in_threads

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_CLOSE = b"\x88\x80\0\0\0\0"  # masked with zeros, without a code
_PING = b"\x89\x88\0\0\0\x0012345678"
_REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_alive: set[socket.socket] = set()  # what an abort has to wake


def probe(run: Run, url: str, passed: Passed) -> None:
    """Open and close one WebSocket."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    sock = socket.create_connection((parts.hostname, parts.port), run.timeout)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if run.context is not None:
            sock = run.context.wrap_socket(sock, server_hostname=parts.hostname)
        _alive.add(sock)
        upgrade(sock, parts.netloc, parts.path)
        if run.pings:
            sock.sendall(_PING)
            if not sock.recv(4096).startswith(b"\x8a"):
                raise ConnectionError("no pong")
        passed()
        sock.sendall(_CLOSE)
    finally:
        _alive.discard(sock)
        sock.close()


def upgrade(sock: socket.socket, host: str, path: str) -> None:
    """Send the request and read the answer."""
    key = base64.b64encode(os.urandom(16))
    sock.sendall(_REQUEST.format(path=path, host=host, key=key.decode()).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        more = sock.recv(4096)
        if not more:
            raise ConnectionError("closed")
        answer += more
    accept = base64.b64encode(hashlib.sha1(key + _GUID).digest())
    if not answer.startswith(b"HTTP/1.1 101 ") or accept not in answer:
        raise ConnectionError(f"no upgrade: {answer[:40]!r}")


def stop() -> None:
    """Wake every thread: `SSLSocket.shutdown` would take the TLS state from under it."""
    for sock in list(_alive):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


if __name__ == "__main__":
    in_threads(probe, stop, shares_context=True)
