"""Whether `socket.socket` has been replaced in this process by a class that may block, as PySocks' users do it.

Every socket here is non-blocking, and all waits are in `waiting`. A class that connects or reads in its own way would
wait inside these calls, past every deadline and every abort. Others refuse to make a socket: a program's tests do so.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from wsconn._text import sanitize

_CALLED = ("connect_ex", "recv", "send", "setblocking")
_REMEDY = "put the original back before a test is started"


def unsupported_reason() -> str | None:
    """Say why no test can run in this process, and what to do about it; `None` if one can."""
    found = socket.socket
    if found.__module__.startswith("gevent"):  # which wsconn can run on: see `_run/green_threads.py`
        return None
    replaced = f"socket.socket was replaced by {_name_of(found)}"
    if not all(getattr(found, name, None) is getattr(socket.SocketType, name) for name in _CALLED):
        return (
            f"{replaced}, in which a test could hang: {_REMEDY}, and name a SOCKS proxy as proxy='socks5h://host:port'"
        )
    refusal = None if found.__module__ == "socket" else _refusal_of(found)
    return f"{replaced}, which makes no socket ({refusal}): {_REMEDY}" if refusal else None


def _name_of(found: Any) -> str:  # noqa: ANN401 - a class mostly, but it may be a function or a mock
    name = getattr(found, "__qualname__", None)
    return f"{found.__module__}.{name}" if isinstance(name, str) else f"a {type(found).__name__}"


def _refusal_of(found: Callable[..., socket.socket]) -> str | None:
    """Say what a class raises that lets no test of a program open sockets, as pytest-socket's does."""
    try:
        found(socket.AF_INET, socket.SOCK_STREAM).close()
    except OSError:  # of descriptors, say: the regions will tell
        return None
    except Exception as error:  # noqa: BLE001 - it is another program's
        return f"{type(error).__name__}: {sanitize(str(error))}"
    return None
