"""Ports without a connection: one that refuses, and one that leaves each SYN unanswered."""

from __future__ import annotations

import contextlib
import os
import socket
import sys

_MOST_FILLERS = 1024
_CONNECTED_SECONDS = 0.005  # on loopback the handshake is over when connect() returns; this is slack


def refusing_port(host: str, port: int, sockets: contextlib.ExitStack) -> int:
    """Reserve a port that answers with a RST: bound, so that no other program gets it, and not listening.

    A `port` of 0 is any that is free.
    """
    sock = sockets.enter_context(_socket(host, port))
    sock.bind((host, port))
    return _port(sock)


def black_hole_port(host: str, port: int, sockets: contextlib.ExitStack) -> int:
    """Listen on a port whose queue is full, so that the kernel drops each further SYN; 0 is any port that is free.

    Raises:
        OSError: This platform answers all the same. Linux and macOS drop the SYN, Windows refuses.
    """
    listener = sockets.enter_context(_socket(host, port))
    listener.bind((host, port))
    listener.listen(0)
    for _ in range(_MOST_FILLERS):
        if not _connects(sockets.enter_context(_socket(host)), (host, _port(listener))):
            return _port(listener)
    raise OSError(f"the queue of a listener with backlog 0 did not fill on {sys.platform}: no black hole here")


def _connects(filler: socket.socket, address: tuple[str, int]) -> bool:
    filler.settimeout(_CONNECTED_SECONDS)
    try:
        filler.connect(address)
    except (TimeoutError, BlockingIOError):
        return False
    except OSError as exc:
        raise OSError(exc.errno, f"a full queue answers on {sys.platform}: no black hole here") from exc
    return True


def _socket(host: str, port: int = 0) -> socket.socket:
    """Return a socket, for a port that may have connections still, if one is given, as `create_server` makes it."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if port and os.name == "posix":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return sock


def _port(sock: socket.socket) -> int:
    port: int = sock.getsockname()[1]
    return port
