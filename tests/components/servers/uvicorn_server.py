"""PyPI's `uvicorn` with an ASGI application: `uvicorn_server.py PROTOCOL PORT TLS [CERTIFICATE KEY]`."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from tls_of_one_version import restrict

_Event = MutableMapping[str, Any]


async def _application(scope: _Event, receive: Callable[[], Awaitable[_Event]], send: Callable[[_Event], Any]) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    if scope["path"] == "/refused":
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    if scope["path"] == "/closing":
        await send({"type": "websocket.close", "code": 1008, "reason": "log in first"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


def _main(protocol: str, port: str, tls: str, certificate: str | None = None, key: str | None = None) -> None:
    config = uvicorn.Config(
        _application,
        port=int(port),
        ws=protocol,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    config.load()
    if config.ssl:
        restrict(config.ssl, tls)
    uvicorn.Server(config).run()


_main(*sys.argv[1:])
