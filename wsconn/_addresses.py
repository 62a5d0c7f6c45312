"""What an address or a name says by itself: whether a server can have it, and whether all the world can."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_THIS_NETWORK = IPv4Network("0.0.0.0/8")  # RFC 1122, section 3.2.1.3: nobody's address
# An IPv4 address follows: RFC 6052, RFC 8215 (the usual /96 of it), RFC 4291 (2.5.5.1, IPv4-compatible: nobody's now).
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/96"))
_COMPATIBLE = IPv6Network("::/96")
_DISCARDED = IPv6Network("100::/64")  # RFC 6666: what is sent there is thrown away
_INSIDE: tuple[IPv4Network | IPv6Network, ...] = (
    *map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),  # RFC 1918
    *map(IPv4Network, ("100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")),  # RFC 6598, 1122, 3927
    IPv4Network("198.18.0.0/15"),  # RFC 2544, for benchmarks: VPN programs give out its addresses in place of real ones
    *map(IPv6Network, ("fc00::/7", "fe80::/10", "::1/128")),  # RFC 4193, 4291
)
# Names that the public DNS never has: RFC 6761, 6762 (with its appendix G), 7686, 8375, and ICANN's resolutions
# 2018.02.04.12 and 2024.07.29.06.
_SPECIAL = frozenset(
    {
        *("alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test"),
        *("corp", "home", "intranet", "lan", "localdomain", "mail", "private"),
    }
)

# How a part of an IPv4 address may be written, and in which base: 16, of which 0x alone is nought too, 8 or 10.
_NUMBERS = {"0x([0-9a-f]{0,16})": 16, "0([0-7]{0,16})": 8, "([1-9][0-9]{0,16})": 10}


def can_be_a_server(address: str) -> bool:
    """Whether a server can have this address. DNS filters answer with one that none can have."""
    ip = ip_address(address)
    v4 = _ipv4_of(ip)
    if v4 is not None:
        return not (v4 in _THIS_NETWORK or v4.is_multicast or v4.is_reserved)
    is_lost = ip.is_link_local and "%" not in address  # of a link that nobody names
    is_nobodys = ip in _DISCARDED or (ip in _COMPATIBLE and not ip.is_loopback)
    return not (is_nobodys or ip.is_multicast or is_lost)


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
    return bool(more) and last.isascii() and last not in _SPECIAL and not is_written_address(host)


def is_written_address(host: str) -> bool:
    """Whether a host is an address, in whatever notation (inet_aton(3)): `127.1`, `0x7f.1`."""
    last = host.rpartition(".")[2].lower()
    return ":" in host or last.isdigit() or last.startswith("0x")


def registered_domain(host: str) -> str:
    """Return the part of a host name that is registered, or nearly that: `example.org`, `example.co.uk`."""
    labels = host.rstrip(".").lower().split(".")
    under_a_country = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if under_a_country else -2 :])


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
    return IPv4Address(ip.packed[-4:]) if any(ip in network for network in _NAT64) else ip.ipv4_mapped or ip.sixtofour
