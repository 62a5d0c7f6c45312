"""Advice on the way to the server: its name, and the TCP connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn._diagnosis.advice.words import server_and_port, source
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import is_loopback, value


def _for_name_timeout(seen: Evidence) -> str | None:
    if seen.never_began:
        return (
            "Give the whole test more time (total_timeout, at the command line --total-timeout) or more threads"
            " (max_workers, --max-workers)."
        )
    return (
        "The name server does not answer: check that this machine is online, and have the network's administrator check"
        " the DNS server that it uses."
    )


def _for_connect_timeout(seen: Evidence) -> str | None:
    return _for_loopback(seen) or (
        "A firewall most likely drops the packets: ask the network's administrator to allow outgoing TCP to"
        f" {server_and_port(seen)}."
    )


def _for_loopback(seen: Evidence) -> str | None:
    address = (seen.address or "").rpartition(":")[0].strip("[]")
    if not is_loopback(address) or is_loopback(seen.host or ""):
        return None
    return (
        f"The name {value(seen.host)} leads to this machine itself ({value(address)}): an entry in its hosts file or"
        " a DNS filter does that. Remove the entry, or ask whoever runs the filter to allow the name."
    )


def _for_refused(seen: Evidence) -> str | None:
    if not is_loopback(seen.host or ""):
        return _for_loopback(seen)
    return (
        f"Nothing listens at port {seen.port} of this machine: start the server. Check the port in the URL against"
        " the one that the server listens at. In a container, localhost is the container itself: name"
        " the host, or the other container, instead. No rule for outgoing TCP has a part in this: the connection does"
        " not leave this machine."
    )


def _for_dns_not_found(seen: Evidence) -> str | None:
    if not seen.proxy:
        return None
    return (
        "This machine looks the name up, as the proxy's scheme says. If only the proxy knows it, use socks5h:// (or"
        f" socks4a://) in {source(seen)}; else check the spelling of the host name."
    )


ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    (Stage.RESOLVE, Cause.TIMEOUT): _for_name_timeout,
    (Stage.RESOLVE, Cause.DNS_NOT_FOUND): _for_dns_not_found,
    (Stage.CONNECT, Cause.TIMEOUT): _for_connect_timeout,
    (Stage.CONNECT, Cause.REFUSED): _for_refused,
}
