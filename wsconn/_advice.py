"""Turns stage, cause and evidence into the two things a person reads: what was seen, and what to do about it.

A message states facts only. Advice says who should do what. It begins with what the evidence makes particular (the
status, the issuer, the address) and falls back on the cause's own entry in `_causes`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Container, Mapping

from wsconn._causes import EXPLANATIONS
from wsconn._evidence import Evidence
from wsconn._outcome import Cause, Stage
from wsconn._shown import host_port

# Makers of products that open and re-sign TLS, as they call themselves in the certificates they issue.
_INTERCEPTORS = (
    *("Avast", "AVG", "Barracuda", "Bitdefender", "Blue Coat", "Check Point", "Cisco", "Cloudflare Gateway"),
    *("ContentKeeper", "ESET", "Forcepoint", "FortiGate", "Fortinet", "iboss", "Kaspersky", "Lightspeed", "McAfee"),
    *("Menlo", "mitmproxy", "Netskope", "Norton", "Palo Alto", "Securly", "Skyhigh", "Smoothwall", "SonicWall"),
    *("Sophos", "Symantec", "Untangle", "WatchGuard", "Zscaler"),
)
_NO_DISCOVERY = (
    "The address that should name the region's server did not answer as expected; nothing is known yet about WebSocket"
    " from here."
)
_STRICT_CHECKS = range(80, 95)  # X509_V_ERR_* that VERIFY_X509_STRICT alone raises, OpenSSL x509_vfy.h
_SELF_SIGNED = (18, 19)  # the leaf itself; a root in its chain


def message_on(cause: Cause | None, seen: Evidence) -> str:
    """Say in one line what was seen; no cause means that it worked."""
    message = _MESSAGES[cause](seen) if cause else f"{_peer(seen)} answered as it should, {_after(seen)}"
    return f"while asking {seen.discovery} for the region's URL: {message}" if seen.discovery else message


def advice_on(cause: Cause, seen: Evidence) -> str:
    """Say what to do next, and who should do it."""
    particular = _ADVICE.get((seen.stage, cause)) or _ADVICE.get(cause)
    advice = (particular(seen) if particular else None) or EXPLANATIONS[cause].advice
    return f"{_NO_DISCOVERY} {advice}" if seen.discovery else advice


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


def _why(seen: Evidence, *, otherwise: str = "") -> str:
    said = ", ".join(part for part in (seen.os_error, seen.detail) if part)
    return f" ({said})" if said else otherwise


def _issuer(seen: Evidence) -> str:
    return (seen.tls and seen.tls.issuer) or "an authority that could not be learned"


# --- messages ----------------------------------------------------------------------------------------------------


def _on_dns_not_found(seen: Evidence) -> str:
    what = "has no address" if seen.os_error in ("EAI_NODATA", "EAI_ADDRFAMILY") else "does not exist"
    return f"{_name(seen)} {what}{_why(seen)}, {_after(seen)}"


def _on_timeout(seen: Evidence) -> str:
    if not seen.began:
        return f"not begun: the whole test's time (total_timeout) was over before {seen.host}'s turn came"
    within = f"within {_seconds(seen.elapsed)}"
    match seen.stage:
        case Stage.RESOLVE:
            return f"the name server did not answer for {_name(seen)} {within}"
        case Stage.PROXY if seen.connected:
            return f"{_peer(seen)} took the connection, but opened no tunnel to {_server(seen)} {within}"
        case Stage.CONNECT:
            return f"{_peer(seen)} did not answer {within}: no TCP connection{_why(seen)}"
        case Stage.TLS:
            return f"{_peer(seen)} took the connection, but did not finish the TLS handshake {within}"
        case Stage.UPGRADE:
            return f"{_peer(seen)} took the connection, but did not answer the WebSocket request {within}"
        case _:
            return f"{_peer(seen)} did not answer {within}"


def _on_closed(seen: Evidence) -> str:
    how = "reset" if seen.os_error in ("ECONNRESET", "WSAECONNRESET") else "ended"
    when = {
        Stage.CONNECT: "before it stood",
        Stage.PROXY: "before it had opened a tunnel",
        Stage.TLS: "during the TLS handshake",
        Stage.UPGRADE: "before it had answered the WebSocket request",
        Stage.FRAMES: "after the WebSocket had opened, before any frame came",
    }.get(seen.stage, "too early")
    return f"the connection to {_peer(seen)} was {how} {when}, {_after(seen)}{_why(seen)}"


def _on_http_status(seen: Evidence) -> str:
    status = " ".join(filter(None, (_status(seen), seen.http_reason)))
    extra = "".join(
        f", {header}: {value}"
        for header, value in (("Server", seen.server), ("Retry-After", seen.retry_after))
        if value
    )
    return f"{_peer(seen)} answered {status} instead of opening a WebSocket{extra}"


def _on_untrusted(seen: Evidence) -> str:
    return f"the certificate of {_peer(seen)} is not trusted{_why(seen)}: it is signed by {_issuer(seen)}"


def _on_hostname_mismatch(seen: Evidence) -> str:
    issued_to = f" but for {seen.tls.subject}" if seen.tls and seen.tls.subject else ""
    return (
        f"the certificate that {_peer(seen)} shows is not for {seen.host}{issued_to}; it is signed by {_issuer(seen)}"
    )


def _on_expired(seen: Evidence) -> str:
    when = f" on {seen.tls.not_after:%Y-%m-%d}" if seen.tls and seen.tls.not_after else ""
    return f"the certificate of {_peer(seen)} expired{when}; this machine's clock reads {_clock(seen)}"


def _on_not_yet_valid(seen: Evidence) -> str:
    return f"the certificate of {_peer(seen)} is not valid yet; this machine's clock reads {_clock(seen)}"


def _clock(seen: Evidence) -> str:
    return f"{seen.clock:%Y-%m-%d %H:%M} UTC" if seen.clock else "an unknown time"


_MESSAGES: Mapping[Cause, Callable[[Evidence], str]] = {
    Cause.BAD_DISCOVERY: lambda seen: f"{_peer(seen)} did not name the region's server{_why(seen)}",
    Cause.DNS_NOT_FOUND: _on_dns_not_found,
    Cause.DNS_FAILED: lambda seen: f"{_name(seen)} could not be looked up{_why(seen)}, {_after(seen)}",
    Cause.DNS_BLOCKED: lambda seen: f"{_name(seen)} resolves to {seen.detail or 'no real address'}",
    Cause.REFUSED: lambda seen: f"{_peer(seen)} refused the connection {_after(seen)}{_why(seen)}",
    Cause.UNREACHABLE: lambda seen: f"{_peer(seen)} cannot be reached {_after(seen)}{_why(seen)}",
    Cause.BLOCKED_LOCALLY: lambda seen: f"this machine forbids the connection to {_peer(seen)}{_why(seen)}",
    Cause.PROXY_AUTH_REQUIRED: lambda seen: f"{_proxy(seen)} wants a login{_why(seen)}",
    Cause.PROXY_DENIED: lambda seen: f"{_proxy(seen)} refuses to connect to {_server(seen)}{_why(seen)}",
    Cause.PROXY_TARGET_UNREACHABLE: lambda seen: f"{_proxy(seen)} could not reach {_server(seen)}{_why(seen)}",
    Cause.PROXY_BAD_ANSWER: lambda seen: f"{_proxy(seen)} did not answer as a proxy{_why(seen)}",
    Cause.PROXY_UNSUPPORTED: lambda seen: f"{_proxy(seen)} cannot be used{_why(seen)}",
    Cause.TLS_UNTRUSTED: _on_untrusted,
    Cause.TLS_HOSTNAME_MISMATCH: _on_hostname_mismatch,
    Cause.TLS_EXPIRED: _on_expired,
    Cause.TLS_NOT_YET_VALID: _on_not_yet_valid,
    Cause.TLS_CLIENT_CERTIFICATE_REQUIRED: lambda seen: f"{_peer(seen)} wants a client certificate{_why(seen)}",
    Cause.TLS_VERSION: lambda seen: f"{_peer(seen)} offers no TLS version that this machine accepts{_why(seen)}",
    Cause.NOT_TLS: lambda seen: f"{_peer(seen)} does not speak TLS on this port{_why(seen)}",
    Cause.TLS_FAILED: lambda seen: f"the TLS handshake with {_peer(seen)} failed{_why(seen)}",
    Cause.HTTP_STATUS: _on_http_status,
    Cause.REDIRECTED: lambda seen: (
        f"{_peer(seen)} answered {_status(seen)} and sends the client to {seen.location or 'nowhere'}"
    ),
    Cause.BAD_UPGRADE: lambda seen: f"{_peer(seen)} did not answer as a WebSocket server{_why(seen)}",
    Cause.NO_PONG: lambda seen: (
        f"the WebSocket to {_peer(seen)} opened, but no frame came back within {_seconds(seen.elapsed)}"
        " (daily-js would call this passed)"
    ),
    Cause.BAD_FRAMES: lambda seen: f"{_peer(seen)} opened the WebSocket and then sent what is no frame{_why(seen)}",
    Cause.TIMEOUT: _on_timeout,
    Cause.CLOSED: _on_closed,
    Cause.LOCAL_LIMIT: lambda seen: f"this machine could not open one more connection{_why(seen)}",
    Cause.OUTRUN: lambda seen: f"{_peer(seen)} had not answered {_after(seen)}, when another address did",
    Cause.INTERNAL_ERROR: lambda seen: f"wsconn itself failed{_why(seen)}; nothing is known about {_server(seen)}",
}


# --- advice where the evidence tells more than the cause ------------------------------------------------------------


def _for_name_timeout(seen: Evidence) -> str | None:
    if not seen.began:
        return "Give the whole test more time (total_timeout) or more threads (max_workers)."
    return (
        "The name server does not answer: check that this machine is online, and have the network's administrator check"
        " the DNS server that it uses."
    )


def _for_connect_timeout(seen: Evidence) -> str | None:
    return _for_loopback(seen) or (
        "A firewall most likely drops the packets: ask the network's administrator to allow outgoing TCP to"
        f" {seen.host} port {seen.port}."
    )


def _for_tls_cut(seen: Evidence) -> str:
    return (
        "A firewall that filters TLS by the server's name most likely holds the handshake back: ask the network's"
        f" administrator to exempt {seen.host} port {seen.port} from TLS inspection and filtering. If it is the same"
        " from other networks, tell the service's operator."
    )


def _for_upgrade_cut(seen: Evidence) -> str:
    wss = "" if seen.scheme == "wss" else " If the service offers wss, use that: few devices look into it."
    return (
        "A proxy or firewall on the way most likely lets HTTP pass and not the upgrade to WebSocket: ask the network's"
        f" administrator to allow WebSocket (HTTP Upgrade) to {seen.host} port {seen.port}.{wss}"
    )


def _for_loopback(seen: Evidence) -> str | None:
    if seen.host == "localhost" or _is_address(seen.host) or not seen.address:
        return None
    address = seen.address.rpartition(":")[0].strip("[]")
    if not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return None
    return (
        f"The name {seen.host} leads to this machine itself ({address}): an entry in its hosts file or a DNS filter"
        " does that. Remove the entry, or ask whoever runs the filter to allow the name."
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _for_dead_proxy(seen: Evidence) -> str:
    return (
        f"This is about the proxy and not about the region: check host and port in {_named_by(seen)}, and"
        " ask the network's administrator whether it is up and which one to use from here."
    )


def _for_silent_proxy(seen: Evidence) -> str:
    if not seen.connected:
        return _for_dead_proxy(seen)
    return (
        f"The proxy is there. Ask its administrator to try {seen.host} port {seen.port} from the proxy itself: a"
        " firewall behind it may drop the connection, or its name server may not answer."
    )


def _named_by(seen: Evidence) -> str:
    return (seen.proxy or "").rpartition(" (from ")[2].rstrip(")") or "the settings"


def _for_proxy_login(seen: Evidence) -> str | None:
    offered = (seen.detail or "").casefold()
    if any(scheme in offered for scheme in ("ntlm", "negotiate")) and "basic" not in offered:
        return (
            "The proxy wants NTLM or Kerberos, which wsconn does not speak. Run a local helper that does (Px or CNTLM)"
            f" and name that as the proxy in {_named_by(seen)}, or ask the network's administrator for a way without."
        )
    return (
        f"Put a right user name and password into {_named_by(seen)} (http://user:password@host:port, special characters"
        " percent-encoded), or ask the network's administrator for them."
    )


def _for_proxy_denial(seen: Evidence) -> str:
    return f"Ask the proxy's administrator to allow CONNECT to {seen.host} port {seen.port}."


def _for_proxy_behind(seen: Evidence) -> str:
    return f"The proxy itself works. Ask its administrator to try {seen.host} port {seen.port} from the proxy."


def _for_unsupported_proxy(seen: Evidence) -> str | None:
    if "pip install" in (seen.detail or ""):
        return f'Install SOCKS support (pip install "wsconn[socks]"), or name an http:// proxy in {_named_by(seen)}.'
    return f"Set {_named_by(seen)} to the URL of an http or socks5h proxy, or to nothing for a direct way."


def _for_untrusted(seen: Evidence) -> str | None:
    issuer = (seen.tls and seen.tls.issuer) or ""
    if seen.verify_code in _STRICT_CHECKS:
        return (
            f"The authority's certificate breaks a formal rule{_why(seen)} that Python 3.13 and newer insist on. Ask"
            " its owner, mostly the company's proxy administrator, for a corrected one; until then give an ssl_context"
            " whose verify_flags lack ssl.VERIFY_X509_STRICT."
        )
    for maker in _INTERCEPTORS:
        if maker.casefold() in issuer.casefold():
            return (
                f"{maker} opens and re-signs TLS on this way. Ask the network's administrator to exempt {seen.host}"
                " from TLS inspection, or to install their root certificate on this machine."
            )
    if seen.verify_code in _SELF_SIGNED:
        return (
            "The certificate is signed by no public authority: a company's proxy, a router, a portal or a test server"
            " does that. Ask the network's administrator whose it is; if it is meant to be there, have its root"
            " certificate installed on this machine."
        )
    return None


def _for_not_yet_valid(seen: Evidence) -> str:
    return f"This machine's clock reads {_clock(seen)}. If that is wrong, set it, and have it kept by a time server."


def _for_http_status(seen: Evidence) -> str | None:
    later = f" Wait {seen.retry_after} before the next check." if seen.retry_after else " Wait before the next check."
    for statuses, advice in _STATUS_ADVICE:
        if seen.http_status in statuses:
            return advice.format(host=seen.host, later=later)
    return None


_STATUS_ADVICE: tuple[tuple[Container[int], str], ...] = (
    (
        (200, 511),
        (
            "A portal or block page most likely answered in the server's place: open a web page in a browser and log"
            " in, or ask the network's administrator to allow {host}. If a browser shows the service itself, check the"
            " URL's path."
        ),
    ),
    (
        (400, 426),
        (
            "The server wants something else than this request: check the URL's path and the headers that it asks for."
            " If they are right, a proxy on the way may drop the Upgrade header: ask the network's administrator."
        ),
    ),
    (
        (401, 403),
        (
            "Either a firewall blocks the site's category: ask the network's administrator to allow {host}. Or the"
            " server wants credentials: ask its operator which headers a check must send."
        ),
    ),
    ((404, 410), "The server knows no WebSocket at this path: ask the service's operator for the right one."),
    (
        (407,),
        (
            "A proxy that this program was not told of stands on the way and wants a login: ask the network's"
            " administrator for its address and put it, with user name and password, into the settings."
        ),
    ),
    ((429,), "The server has had too many checks from here.{later}"),
    (
        (503,),
        (
            "The server, or a gateway before it, is overloaded or has had too many checks.{later} If it stays so, tell"
            " the service's operator."
        ),
    ),
    (
        range(500, 600),
        (
            "The server, or a gateway before it, is faulty: tell the service's operator. If other networks reach it,"
            " ask the network's administrator about a proxy on the way."
        ),
    ),
)


def _for_redirect(seen: Evidence) -> str | None:
    if seen.http_status in (302, 303, 307):
        return (
            f"A portal or block page most likely wants attention: open {seen.location or 'a web page'} in a browser,"
            f" log in or ask the network's administrator to allow {seen.host}. If that address is the service's own,"
            " put it into the URL."
        )
    return f"The service has moved: if {seen.location or 'the new address'} is its own, put that into the URL."


_OF_THE_PROXY_ITSELF = (
    *(Cause.DNS_NOT_FOUND, Cause.DNS_FAILED, Cause.DNS_BLOCKED),
    *(Cause.REFUSED, Cause.UNREACHABLE, Cause.PROXY_BAD_ANSWER),
)
_ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    (Stage.RESOLVE, Cause.TIMEOUT): _for_name_timeout,
    (Stage.CONNECT, Cause.TIMEOUT): _for_connect_timeout,
    (Stage.CONNECT, Cause.REFUSED): _for_loopback,
    (Stage.TLS, Cause.TIMEOUT): _for_tls_cut,
    (Stage.TLS, Cause.CLOSED): _for_tls_cut,
    (Stage.UPGRADE, Cause.TIMEOUT): _for_upgrade_cut,
    (Stage.UPGRADE, Cause.CLOSED): _for_upgrade_cut,
    **{(Stage.PROXY, cause): _for_dead_proxy for cause in _OF_THE_PROXY_ITSELF},
    (Stage.PROXY, Cause.TIMEOUT): _for_silent_proxy,
    (Stage.PROXY, Cause.CLOSED): _for_silent_proxy,
    Cause.PROXY_AUTH_REQUIRED: _for_proxy_login,
    Cause.PROXY_DENIED: _for_proxy_denial,
    Cause.PROXY_TARGET_UNREACHABLE: _for_proxy_behind,
    Cause.PROXY_UNSUPPORTED: _for_unsupported_proxy,
    Cause.TLS_UNTRUSTED: _for_untrusted,
    Cause.TLS_NOT_YET_VALID: _for_not_yet_valid,
    Cause.HTTP_STATUS: _for_http_status,
    Cause.REDIRECTED: _for_redirect,
}
