"""Bytes to and from one accepted socket: read a request, write answers, pause, end.

All waits are on the socket, so that a client that leaves, or a lab that closes, ends them at once.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import re
import socket
import ssl
import struct
import sys
import time
from collections.abc import Iterable, Mapping

PIECE_BYTES = 65536
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"  # how a proxy says that a tunnel is open
CLOSE = 0x88  # FIN and opcode 8
DRIP_SECONDS = 0.05  # a byte every 50 ms keeps a client's timeout per socket call from ever firing
_WINDOWS = sys.platform == "win32"  # its struct linger has two shorts
_REQUEST_LIMIT_BYTES = 65536
_KEY = re.compile(rb"^sec-websocket-key:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3


def read_request(sock: socket.socket) -> bytes:
    """Read an HTTP request up to the empty line; `ConnectionError` when none comes."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = sock.recv(PIECE_BYTES)
        if not piece or len(request) > _REQUEST_LIMIT_BYTES:
            raise ConnectionAbortedError("no request came")
        request += piece
    return request


def accept_key(request: bytes) -> str:
    """Return the right `Sec-WebSocket-Accept` for a request (RFC 6455 section 4.2.2); without a key, a wrong one."""
    found = _KEY.search(request)
    key = found[1] if found else b""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest()).decode()


def upgrade_headers(request: bytes) -> dict[str, str]:
    """Return the headers of a right 101."""
    return {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept_key(request)}


def response(
    status: int, headers: Mapping[str, str], body: bytes = b"", *, reason: str = "", version: str = "HTTP/1.1"
) -> bytes:
    """Write an HTTP response; without a `reason` it gets the usual one."""
    lines = [status_line(status, reason=reason, version=version)]
    lines += [f"{name}: {value}\r\n" for name, value in headers.items()]
    return "".join([*lines, "\r\n"]).encode("latin-1") + body


def status_line(status: int, *, reason: str = "", version: str = "HTTP/1.1") -> str:
    """Write the first line of an HTTP response."""
    return f"{version} {status} {reason or http.client.responses.get(status, '')}\r\n"


def upgrade(sock: socket.socket) -> None:
    """Read the request and answer with a right 101."""
    request = read_request(sock)
    sock.sendall(response(101, upgrade_headers(request)))


def close_frame(code: int, reason: str = "") -> bytes:
    """Write a Close frame (RFC 6455 section 5.5.1)."""
    text = reason.encode()
    return bytes([CLOSE, 2 + len(text)]) + code.to_bytes(2) + text


def end_after_echo(sock: socket.socket) -> None:
    """End the connection once a Close is echoed."""
    sock.recv(PIECE_BYTES)  # the echo, or the ping that crossed the Close
    hang_up(sock)


def drain(sock: socket.socket) -> None:
    """Read and drop everything until the client leaves."""
    while sock.recv(PIECE_BYTES):
        pass


def pour(sock: socket.socket, pieces: Iterable[bytes]) -> None:
    """Send as fast as the client reads."""
    for piece in pieces:
        sock.sendall(piece)


def drip(sock: socket.socket, text: Iterable[int]) -> None:
    """Send one byte every `DRIP_SECONDS`."""
    for byte in text:
        sock.sendall(bytes([byte]))
        pause(sock, DRIP_SECONDS)


def pause(sock: socket.socket, seconds: float) -> bytes:
    """Wait, and return what came; `ConnectionError` when the client leaves meanwhile."""
    came = b""
    end = time.monotonic() + seconds
    with contextlib.suppress(TimeoutError):
        while (left := end - time.monotonic()) > 0:
            sock.settimeout(left)
            piece = sock.recv(PIECE_BYTES)
            if not piece:
                raise ConnectionAbortedError("the client left")
            came += piece
    sock.settimeout(None)
    return came


def reset(sock: socket.socket) -> None:
    """Make the close that follows send a RST (RFC 9293 section 3.10.4) instead of a FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if _WINDOWS else "ii", 1, 0))


def end_stream(sock: socket.socket) -> None:
    """Send a FIN and nothing before it, then wait until the client leaves.

    Closing at once with something unread in the socket would send a RST, and the client could lose what was sent.
    """
    socket.socket.shutdown(sock, socket.SHUT_WR)  # SSLSocket's own drops its TLS state
    while socket.socket.recv(sock, PIECE_BYTES):
        pass


def hang_up(sock: socket.socket) -> None:
    """End the connection in an orderly way: TLS' close_notify where there is TLS, then a FIN."""
    if isinstance(sock, ssl.SSLSocket):
        sock.settimeout(0)
        with contextlib.suppress(OSError):  # SSLWantReadError: ours is sent, theirs is not waited for
            sock.unwrap()
        sock.settimeout(None)
    end_stream(sock)
