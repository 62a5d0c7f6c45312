"""Whether this machine knows a way to somewhere. That is asked of its own routes: nothing is sent."""

from __future__ import annotations

import socket

_ANYWHERE = {
    socket.AF_INET: "203.0.113.1",  # for documentation (RFC 5737, 3849): no network has it, a default route leads there
    socket.AF_INET6: "2001:db8::1",
}


def has_way_to(address: str) -> bool:
    """Tell whether a route leads to this address."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((address, 53))
    except OSError:
        return False
    return True


def has_way_out(family: socket.AddressFamily) -> bool:
    """Tell whether a route leads to the internet in this family of addresses."""
    return has_way_to(_ANYWHERE[family])
