"""Whether this machine knows a way to somewhere. That is asked of its own routes: nothing is sent."""

from __future__ import annotations

import socket

_ANYWHERE = {
    socket.AF_INET: "203.0.113.1",  # for documentation (RFC 5737, 3849): no network has it, a default route leads there
    socket.AF_INET6: "2001:db8::1",
}


_INSIDE = ("10.0.0.0", "172.16.0.0", "192.168.0.0", "fc00::")  # where a private network has no default route


def has_way_to(address: str) -> bool:
    """Tell whether a route leads to this address."""
    return _from(address) is not None


def is_own(address: str) -> bool:
    """Tell whether an address is this machine's: what it sends there comes from it."""
    return _from(address) == address


def own_addresses() -> list[str]:
    """Return the addresses that this machine would connect from, those to the internet first, else to inside."""
    outside = [_from(address) for address in _ANYWHERE.values()]
    found = list(filter(None, outside)) or list(filter(None, map(_from, _INSIDE)))
    return list(dict.fromkeys(found))


def _from(address: str) -> str | None:
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((address, 53))
            return str(sock.getsockname()[0])
    except OSError:
        return None


def has_way_out(family: socket.AddressFamily) -> bool:
    """Tell whether a route leads to the internet in this family of addresses."""
    return has_way_to(_ANYWHERE[family])
