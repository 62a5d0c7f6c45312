"""Turns a cause and its evidence into one line for a person: what was seen, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn._diagnosis.evidence import Evidence
from wsconn._outcome import Cause, Stage
from wsconn._text import host_port


def message_on(cause: Cause | None, seen: Evidence) -> str:
    """Say in one line what was seen; no cause means that it worked."""
    message = _MESSAGES[cause](seen) if cause else f"{_peer(seen)} answered as it should, {_after(seen)}"
    return f"while asking {seen.discovery} for the region's URL: {message}" if seen.discovery else message


# --- the words that messages are made of -------------------------------------------------------------------------


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.95 else f"{seconds * 1000:.0f} ms"


def _after(seen: Evidence) -> str:
    return f"after {_seconds(seen.elapsed)}"


def _name(seen: Evidence) -> str:
    if seen.stage is Stage.PROXY:
        return f"the proxy's name, {seen.proxy_host}," if seen.proxy_host else "the proxy's name"
    return f"the name {seen.host}" if seen.host else "the server's name"


def _status(seen: Evidence) -> str:
    return f"HTTP {seen.http_status}" if seen.http_status else "in HTTP"


def _server(seen: Evidence) -> str:
    return host_port(seen.host, seen.port) if seen.host else "the region"


def _proxy(seen: Evidence) -> str:
    return f"the proxy {seen.proxy}" if seen.proxy else "the proxy"


def _peer(seen: Evidence) -> str:
    if seen.stage is Stage.PROXY:
        return _proxy(seen)
    if seen.proxy:
        return f"{_server(seen)} (through {_proxy(seen)})"
    server = _server(seen)
    return server if seen.address in (None, server) else f"{server} (at {seen.address})"


def why(seen: Evidence) -> str:
    """Tell in brackets what the system, a library or the peer said, where it said something."""
    said = ", ".join(part for part in (seen.os_error, seen.detail) if part)
    return f" ({said})" if said else ""


def _issuer(seen: Evidence) -> str:
    return (seen.tls and seen.tls.issuer) or "an authority that could not be learned"


# --- messages ----------------------------------------------------------------------------------------------------


def _on_dns_not_found(seen: Evidence) -> str:
    has_none = seen.os_error in ("EAI_NODATA", "EAI_ADDRFAMILY") or "IPv4" in (seen.detail or "")
    what = "has no address that can be used" if has_none else "does not exist, according to this machine's resolver"
    return f"{_name(seen)} {what}{why(seen)}, {_after(seen)}"


def _on_timeout(seen: Evidence) -> str:
    if not seen.began:
        return "not begun: the whole test's time (total_timeout) was over before this region's turn came"
    if seen.loading:
        return f"this machine had not loaded {seen.loading} {_after(seen)}; nothing was asked of {_server(seen)} yet"
    within = f"within {_seconds(seen.elapsed)}"
    match seen.stage:
        case Stage.RESOLVE:
            return f"the name server did not answer for {_name(seen)} {within}"
        case Stage.PROXY if seen.connected:
            return f"{_peer(seen)} took the connection, but opened no tunnel to {_server(seen)} {within}"
        case Stage.CONNECT:
            return f"{_peer(seen)} did not answer {within}: no TCP connection{why(seen)}"
        case Stage.TLS:
            return f"{_peer(seen)} took the connection, but did not finish the TLS handshake {within}"
        case Stage.UPGRADE:
            return f"{_peer(seen)} took the connection, but did not answer the WebSocket request {within}"
        case _:
            return f"{_peer(seen)} did not answer {within}"


def _on_closed(seen: Evidence) -> str:
    how = "reset" if seen.os_error == "ECONNRESET" else "ended"
    when = {
        Stage.CONNECT: "before it stood",
        Stage.PROXY: "before it had opened a tunnel",
        Stage.TLS: "during the TLS handshake",
        Stage.UPGRADE: "before it had answered the WebSocket request",
        Stage.FRAMES: "after the WebSocket had opened, before any frame came",
    }.get(seen.stage, "too early")
    return f"the connection to {_peer(seen)} was {how} {when}, {_after(seen)}{why(seen)}"


def _on_http_status(seen: Evidence) -> str:
    status = " ".join(filter(None, (_status(seen), seen.http_reason)))
    extra = "".join(
        f", {header}: {value}"
        for header, value in (("Server", seen.server), ("Retry-After", seen.retry_after))
        if value
    )
    instead = "naming the region's server" if seen.discovery else "opening a WebSocket"
    return f"{_peer(seen)} answered {status} instead of {instead}{extra}"


def _on_untrusted(seen: Evidence) -> str:
    return f"the certificate of {_peer(seen)} is not trusted{why(seen)}: it is signed by {_issuer(seen)}"


def _on_hostname_mismatch(seen: Evidence) -> str:
    issued_to = f" but for {seen.tls.subject}" if seen.tls and seen.tls.subject else ""
    return (
        f"the certificate that {_peer(seen)} shows is not for {seen.host}{issued_to}; it is signed by {_issuer(seen)}"
    )


def _on_expired(seen: Evidence) -> str:
    when = f" on {seen.tls.not_after:%Y-%m-%d}" if seen.tls and seen.tls.not_after else ""
    return f"the certificate of {_peer(seen)} expired{when}; this machine's clock reads {clock(seen)}"


def _on_not_yet_valid(seen: Evidence) -> str:
    return f"the certificate of {_peer(seen)} is not valid yet; this machine's clock reads {clock(seen)}"


def clock(seen: Evidence) -> str:
    """Tell the time that this machine believes it is."""
    return f"{seen.clock:%Y-%m-%d %H:%M} UTC" if seen.clock else "an unknown time"


_MESSAGES: Mapping[Cause, Callable[[Evidence], str]] = {
    Cause.BAD_DISCOVERY: lambda seen: f"{_peer(seen)} did not name the region's server{why(seen)}",
    Cause.DNS_NOT_FOUND: _on_dns_not_found,
    Cause.DNS_FAILED: lambda seen: f"{_name(seen)} could not be looked up{why(seen)}, {_after(seen)}",
    Cause.DNS_BLOCKED: lambda seen: f"{_name(seen)} resolves to {' and '.join(seen.resolved_to) or 'no real address'}",
    Cause.REFUSED: lambda seen: f"{_peer(seen)} refused the connection {_after(seen)}{why(seen)}",
    Cause.UNREACHABLE: lambda seen: f"{_peer(seen)} cannot be reached {_after(seen)}{why(seen)}",
    Cause.BLOCKED_LOCALLY: lambda seen: f"this machine forbids the connection to {_peer(seen)}{why(seen)}",
    Cause.PROXY_AUTH_REQUIRED: lambda seen: f"{_proxy(seen)} wants a login{why(seen)}",
    Cause.PROXY_DENIED: lambda seen: f"{_proxy(seen)} refuses to connect to {_server(seen)}{why(seen)}",
    Cause.PROXY_TARGET_UNREACHABLE: lambda seen: f"{_proxy(seen)} could not reach {_server(seen)}{why(seen)}",
    Cause.PROXY_BAD_ANSWER: lambda seen: (
        f"{_proxy(seen)} did not answer as a proxy{why(seen)}"
        + (f" and sends the client to {seen.location}" if seen.location else "")
    ),
    Cause.PROXY_UNSUPPORTED: lambda seen: f"{_proxy(seen)} cannot be used{why(seen)}",
    Cause.TLS_UNTRUSTED: _on_untrusted,
    Cause.TLS_HOSTNAME_MISMATCH: _on_hostname_mismatch,
    Cause.TLS_EXPIRED: _on_expired,
    Cause.TLS_NOT_YET_VALID: _on_not_yet_valid,
    Cause.TLS_CLIENT_CERTIFICATE_REQUIRED: lambda seen: f"{_peer(seen)} wants a client certificate{why(seen)}",
    Cause.TLS_VERSION: lambda seen: f"{_peer(seen)} offers no TLS version that this machine accepts{why(seen)}",
    Cause.NOT_TLS: lambda seen: f"{_peer(seen)} does not speak TLS on this port{why(seen)}",
    Cause.TLS_FAILED: lambda seen: f"the TLS handshake with {_peer(seen)} failed{why(seen)}",
    Cause.HTTP_STATUS: _on_http_status,
    Cause.REDIRECTED: lambda seen: (
        f"{_peer(seen)} answered {_status(seen)} and "
        + (f"sends the client to {seen.location}" if seen.location else "sends the client on without an address")
    ),
    Cause.BAD_UPGRADE: lambda seen: f"{_peer(seen)} did not answer as a WebSocket server{why(seen)}",
    Cause.NO_PONG: lambda seen: (
        f"the WebSocket to {_peer(seen)} opened, but no frame came back within {_seconds(seen.elapsed)}"
        " (daily-js would call this passed)"
    ),
    Cause.BAD_FRAMES: lambda seen: f"{_peer(seen)} opened the WebSocket and then broke its rules{why(seen)}",
    Cause.TIMEOUT: _on_timeout,
    Cause.CLOSED: _on_closed,
    Cause.LOCAL_LIMIT: lambda seen: f"this machine could not open one more connection{why(seen)}",
    Cause.OUTRUN: lambda seen: f"{_peer(seen)} had not answered {_after(seen)}, when another address did",
    Cause.INTERNAL_ERROR: lambda seen: f"wsconn itself failed{why(seen)}; nothing is known about {_server(seen)}",
}
