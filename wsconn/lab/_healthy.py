"""A healthy region: it answers the upgrade, each ping with a pong, and a Close with its echo.

It is the protocol of `websockets` without its threads. `websockets.sync.server` waits up to 10 s in `shutdown()` for a
client that connected and says nothing (9.8 s measured), on threads that are not daemons; a lab closes at once.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping, Sequence

from websockets.http11 import Request
from websockets.protocol import Protocol, Side
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from wsconn.lab._wire import PIECE_BYTES, hang_up

# Outside the tree of loggers: at DEBUG it would write the headers that a client sends, secrets included.
_SILENT = logging.Logger("wsconn.lab.silent", logging.CRITICAL)


def healthy(
    sock: socket.socket,
    *,
    received: bytes = b"",
    headers: Mapping[str, str] | None = None,
    opened: Callable[[ServerProtocol], None] | None = None,
) -> None:
    """Be a WebSocket server until the client leaves.

    Args:
        sock: A connection, after TLS.
        received: What was read from it before.
        headers: Sent with the 101.
        opened: Called right after the 101, for frames to send first.
    """
    protocol = ServerProtocol(select_subprotocol=_first_offered, logger=_SILENT)
    while data := received or sock.recv(PIECE_BYTES):
        received = b""
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request) and _respond(protocol, event, headers or {}) and opened:
                opened(protocol)
        _send(sock, protocol)


def answer_frames(sock: socket.socket, *, received: bytes = b"") -> None:
    """Be a WebSocket server after the 101 has been sent."""
    protocol = Protocol(Side.SERVER, logger=_SILENT)
    while data := received or sock.recv(PIECE_BYTES):
        received = b""
        protocol.receive_data(data)
        protocol.events_received()
        _send(sock, protocol)


def _respond(protocol: ServerProtocol, request: Request, headers: Mapping[str, str]) -> bool:
    response = protocol.accept(request)
    accepted = response.status_code == 101
    if accepted:
        response.headers.update(headers)
    protocol.send_response(response)
    return accepted


def _send(sock: socket.socket, protocol: Protocol) -> None:
    for data in protocol.data_to_send():
        if data:
            sock.sendall(data)
        else:  # how the protocol asks for the end of the stream
            hang_up(sock)


def _first_offered(_protocol: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return offered[0] if offered else None
