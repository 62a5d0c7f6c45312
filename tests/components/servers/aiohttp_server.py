"""PyPI's `aiohttp`: `aiohttp_server.py PORT TLS [CERTIFICATE KEY]`."""

from __future__ import annotations

import sys

from aiohttp import web
from tls_of_one_version import context_for


async def _converse(request: web.Request) -> web.WebSocketResponse:
    if request.path == "/refused":
        raise web.HTTPForbidden
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    if request.path == "/closing":
        await socket.close(code=1008, message=b"log in first")
    async for message in socket:
        await socket.send_str(message.data)
    return socket


def _main(port: str, *tls: str) -> None:
    application = web.Application()
    application.router.add_get("/{path:.*}", _converse)
    web.run_app(application, host="127.0.0.1", port=int(port), ssl_context=context_for(*tls), shutdown_timeout=1)


_main(*sys.argv[1:])
