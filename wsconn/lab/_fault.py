"""A fault: how a region can be reached, how its TLS handshake goes, and a function that serves each connection."""

from __future__ import annotations

import enum
import math
import socket
from collections.abc import Callable

import attrs

from wsconn.lab._healthy import healthy

Serve = Callable[[socket.socket], None]


class Reachability(enum.Enum):
    """Whether a client gets a TCP connection to the region; with all but `OPEN` it gets none."""

    OPEN = "open"
    REFUSED = "refused"
    BLACK_HOLE = "black-hole"
    NO_SUCH_HOST = "no-such-host"
    HANGING_NAME = "hanging-name"
    BLOCKED_NAME = "blocked-name"
    PORTAL_NAME = "portal-name"

    @property
    def names_a_host(self) -> bool:
        """Whether the host of the region's URL is a name of its own, in place of this machine's address."""
        return self not in (Reachability.OPEN, Reachability.REFUSED, Reachability.BLACK_HOLE)


class Handshake(enum.Enum):
    """How the TLS handshake of a `wss` region goes. `NONE`: the fault gets the TCP socket, before any TLS."""

    RIGHT = "right"
    UNTRUSTED = "untrusted"
    MISSING_INTERMEDIATE = "missing-intermediate"
    EXPIRED = "expired"
    EXPIRED_INTERMEDIATE = "expired-intermediate"
    NOT_YET_VALID = "not-yet-valid"
    WRONG_HOST = "wrong-host"
    WRONG_PURPOSE = "wrong-purpose"
    WEAK_KEY = "weak-key"
    CLIENT_CERTIFICATE_WANTED = "client-certificate-wanted"
    NONE = "none"


@attrs.frozen(kw_only=True)
class Link:
    """What the way to a region does to each connection, below TLS. Every field is in seconds.

    Args:
        latency: Round trip: all is passed on late by half of it, each way.
        stall_after: From then on nothing is passed on any more, and nothing ends the connection.
        cut_after: Then the connection ends with a FIN: no Close, and no close_notify.
    """

    latency: float = 0.0
    stall_after: float = math.inf
    cut_after: float = math.inf


@attrs.frozen(kw_only=True)
class Fault:
    """One way for a region to be wrong.

    Args:
        name: What the command line and `FAULTS` call it, in kebab case.
        summary: One sentence on what the server does.
        serve: Serves each connection, on a thread of its own. It gets the accepted socket, which is blocking, after TLS
            where there is TLS; the lab closes the socket when it returns. An `OSError`, which it gets when the client
            leaves or the lab closes, ends it quietly; anything else is logged.
        reachability: Whether there is a connection to serve.
        handshake: How TLS goes.
        link: What the way to the server does.
        tunnel: What `Lab.proxy` does with a connection that has asked it for the region by CONNECT. `None`: it passes
            everything on.
        stage: Where a check with the defaults of `wsconn.check` fails, through `Lab.proxy` where there is a `tunnel`: a
            value of `wsconn.Stage`. `None`: it passes, or nobody has said.
        causes: What it fails with: a value of `wsconn.Cause`, or several where that depends on the machine, the usual
            one first.
    """

    name: str
    summary: str
    serve: Serve = attrs.field(default=healthy, repr=False)
    reachability: Reachability = Reachability.OPEN
    handshake: Handshake = Handshake.RIGHT
    link: Link = Link()
    tunnel: Serve | None = attrs.field(default=None, repr=False)
    stage: str | None = None
    causes: tuple[str, ...] = ()

    @property
    def needs_tls(self) -> bool:
        """Whether it is a fault of TLS, for a `wss` region only."""
        return self.handshake is not Handshake.RIGHT
