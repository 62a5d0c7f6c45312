"""Whether `socket.socket` has been replaced in this process by a class that may block, as PySocks' users do it.

Every socket here is non-blocking, and all waits are in `waiting`. A class that connects or reads in its own way would
wait inside these calls, past every deadline and every abort.
"""

from __future__ import annotations

import socket

_CALLED = ("connect_ex", "recv", "send", "setblocking")


def unsupported_reason() -> str | None:
    """Say why no test can run in this process, and what to do about it; `None` if one can."""
    found = socket.socket
    if found.__module__.startswith("gevent"):  # which wsconn can run on: see `_run/green_threads.py`
        return None
    if all(getattr(found, name, None) is getattr(socket.SocketType, name) for name in _CALLED):
        return None
    return (
        f"socket.socket was replaced by {found.__module__}.{found.__qualname__}, in which a test could hang: put the"
        " original back before a test is started, and name a SOCKS proxy as proxy='socks5h://host:port'"
    )
