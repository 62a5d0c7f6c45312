"""From a connection to an open WebSocket: the request, up to the 101."""

from __future__ import annotations

from wsconn._io.stream import Stream
from wsconn._protocols.websocket_client import OpenWebSocket, open_websocket
from wsconn._regions import Target
from wsconn._stages.request import Request


def upgrade(stream: Stream, target: Target, request: Request) -> OpenWebSocket:
    """Ask for a WebSocket, and return it or raise `StageFailed`."""
    return open_websocket(
        stream, target.resource, target.authority, request.headers, request.subprotocols, request.origin
    )
