"""PyPI's `tornado`: `tornado_server.py PORT`."""

from __future__ import annotations

import asyncio
import sys

from tornado.web import Application
from tornado.websocket import WebSocketHandler


class _Echo(WebSocketHandler):
    """As it comes: an Origin of another host is refused."""

    def on_message(self, message: str | bytes) -> None:
        self.write_message(message, binary=isinstance(message, bytes))


class _Login(WebSocketHandler):
    """Let in who brings a token, as most applications do."""

    def prepare(self) -> None:
        if "Authorization" not in self.request.headers:
            self.send_error(401, reason="Token missing")


async def _main(port: str) -> None:
    Application([("/", _Echo), ("/login", _Login)]).listen(int(port), "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(_main(*sys.argv[1:]))
