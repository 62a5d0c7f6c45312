"""PyPI's `python-socketio`, for the pages of one host: `python_socketio_server.py PORT`."""

from __future__ import annotations

import sys

import socketio
from aiohttp import web

_server = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="https://page.example")
_application = web.Application()
_server.attach(_application)
web.run_app(_application, host="127.0.0.1", port=int(sys.argv[1]), shutdown_timeout=1)
