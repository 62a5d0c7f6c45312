"""Faults of the proxy on the way: what `Lab.proxy` does to those who ask it for the region. Directly it is healthy."""

from __future__ import annotations

import socket

from wsconn.lab._fault import Fault
from wsconn.lab._wire import ESTABLISHED, drain


def _say_yes(sock: socket.socket) -> None:
    sock.sendall(ESTABLISHED)
    drain(sock)


PROXY_YES_AT_ONCE = Fault(
    name="proxy-yes-at-once",
    summary="Through lab.proxy: it says at once that the tunnel is open, and nothing ever comes through it.",
    tunnel=_say_yes,
    stage="upgrade",
    causes=("timeout",),
)
