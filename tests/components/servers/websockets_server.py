"""PyPI's `websockets`: `websockets_server.py PORT TLS [CERTIFICATE KEY]`."""

from __future__ import annotations

import asyncio
import http
import sys

from tls_of_one_version import context_for
from websockets.asyncio.server import Request, Response, ServerConnection, serve


async def _converse(connection: ServerConnection) -> None:
    if connection.request and connection.request.path == "/closing":
        await connection.close(1008, "log in first")
    async for message in connection:
        await connection.send(message)


def _refuse(connection: ServerConnection, request: Request) -> Response | None:
    if request.path == "/refused":
        return connection.respond(http.HTTPStatus.FORBIDDEN, "not you\n")
    return None


async def _main(port: str, *tls: str) -> None:
    async with serve(_converse, "127.0.0.1", int(port), ssl=context_for(*tls), process_request=_refuse) as server:
        await server.serve_forever()


asyncio.run(_main(*sys.argv[1:]))
