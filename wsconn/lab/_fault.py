"""What a fault is: a function given a socket, and what has to be wrong before there is a socket to give it."""

from __future__ import annotations

import enum
import socket
from collections.abc import Callable

import attrs

from wsconn.lab._healthy import healthy

Serve = Callable[[socket.socket], None]


class Reachability(enum.Enum):
    """What somebody finds who tries to reach the region's port; all but `OPEN` end there."""

    OPEN = "open"
    REFUSED = "refused"
    BLACK_HOLE = "black-hole"
    NO_SUCH_HOST = "no-such-host"
    HANGING_NAME = "hanging-name"
    BLOCKED_NAME = "blocked-name"


class Handshake(enum.Enum):
    """How the TLS handshake of a `wss` region goes. `NONE`: the fault gets the TCP socket, before any TLS."""

    RIGHT = "right"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    WRONG_HOST = "wrong-host"
    CLIENT_CERTIFICATE_WANTED = "client-certificate-wanted"
    NONE = "none"


@attrs.frozen(kw_only=True)
class Fault:
    """One way for a region to be wrong.

    Args:
        name: How the command line and `FAULTS` call it, in kebab case.
        summary: One sentence on what the server does.
        serve: What is done with each connection: called on a thread of its own with the accepted socket, blocking
            and after TLS where there is TLS. The lab closes the socket when it returns. An `OSError`, which is what a
            peer that leaves (or the lab that closes) looks like, ends it quietly; anything else is logged.
        reachability: What is wrong before a connection is there.
        handshake: What is wrong with TLS.
    """

    name: str
    summary: str
    serve: Serve = attrs.field(default=healthy, repr=False)
    reachability: Reachability = Reachability.OPEN
    handshake: Handshake = Handshake.RIGHT

    @property
    def needs_tls(self) -> bool:
        """Tell whether it makes sense in a `wss` region only."""
        return self.handshake is not Handshake.RIGHT
