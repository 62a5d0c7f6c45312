"""An HTTP proxy that opens tunnels to the regions of its lab, and does to each what the region's fault says."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable

from wsconn.lab._fault import Fault, Link, Serve
from wsconn.lab._relay import pass_on
from wsconn.lab._wire import ESTABLISHED, hang_up, read_request, response

_CONNECT = re.compile(rb"CONNECT \[?([0-9A-Za-z.:-]{1,255}?)\]?:([0-9]{1,5}) HTTP/1\.1\r\n")

Lookup = Callable[[str, int], Fault | None]


def proxying(fault_at: Lookup, closing: threading.Event) -> Serve:
    """Return a function that serves the proxy's connections; `fault_at` knows the region at an address."""

    def serve(sock: socket.socket) -> None:
        asked = _CONNECT.match(read_request(sock))
        if asked is None:
            return _refuse(sock, 405)
        host, port = asked[1].decode(), int(asked[2])
        fault = fault_at(host, port)
        if fault is None:  # not everybody's way out of this machine
            return _refuse(sock, 403)
        if fault.tunnel is not None:
            return fault.tunnel(sock)
        address = (host if ":" in host else "127.0.0.1", port)  # whatever the region's name
        return _open(sock, address, closing)

    return serve


def _open(sock: socket.socket, address: tuple[str, int], closing: threading.Event) -> None:
    try:
        region = socket.create_connection(address)
    except OSError:
        return _refuse(sock, 502)
    with region:
        sock.sendall(ESTABLISHED)
        return pass_on(sock, region, Link(), closing)


def _refuse(sock: socket.socket, status: int) -> None:
    sock.sendall(response(status, {"Content-Length": "0", "Connection": "close"}))
    hang_up(sock)
