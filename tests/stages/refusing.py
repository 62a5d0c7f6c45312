"""Servers that refuse, and what a refusal looks like on the wire."""

from __future__ import annotations

import socket
from collections.abc import Callable

from wsconn import Evidence, Failure
from wsconn.lab._wire import hang_up, read_request

Talk = Callable[[socket.socket], None]


def saying(answer: bytes, then: Talk = hang_up) -> Talk:
    """Make a server that answers every request with these bytes."""

    def serve(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(answer)
        then(sock)

    return serve


def evidence_of(failure: Failure) -> Evidence:
    assert failure.evidence is not None
    return failure.evidence


def refusal(body: bytes, kind: str | None = "text/plain", *more: str, status: str = "400 Bad Request") -> bytes:
    """Write a refusal with a body."""
    fields = [f"Content-Length: {len(body)}", *([f"Content-Type: {kind}"] if kind else []), *more]
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode() + body
