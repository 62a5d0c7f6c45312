"""Faults in the answer to the upgrade request."""

from __future__ import annotations

import functools
import itertools
import socket
from collections.abc import Callable, Mapping

import attrs

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
_REDIRECTS = (301, 302, 303, 307, 308)  # RFC 9110 section 15.4: those that a client may follow by itself


def http_status(status: int, *, reason: str = "", headers: Mapping[str, str] | None = None, body: bytes = b"") -> Fault:
    """Answer with an HTTP status instead of 101, then close; named `http-<status>`.

    Args:
        status: 200 to 599.
        reason: The text after it; by default the usual one.
        headers: To send; `Content-Length` and `Connection: close` are sent unless they are among these.
        body: To send after them.
    """
    if not 200 <= status <= 599:
        raise ValueError(f"status must be from 200 to 599: {status!r}")
    given = headers or {}
    fixed = {"Content-Length": str(len(body)), "Connection": "close"}
    ours = {name: value for name, value in fixed.items() if name.lower() not in map(str.lower, given)}
    answer = response(status, {**ours, **given}, body, reason=reason)
    return Fault(
        name=f"http-{status}",
        summary=f"The request is answered with HTTP {status}.",
        serve=_answering(answer, hang_up),
        stage="upgrade",
        causes=(_cause(status),),
    )


def redirect(location: str = "https://portal.example/login", *, status: int = 302) -> Fault:
    """Answer with a redirect, as a captive portal does; named `redirect`.

    Args:
        location: The `Location` header.
        status: 300 to 399.
    """
    if not 300 <= status <= 399:
        raise ValueError(f"status must be from 300 to 399: {status!r}")
    answer = response(status, {"Location": location, "Content-Length": "0", "Connection": "close"})
    return Fault(
        name="redirect",
        summary="The request is answered with a redirect.",
        serve=_answering(answer, hang_up),
        stage="upgrade",
        causes=(_cause(status),),
    )


def set_cookie(cookie: str = "id=1; Domain=127.0.0.1") -> Fault:
    """Be healthy, and set a cookie with the 101; named `set-cookie`.

    Args:
        cookie: The value of `Set-Cookie`.
    """
    return Fault(
        name="set-cookie",
        summary="A healthy server sets a cookie, which must not be sent to another region.",
        serve=functools.partial(healthy, headers={"Set-Cookie": cookie}),
    )


def _cause(status: int) -> str:
    return "redirected" if status in _REDIRECTS else "http_status"


def _answering(answer: bytes, then: Serve) -> Serve:
    def serve(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(answer)
        then(sock)

    return serve


def _upgrading(change: Callable[[dict[str, str]], object], *, version: str = "HTTP/1.1") -> Serve:
    """Send a 101 with changed headers, and answer frames after it, so that nothing else is wrong."""

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
    headers[_ACCEPT] = accept_key(b"Sec-WebSocket-Key: another-request's\r\n")


def _other_case(headers: dict[str, str]) -> None:
    headers[_ACCEPT] = headers[_ACCEPT].swapcase()


MUTE = Fault(
    name="mute",
    summary="The server reads the request and never answers.",
    serve=drain,
    stage="upgrade",
    causes=("timeout",),
)
SLOW_STATUS = Fault(
    name="slow-status",
    summary="The answer comes one byte every 50 ms, from its first byte on, for ever.",
    serve=_dripping("", status_line(101)),
    stage="upgrade",
    causes=("timeout",),
)
SLOW_HEADERS = Fault(
    name="slow-headers",
    summary="The status line comes at once, then headers, one byte every 50 ms, for ever.",
    serve=_dripping(status_line(101), ""),
    stage="upgrade",
    causes=("timeout",),
)
ENDLESS_HEADERS = Fault(
    name="endless-headers",
    summary="Headers come for ever, as fast as they are read.",
    serve=_pouring(status_line(101), (b"X-Filler: " + _PIECE[:100] + b"\r\n") * 128),
    stage="upgrade",
    causes=("bad_upgrade",),
)
ENDLESS_LINE = Fault(
    name="endless-line",
    summary="One header line comes for ever, as fast as it is read.",
    serve=_pouring(status_line(101) + "X-Filler: ", _PIECE),
    stage="upgrade",
    causes=("bad_upgrade",),
)
ENDLESS_BODY = Fault(
    name="endless-body",
    summary="HTTP 200 comes with a body of 1 TiB, as fast as it is read.",
    serve=_pouring(response(200, {"Content-Length": str(1 << 40)}).decode(), _PIECE),
    stage="upgrade",
    causes=("http_status",),
)
STALLED_STATUS = Fault(
    name="stalled-status",
    summary="The status line of an HTTP 403 comes, then nothing.",
    serve=_answering(status_line(403).encode(), drain),
    stage="upgrade",
    causes=("http_status",),
)
STALLED_BODY = Fault(
    name="stalled-body",
    summary="HTTP 403 comes with 10 bytes of a body of 1000, then nothing more.",
    serve=_answering(response(403, {"Content-Length": "1000"}, b"Forbidden\n"), drain),
    stage="upgrade",
    causes=("http_status",),
)
WRONG_ACCEPT = Fault(
    name="wrong-accept",
    summary="The 101 has the Sec-WebSocket-Accept of another request.",
    serve=_upgrading(_wrong_accept),
    stage="upgrade",
    causes=("bad_upgrade",),
)
WRONG_CASE_ACCEPT = Fault(
    name="wrong-case-accept",
    summary="The Sec-WebSocket-Accept of the 101 is right except for upper and lower case.",
    serve=_upgrading(_other_case),
    stage="upgrade",
    causes=("bad_upgrade",),
)
MISSING_ACCEPT = Fault(
    name="missing-accept",
    summary="The 101 has no Sec-WebSocket-Accept.",
    serve=_upgrading(lambda headers: headers.pop(_ACCEPT)),
    stage="upgrade",
    causes=("bad_upgrade",),
)
MISSING_UPGRADE = Fault(
    name="missing-upgrade",
    summary="The 101 has no Upgrade header.",
    serve=_upgrading(lambda headers: headers.pop("Upgrade")),
    stage="upgrade",
    causes=("bad_upgrade",),
)
HTTP_1_0 = Fault(
    name="http-1-0",
    summary="The 101 is right except for its version, HTTP/1.0.",
    serve=_upgrading(lambda headers: None, version="HTTP/1.0"),
    stage="upgrade",
    causes=("bad_upgrade",),
)
NOT_HTTP = Fault(
    name="not-http",
    summary="The request is answered with the banner of an SSH server.",
    serve=_answering(b"SSH-2.0-OpenSSH_9.2\r\n", drain),
    stage="upgrade",
    causes=("bad_upgrade",),
)
RESET = Fault(
    name="reset",
    summary="The request is answered with a RST.",
    serve=_answering(b"", reset),
    stage="upgrade",
    causes=("closed",),
)
EOF = Fault(
    name="eof",
    summary="The server closes the connection after the request, in TLS with a close_notify.",
    serve=_answering(b"", hang_up),
    stage="upgrade",
    causes=("closed",),
)
TRUNCATED = Fault(
    name="truncated",
    summary="The server closes the connection after the request, in TLS without a close_notify.",
    serve=_answering(b"", end_stream),
    stage="upgrade",
    causes=("closed",),
)
HTTP_403 = http_status(403)
HTTP_503 = http_status(503)
NOT_FOUND_200 = attrs.evolve(
    http_status(200),
    name="not-found-200",
    summary="HTTP 200 comes with an empty body, as from Caddy where no route fits.",
)
REDIRECT = redirect()
SET_COOKIE = set_cookie()
