"""Faults of a request that lacks what the server wants; with it, the server is healthy."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable

from wsconn.lab._fault import Fault, Serve
from wsconn.lab._healthy import healthy
from wsconn.lab._wire import (
    close_frame,
    end_after_echo,
    hang_up,
    read_request,
    response,
    upgrade_headers,
)

_SUBPROTOCOL = "Sec-WebSocket-Protocol"
_SUBPROTOCOL_NOT_ACCEPTABLE = 4406  # what servers of graphql-transport-ws close with

Refuse = Callable[[socket.socket, bytes], None]


def origin_wanted(status: int | None = 403) -> Fault:
    """Refuse a request without an `Origin` header, and open with any.

    It is named `origin-wanted`, with another status `origin-wanted-<status>`, and without one `origin-wanted-eof`.

    Args:
        status: The answer, 400 to 599: servers say 400, 401, 403 or 404. `None`: the connection ends without one.
    """
    return Fault(
        name=_name("origin-wanted", status, 403),
        summary=f"A request without an Origin header {_refused(status)}; with one, the server is healthy.",
        serve=_wanting("Origin", _refusing(status)),
        stage="upgrade",
        causes=(_cause(status),),
    )


def subprotocol_wanted(status: int | None = 400, *, header: bool = False) -> Fault:
    """Refuse a request that offers no subprotocol, and open with any.

    It is named `subprotocol-wanted`, with another status `subprotocol-wanted-<status>`, and without one
    `subprotocol-wanted-eof`.

    Args:
        status: The answer, 400 to 599; 101: the WebSocket opens and is closed with code 4406, which a check takes for
            a pass. `None`: the connection ends without an answer.
        header: Whether the answer has a `Sec-WebSocket-Protocol` header, which names a subprotocol to offer.
    """
    opens = status == 101
    return Fault(
        name=_name("subprotocol-wanted", status, 400),
        summary=f"A request that offers no subprotocol {_refused(status)}; with one, the server is healthy.",
        serve=_wanting(_SUBPROTOCOL, _open_and_close if opens else _refusing(status, header)),
        stage=None if opens else "upgrade",
        causes=() if opens else (_cause(status),),
    )


def _name(wanted: str, status: int | None, usual: int) -> str:
    return wanted if status == usual else f"{wanted}-{'eof' if status is None else status}"


def _refused(status: int | None) -> str:
    match status:
        case None:
            return "is answered with the end of the connection"
        case 101:
            return f"opens the WebSocket, which is closed with code {_SUBPROTOCOL_NOT_ACCEPTABLE}"
        case _:
            return f"is refused with HTTP {status}"


def _cause(status: int | None) -> str:
    return "closed" if status is None else "http_status"


def _wanting(header: str, refuse: Refuse) -> Serve:
    wanted = re.compile(rf"^{header}:[ \t]*\S".encode(), re.IGNORECASE | re.MULTILINE)

    def serve(sock: socket.socket) -> None:
        request = read_request(sock)
        if wanted.search(request):
            healthy(sock, received=request)
        else:
            refuse(sock, request)

    return serve


def _refusing(status: int | None, names_subprotocol: bool = False) -> Refuse:
    if status is not None and not 400 <= status <= 599:
        raise ValueError(f"status must be from 400 to 599, or None: {status!r}")
    named = {_SUBPROTOCOL: "chat"} if names_subprotocol else {}
    answer = response(status, {**named, "Content-Length": "0", "Connection": "close"}) if status else b""

    def refuse(sock: socket.socket, _request: bytes) -> None:
        sock.sendall(answer)
        hang_up(sock)

    return refuse


def _open_and_close(sock: socket.socket, request: bytes) -> None:
    sock.sendall(response(101, upgrade_headers(request)))
    sock.sendall(close_frame(_SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable"))
    end_after_echo(sock)


ORIGIN_WANTED = origin_wanted()
ORIGIN_WANTED_EOF = origin_wanted(None)
SUBPROTOCOL_WANTED = subprotocol_wanted()
SUBPROTOCOL_WANTED_101 = subprotocol_wanted(101)
SUBPROTOCOL_WANTED_EOF = subprotocol_wanted(None)
