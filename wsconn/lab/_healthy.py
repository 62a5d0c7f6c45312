"""What a healthy region does with a connection: the upgrade, a pong for each ping, the echo of a Close.

This is the protocol of `websockets` without its threads. `websockets.sync.server` waits up to 10 s in `shutdown()` for
a peer that connected and says nothing (9.8 s measured), on threads that are no daemons; a lab closes at once.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping, Sequence

from websockets.http11 import Request
from websockets.protocol import Protocol, Side
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from wsconn.lab._wire import PIECE_BYTES, hang_up

# Outside the tree of loggers: at DEBUG it would write the headers of those who are tested, secrets included.
_SILENT = logging.Logger("wsconn.lab.silent", logging.CRITICAL)


def healthy(sock: socket.socket, *, headers: Mapping[str, str] | None = None, greeting: str | None = None) -> None:
    """Be a WebSocket server until the peer leaves.

    Args:
        sock: A connection, after TLS.
        headers: Sent along with the 101.
        greeting: A text frame to send first.
    """
    protocol = ServerProtocol(select_subprotocol=_first_offered, logger=_SILENT)
    while data := sock.recv(PIECE_BYTES):
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Request):
                _respond(protocol, event, headers or {}, greeting)
        _send(sock, protocol)


def answer_frames(sock: socket.socket) -> None:
    """Be a WebSocket server after somebody else has sent the 101."""
    protocol = Protocol(Side.SERVER, logger=_SILENT)
    while data := sock.recv(PIECE_BYTES):
        protocol.receive_data(data)
        protocol.events_received()
        _send(sock, protocol)


def _respond(protocol: ServerProtocol, request: Request, headers: Mapping[str, str], greeting: str | None) -> None:
    response = protocol.accept(request)
    opened = response.status_code == 101
    if opened:
        response.headers.update(headers)
    protocol.send_response(response)
    if opened and greeting is not None:
        protocol.send_text(greeting.encode())


def _send(sock: socket.socket, protocol: Protocol) -> None:
    for data in protocol.data_to_send():
        if data:
            sock.sendall(data)
        else:  # the protocol's way to say: end the stream
            hang_up(sock)


def _first_offered(_protocol: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return offered[0] if offered else None
