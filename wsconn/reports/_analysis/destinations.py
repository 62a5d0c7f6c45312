"""Where a region's connections lead: the host and port of a URL, the address of an attempt.

A record may be made by hand, so what cannot be read is `None` and never an exception.
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple
from urllib.parse import urlsplit

from wsconn._regions import DEFAULT_PORTS
from wsconn._text import host_port

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Destination(NamedTuple):
    """A host and a port that somebody has to let through, and what is spoken there."""

    host: str
    port: int
    scheme: str

    def __str__(self) -> str:
        return host_port(self.host, self.port)

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address, so that no name had to be looked up."""
        return ip_of(str(self)) is not None


def destination_of(url: str | None) -> Destination | None:
    """Return where a URL leads, or `None` where that cannot be told."""
    try:
        parts = urlsplit(url or "")
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return Destination(parts.hostname, port, parts.scheme) if parts.hostname and port else None


def ip_of(address: str | None) -> IPAddress | None:
    """Return the IP address in `host:port`, without its zone, or `None` where there is none."""
    host = (address or "").rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
