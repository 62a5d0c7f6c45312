"""What an address or a name says by itself: whether a server can have it, and whether all the world can."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_THIS_NETWORK = IPv4Network("0.0.0.0/8")  # RFC 1122, section 3.2.1.3: nobody's address
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address follows
_INSIDE: tuple[IPv4Network | IPv6Network, ...] = (
    *map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),  # RFC 1918
    *map(IPv4Network, ("100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")),  # RFC 6598, 1122, 3927
    *map(IPv6Network, ("fc00::/7", "fe80::/10", "::1/128")),  # RFC 4193, 4291
)
# RFC 6761, 6762, 7686, 8375 and ICANN's resolution 2024.07.29.06: names that the public DNS never has.
_SPECIAL = ("alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test")

# How a part of an IPv4 address may be written, and in which base: 16, of which 0x alone is nought too, 8 or 10.
_NUMBERS = {"0x([0-9a-f]{0,16})": 16, "0([0-7]{0,16})": 8, "([1-9][0-9]{0,16})": 10}


def can_be_a_server(address: str) -> bool:
    """Whether a server can have this address. DNS filters answer with one that none can have."""
    ip = ip_address(address)
    v4 = _ipv4_of(ip)
    if v4 is not None:
        return not (v4 in _THIS_NETWORK or v4.is_multicast or v4.is_reserved)
    is_lost = ip.is_link_local and "%" not in address  # of a link that nobody names
    return not (ip.is_unspecified or ip.is_multicast or is_lost)


def is_inside(address: str) -> bool:
    """Whether an address is this machine's own, or one of a private network."""
    ip = ip_address(address)
    ip = _ipv4_of(ip) or ip
    return any(ip in network for network in _INSIDE if network.version == ip.version)


def is_near(address: str) -> bool:
    """Whether an address is this machine's own, or one of the same link."""
    ip = ip_address(address)
    ip = _ipv4_of(ip) or ip
    return ip.is_loopback or ip.is_link_local


def is_public_name(host: str) -> bool:
    """Whether a name is one that the public DNS may have: of more than one label, and no address."""
    *more, last = host.rstrip(".").lower().split(".")
    return bool(more) and last.isascii() and not last.isdigit() and ":" not in host and last not in _SPECIAL


def as_in_browsers(host: str) -> str | None:
    """Return a host, without brackets, as browsers write it: an address has one form there, `10.1` is `10.0.0.1`.

    `None`: it ends in a number like an address, and is none (WHATWG's URL standard, section 3.5).
    """
    if ":" in host:
        return _usual_ipv6(host)
    *_, last = parts = host.lower().removesuffix(".").split(".")
    if not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last):
        return host.lower()
    try:
        *first, rest = map(_number, parts)
        if len(first) < 4 and max(first, default=0) < 256 and rest < 256 ** (4 - len(first)):
            return str(IPv4Address(sum(part << 24 - 8 * at for at, part in enumerate(first)) + rest))
    except ValueError:
        pass
    return None


def _usual_ipv6(host: str) -> str:
    try:
        ip = IPv6Address(host)
    except ValueError:
        return host
    v4 = ip.ipv4_mapped  # whose form depends on the version of Python
    return str(ip) if v4 is None else f"::ffff:{int(v4) >> 16:x}:{int(v4) & 0xFFFF:x}"


def _number(text: str) -> int:
    for form, base in _NUMBERS.items():
        if found := re.fullmatch(form, text):
            return int(found[1] or "0", base)
    raise ValueError(text)


def _ipv4_of(ip: IPv4Address | IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that this is, or that it stands for."""
    if isinstance(ip, IPv4Address):
        return ip
    return IPv4Address(ip.packed[-4:]) if ip in _NAT64 else ip.ipv4_mapped
