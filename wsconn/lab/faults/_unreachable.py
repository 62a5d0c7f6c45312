"""Faults that end before there is a connection."""

from __future__ import annotations

from wsconn.lab._fault import Fault, Reachability

REFUSED = Fault(
    name="refused",
    summary="Nobody listens: the connection is refused with a RST (Windows takes about 2 s to say so).",
    reachability=Reachability.REFUSED,
)
BLACK_HOLE = Fault(
    name="black-hole",
    summary="The SYN is dropped, as by a silent firewall (not on Windows, which answers for a full queue).",
    reachability=Reachability.BLACK_HOLE,
)
NO_SUCH_HOST = Fault(
    name="no-such-host",
    summary="The URL's host is no-such-host.invalid, which no resolver knows.",
    reachability=Reachability.NO_SUCH_HOST,
)
HANGING_NAME = Fault(
    name="hanging-name",
    summary="The lookup of the URL's host in lab.getaddrinfo answers only when the lab closes.",
    reachability=Reachability.HANGING_NAME,
)
BLOCKED_NAME = Fault(
    name="blocked-name",
    summary="The URL's host is 0.0.0.0 and :: in lab.getaddrinfo, as filtering resolvers say.",
    reachability=Reachability.BLOCKED_NAME,
)
