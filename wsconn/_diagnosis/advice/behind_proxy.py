"""What a proxy has to do with a failure that is not its own: it may have said yes too early, or none was named."""

from __future__ import annotations

from wsconn._diagnosis.advice.words import server_and_port
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import is_loopback, value

_TLS_SCHEMES = ("wss", "https")
_ENDS = (Cause.CLOSED, Cause.TIMEOUT)
_UNREACHED = {
    *((Stage.RESOLVE, cause) for cause in (Cause.DNS_NOT_FOUND, Cause.DNS_FAILED, Cause.TIMEOUT)),
    *((Stage.CONNECT, cause) for cause in (Cause.TIMEOUT, Cause.REFUSED, Cause.UNREACHABLE, Cause.CLOSED)),
}


def may_be_unreached(cause: Cause, seen: Evidence) -> bool:
    """Whether a proxy opened a tunnel, and nothing shows that the server is at the other end."""
    if not seen.proxy or cause not in _ENDS:
        return False
    first_word = Stage.TLS if seen.scheme in _TLS_SCHEMES else Stage.UPGRADE
    return seen.stage is first_word or (seen.stage is Stage.DISCOVERY and seen.scheme == "http")


def with_proxy(cause: Cause, seen: Evidence, advice: str) -> str:
    """Return advice with what is to be said of a proxy first, or at its end."""
    if seen.proxy and _is_meant_here(seen):
        host = value(seen.host)
        return (
            f"To the proxy, {host} is the machine that the proxy runs on. If the server is on this machine, name {host}"
            f" in no_proxy, or use no proxy (proxy, at the command line --proxy none). If not: {advice}"
        )
    if may_be_unreached(cause, seen):
        return (
            "The proxy opened a tunnel, but may never have reached the server: some proxies agree before they try."
            f" First ask the proxy's administrator to try {server_and_port(seen)} from the proxy itself. If that works:"
            f" {advice}"
        )
    if seen.no_proxy_named and not seen.pac and (seen.stage, cause) in _UNREACHED and not _stays_here(seen):
        return _with_hint(seen, advice)
    return advice


def _is_meant_here(seen: Evidence) -> bool:
    """Whether a URL names the machine that it is read on, and the proxy is another one."""
    host = seen.host or ""
    is_here = is_loopback(host) or host.rstrip(".").endswith(".localhost")
    return is_here and bool(seen.proxy_host) and not is_loopback(seen.proxy_host or "")


def _stays_here(seen: Evidence) -> bool:
    address = (seen.address or "").rpartition(":")[0].strip("[]")
    return seen.never_began or is_loopback(seen.host or "") or is_loopback(address)


def _with_hint(seen: Evidence, advice: str) -> str:
    if seen.other_proxy_variable:
        needed = "https_proxy" if seen.scheme in _TLS_SCHEMES else "http_proxy"
        return (
            f"No proxy was used: {value(seen.other_proxy_variable)} is set, but for {value(f'{seen.scheme}://')} only"
            f" {value(needed)} or {value('all_proxy')} counts. If that proxy is meant for this server too, set"
            f" {value(needed)}. If not: {advice}"
        )
    return (
        f"{advice} If browsers here go through a proxy, by their settings or a PAC file (pac+ before its URL), name it:"
        " proxy, at the command line --proxy."
    )
