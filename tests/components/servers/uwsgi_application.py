"""What uWSGI serves: a WebSocket that echoes, by uWSGI's own API."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import uwsgi


def application(_environment: dict[str, Any], _start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Open the WebSocket and echo."""
    uwsgi.websocket_handshake()
    while True:
        uwsgi.websocket_send(uwsgi.websocket_recv())
