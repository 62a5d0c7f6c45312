"""Faults in the answer to the upgrade request, before frames could follow."""

from __future__ import annotations

import functools
import itertools
import socket
from collections.abc import Callable, Mapping

from wsconn.lab._fault import Fault, Serve
from wsconn.lab._healthy import answer_frames, healthy
from wsconn.lab._wire import (
    accept_key,
    drain,
    drip,
    end_stream,
    hang_up,
    pour,
    read_request,
    reset,
    response,
    status_line,
    upgrade_headers,
)

_ACCEPT = "Sec-WebSocket-Accept"
_PIECE = b"a" * 16384


def http_status(status: int, *, reason: str = "", headers: Mapping[str, str] | None = None, body: bytes = b"") -> Fault:
    """Answer with an HTTP status instead of 101, then close; named `http-<status>`.

    Args:
        status: 200 to 599.
        reason: The words after it; by default the usual ones.
        headers: To send along; `Content-Length` and `Connection: close` are sent unless they are among these.
        body: To send after them.
    """
    if not 200 <= status <= 599:
        raise ValueError(f"status must be from 200 to 599: {status!r}")
    given = headers or {}
    fixed = {"Content-Length": str(len(body)), "Connection": "close"}
    ours = {name: value for name, value in fixed.items() if name.lower() not in map(str.lower, given)}
    answer = response(status, {**ours, **given}, body, reason=reason)
    return Fault(
        name=f"http-{status}", summary=f"The request is answered with HTTP {status}.", serve=_answering(answer, hang_up)
    )


def redirect(location: str = "https://portal.example/login", *, status: int = 302) -> Fault:
    """Answer with a redirect, as a captive portal does; named `redirect`.

    Args:
        location: Where to.
        status: 300 to 399.
    """
    if not 300 <= status <= 399:
        raise ValueError(f"status must be from 300 to 399: {status!r}")
    answer = response(status, {"Location": location, "Content-Length": "0", "Connection": "close"})
    return Fault(name="redirect", summary="The request is answered with a redirect.", serve=_answering(answer, hang_up))


def set_cookie(cookie: str = "id=1; Domain=127.0.0.1") -> Fault:
    """Be healthy, and set a cookie along with the 101; named `set-cookie`.

    Args:
        cookie: The value of `Set-Cookie`.
    """
    return Fault(
        name="set-cookie",
        summary="A healthy server sets a cookie, which nobody may send to another region.",
        serve=functools.partial(healthy, headers={"Set-Cookie": cookie}),
    )


def _answering(answer: bytes, then: Serve) -> Serve:
    def serve(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(answer)
        then(sock)

    return serve


def _upgrading(change: Callable[[dict[str, str]], object], *, version: str = "HTTP/1.1") -> Serve:
    """Send a 101 with changed headers, and answer frames after it: who takes the 101 is to fail for nothing else."""

    def serve(sock: socket.socket) -> None:
        headers = upgrade_headers(read_request(sock))
        change(headers)
        sock.sendall(response(101, headers, version=version))
        answer_frames(sock)

    return serve


def _pouring(head: str, line: bytes) -> Serve:
    return _answering(head.encode(), lambda sock: pour(sock, itertools.repeat(line)))


def _dripping(at_once: str, head: str) -> Serve:
    endless = b"X-Filler: aaaaaaaa\r\n"
    return _answering(
        at_once.encode(), lambda sock: drip(sock, itertools.chain(head.encode(), itertools.cycle(endless)))
    )


def _wrong_accept(headers: dict[str, str]) -> None:
    headers[_ACCEPT] = accept_key(b"Sec-WebSocket-Key: somebody-else's\r\n")


def _other_case(headers: dict[str, str]) -> None:
    headers[_ACCEPT] = headers[_ACCEPT].swapcase()


MUTE = Fault(
    name="mute",
    summary="The server reads the request and never answers.",
    serve=drain,
)
SLOW_STATUS = Fault(
    name="slow-status",
    summary="The answer comes a byte each 50 ms from its first byte on, for ever.",
    serve=_dripping("", status_line(101)),
)
SLOW_HEADERS = Fault(
    name="slow-headers",
    summary="The status line comes at once, then headers a byte each 50 ms, for ever.",
    serve=_dripping(status_line(101), ""),
)
ENDLESS_HEADERS = Fault(
    name="endless-headers",
    summary="Headers come for ever, as fast as they are read.",
    serve=_pouring(status_line(101), (b"X-Filler: " + _PIECE[:100] + b"\r\n") * 128),
)
ENDLESS_LINE = Fault(
    name="endless-line",
    summary="One header line comes for ever, as fast as it is read.",
    serve=_pouring(status_line(101) + "X-Filler: ", _PIECE),
)
ENDLESS_BODY = Fault(
    name="endless-body",
    summary="HTTP 200 comes with a body of 1 TiB, as fast as it is read.",
    serve=_pouring(response(200, {"Content-Length": str(1 << 40)}).decode(), _PIECE),
)
STALLED_STATUS = Fault(
    name="stalled-status",
    summary="The status line of an HTTP 403 comes, then nothing.",
    serve=_answering(status_line(403).encode(), drain),
)
STALLED_BODY = Fault(
    name="stalled-body",
    summary="HTTP 403 comes with 10 bytes of a body of 1000, then nothing.",
    serve=_answering(response(403, {"Content-Length": "1000"}, b"Forbidden\n"), drain),
)
WRONG_ACCEPT = Fault(
    name="wrong-accept",
    summary="The 101 has the Sec-WebSocket-Accept of another request.",
    serve=_upgrading(_wrong_accept),
)
WRONG_CASE_ACCEPT = Fault(
    name="wrong-case-accept",
    summary="The 101 has a Sec-WebSocket-Accept that is right but for the case of its letters.",
    serve=_upgrading(_other_case),
)
MISSING_ACCEPT = Fault(
    name="missing-accept",
    summary="The 101 has no Sec-WebSocket-Accept.",
    serve=_upgrading(lambda headers: headers.pop(_ACCEPT)),
)
MISSING_UPGRADE = Fault(
    name="missing-upgrade",
    summary="The 101 has no Upgrade header.",
    serve=_upgrading(lambda headers: headers.pop("Upgrade")),
)
HTTP_1_0 = Fault(
    name="http-1-0",
    summary="The 101 is right but for its version, HTTP/1.0.",
    serve=_upgrading(lambda headers: None, version="HTTP/1.0"),
)
NOT_HTTP = Fault(
    name="not-http",
    summary="The request is answered with the banner of an SSH server.",
    serve=_answering(b"SSH-2.0-OpenSSH_9.2\r\n", drain),
)
RESET = Fault(
    name="reset",
    summary="The request is answered with a RST.",
    serve=_answering(b"", reset),
)
EOF = Fault(
    name="eof",
    summary="The server closes the connection once the request has come, in TLS with a close_notify.",
    serve=_answering(b"", hang_up),
)
TRUNCATED = Fault(
    name="truncated",
    summary="The server closes the connection once the request has come, in TLS without a close_notify.",
    serve=_answering(b"", end_stream),
)
