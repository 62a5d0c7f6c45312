"""PyPI's `websockets`: `websockets_server.py PORT TLS [CERTIFICATE KEY]`.

For front ends it can be faulty too: `/mute` never answers the request, `/swallowed` opens and then reads nothing.
"""

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


async def _refuse(connection: ServerConnection, request: Request) -> Response | None:
    if request.path == "/mute":
        await connection.wait_closed()
    if request.path == "/refused":
        return connection.respond(http.HTTPStatus.FORBIDDEN, "not you\n")
    return None


def _stop_reading(connection: ServerConnection, request: Request, _response: Response) -> None:
    if request.path == "/swallowed":
        connection.transport.pause_reading()


async def _main(port: str, *tls: str) -> None:
    async with serve(
        _converse,
        "127.0.0.1",
        int(port),
        ssl=context_for(*tls),
        process_request=_refuse,
        process_response=_stop_reading,
    ) as server:
        await server.serve_forever()


asyncio.run(_main(*sys.argv[1:]))
