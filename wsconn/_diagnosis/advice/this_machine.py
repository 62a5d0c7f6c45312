"""Advice where this process itself is why nothing is known of a region."""

from __future__ import annotations

from wsconn._diagnosis.advice.in_place import as_connected
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import duration, is_ip_address, value

TIMES = "timeout and total_timeout, at the command line --timeout and --total-timeout"
_SOURCE = "source, at the command line --source"
_WAITS = (Cause.TIMEOUT, Cause.NO_PONG, Cause.CLOSED)


def for_this_machine(cause: Cause, seen: Evidence) -> str | None:
    """Say what to do here, where neither the network nor the server is to be asked."""
    if seen.stalled_seconds and cause in _WAITS:
        return (
            f"This process stood still for {value(duration(seen.stalled_seconds))} or longer: it was stopped, its"
            " container was frozen, or the machine slept. So nothing is known about the region: test again, and if it"
            " happens often, find out what stops it."
        )
    if seen.shutting_down and cause is Cause.LOCAL_LIMIT:
        return (
            "Start the test before the program ends, and wait for its result there: not in an atexit function or a"
            " destructor, nor on a thread that outlives the main one."
        )
    if seen.replaced and cause is Cause.DNS_FAILED:
        return (
            f"Put the original {value(seen.replaced)} back before the test: its replacement leaves names to a proxy,"
            " as in programs that use PySocks. Name that proxy instead: proxy, at the command line --proxy (as in"
            f" {value('socks5h://host:port')})."
        )
    if seen.no_such_source:
        return (
            f"This machine has no address {value(seen.source)} now: bring up the VPN or network that gives it, or name"
            f" another one ({_SOURCE})."
        )
    if seen.source and seen.missing_family and cause is Cause.UNREACHABLE:
        other = "IPv6" if seen.missing_family == "IPv4" else "IPv4"
        return f"Connect from an {value(other)} address of this machine ({_SOURCE}), or {_for_family(seen)}."
    if seen.not_loaded and cause is Cause.TIMEOUT:
        return f"This machine is slow or busy: give the test more time ({TIMES})."
    return None


def _for_family(seen: Evidence) -> str:
    """Say how the other end comes by an address of the family that the source is of."""
    at_proxy = seen.stage is Stage.PROXY
    host = (seen.proxy_host if at_proxy else as_connected(seen).host) or ""
    if is_ip_address(host):
        return f"name an {value(seen.missing_family)} address in place of {value(host)}"
    whom = "the proxy's administrator" if at_proxy else "the service's operator"
    return f"ask {whom} for an {value(seen.missing_family)} address"
