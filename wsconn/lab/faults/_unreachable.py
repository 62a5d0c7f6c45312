"""Faults without a connection to the server: nothing answers, or the URL's host leads nowhere, or elsewhere."""

from __future__ import annotations

from wsconn.lab._fault import Fault, Handshake, Reachability
from wsconn.lab.faults import _http

REFUSED = Fault(
    name="refused",
    summary="Nothing listens: the connection is refused with a RST (Windows takes about 2 s to say so).",
    reachability=Reachability.REFUSED,
    stage="connect",
    causes=("refused",),
)
BLACK_HOLE = Fault(
    name="black-hole",
    summary="The SYN is dropped, as by a silent firewall (not on Windows, which answers for a full queue).",
    reachability=Reachability.BLACK_HOLE,
    stage="connect",
    causes=("timeout",),
)
NO_SUCH_HOST = Fault(
    name="no-such-host",
    summary="The URL's host is no-such-host.invalid, which no resolver knows.",
    reachability=Reachability.NO_SUCH_HOST,
    stage="resolve",
    # A machine that is offline cannot tell a name that does not exist from one that it cannot look up.
    causes=("dns_not_found", "dns_failed", "timeout"),
)
HANGING_NAME = Fault(
    name="hanging-name",
    summary="The lookup of the URL's host in lab.getaddrinfo answers only when the lab closes.",
    reachability=Reachability.HANGING_NAME,
    stage="resolve",
    causes=("timeout",),
)
BLOCKED_NAME = Fault(
    name="blocked-name",
    summary="The URL's host resolves to 0.0.0.0 and :: in lab.getaddrinfo, as with a DNS filter.",
    reachability=Reachability.BLOCKED_NAME,
    stage="resolve",
    causes=("dns_blocked",),
)
PORTAL_DNS = Fault(
    name="portal-dns",
    summary="The URL's host leads, in lab.getaddrinfo, to a portal: its certificate is for wrong.example, and who takes"
    " that is redirected to the login.",
    serve=_http.REDIRECT.serve,
    reachability=Reachability.PORTAL_NAME,
    handshake=Handshake.WRONG_HOST,
    stage="tls",
    causes=("tls_hostname_mismatch",),
)
