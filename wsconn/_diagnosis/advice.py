"""Turns stage, cause and evidence into advice: what to do next, and who should do it.

It begins with what the evidence makes particular (the status, the issuer, the address) and falls back on the cause's
own record in `causes`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

import attrs

from wsconn._diagnosis import certificate_advice as certificate
from wsconn._diagnosis import proxy_advice as proxy
from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn._diagnosis.interceptors import interceptor, runs_here
from wsconn._diagnosis.proxy_advice import server_and_port
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import is_loopback, plain, value

_TIMES = "timeout and total_timeout, at the command line --timeout and --total-timeout"
_ASK = "ask the network's administrator to "
_SHORT_SECONDS = 1.0  # in less time one lost packet is enough: that long TCP waits before it sends again (RFC 6298)
_NO_DISCOVERY = (
    "The address that should name the region's server did not answer as expected; nothing is known yet about WebSocket"
    " from here."
)
_ANOTHER_ANSWER = (
    "Open it in a browser: if a login or block page appears, log in or ask the network's administrator to allow it. If"
    " the service itself answers so, ask its operator for the present address."
)
_NOT_WHAT_WAS_ASKED_FOR = (*range(200, 407), *range(408, 429))  # of discovery; the others say what they mean
_UNKNOWN_NAME = "TLSV1_UNRECOGNIZED_NAME"  # the alert 112, RFC 6066 section 3


def advice_on(cause: Cause, seen: Evidence) -> str:
    """Say what to do next, and who should do it."""
    return plain(marked_advice_on(cause, seen))


def advice_for_any_server(cause: Cause, seen: Evidence) -> str:
    """Say the same with the server left out: it is equal where the same is to be done about several."""
    server = "localhost" if is_loopback(seen.host or "") else "…"
    return advice_on(cause, attrs.evolve(seen, host=server, port=0))


def marked_advice_on(cause: Cause, seen: Evidence) -> str:
    """Say what to do next, with the values in it marked."""
    particular = _ADVICE.get((seen.stage or Stage.DISCOVERY, cause)) or _ADVICE.get(cause)
    advice = (particular(seen) if particular else None) or EXPLANATIONS[cause].advice
    if seen.not_loaded and cause is Cause.TIMEOUT:
        return f"This machine is slow or busy: give the test more time ({_TIMES})."
    if cause in (Cause.TIMEOUT, Cause.NO_PONG) and _had_little_time(seen):
        advice = f"First give it more time ({_TIMES}): it had less than a second. If that does not help: {advice}"
    return f"{_NO_DISCOVERY} {advice}" if seen.discovery else advice


def _had_little_time(seen: Evidence) -> bool:
    return not seen.never_began and (seen.elapsed or 0.0) < _SHORT_SECONDS


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


def _for_tls_cut(seen: Evidence) -> str:
    return (
        "A firewall that filters TLS by the server's name most likely holds the handshake back: ask the network's"
        f" administrator to exempt {server_and_port(seen)} from TLS inspection and filtering. If it is the same"
        " from other networks, the port may speak no TLS: check it with the service's operator."
    )


def _for_upgrade_cut(seen: Evidence) -> str:
    return _inside_tls(seen) or (
        "A proxy or firewall on the way most likely lets HTTP pass and not the upgrade to WebSocket: ask the network's"
        f" administrator to allow WebSocket (HTTP Upgrade) to {server_and_port(seen)}. If the service offers wss,"
        " use that: few devices look into it."
    )


def _inside_tls(seen: Evidence) -> str | None:
    """Say who can have done what was done inside TLS: whoever holds a certificate for the server's name."""
    if seen.scheme != "wss":
        return None
    issuer = (seen.tls and seen.tls.issuer) or ""
    if maker := interceptor(issuer):
        who = "in its settings on this machine" if runs_here(maker) else "from TLS inspection"
        return (
            f"{value(maker)} opens and re-signs TLS on this way, and most likely lets no WebSocket pass:"
            f" {'' if runs_here(maker) else _ASK}exempt {server_and_port(seen)} {who}."
        )
    if not issuer:
        return (
            "Whose certificate it was is not known, as it was not verified: the server's, that of a gateway before it,"
            " or of a proxy that opens TLS. Check the path of the URL, and ask the service's operator and the network's"
            " administrator."
        )
    return (
        f"TLS was agreed with whoever holds the certificate signed by {value(issuer)}: mostly the server itself, or"
        " a gateway before it. Check the path of the URL, and ask the service's operator. If a company's proxy signed"
        f" it, ask the network's administrator to exempt {server_and_port(seen)} from TLS inspection."
    )


def _for_loopback(seen: Evidence) -> str | None:
    address = (seen.address or "").rpartition(":")[0].strip("[]")
    if not is_loopback(address) or is_loopback(seen.host or ""):
        return None
    return (
        f"The name {value(seen.host)} leads to this machine itself ({value(address)}): an entry in its hosts file or"
        " a DNS filter does that. Remove the entry, or ask whoever runs the filter to allow the name."
    )


def _for_not_tls(seen: Evidence) -> str | None:
    if not seen.proxy:
        return None
    return (
        "What came may be the proxy's own words: ask its administrator whether it opens a tunnel to"
        f" {server_and_port(seen)}, or answers itself. If it does open one, check the port, and whether the URL"
        " should begin with ws://."
    )


def _for_tls_failed(seen: Evidence) -> str | None:
    if seen.setting:
        return certificate.for_setting(seen)
    if seen.tls_reason != _UNKNOWN_NAME:
        return None
    return (
        f"What answered does not know the name {value(seen.host)}: check the host name in the URL, and that it leads"
        " to the right machine, with the service's operator."
    )


def _for_dns_not_found(seen: Evidence) -> str | None:
    if not seen.proxy:
        return None
    return (
        "This machine looks the name up, as the proxy's scheme says. If only the proxy knows it, use socks5h:// (or"
        f" socks4a://) in {proxy.source(seen)}; else check the spelling of the host name."
    )


def _for_http_status(seen: Evidence) -> str | None:
    later = (
        f" Wait {value(seen.retry_after)} before the next check."
        if seen.retry_after
        else " Wait before the next check."
    )
    if maker := interceptor((seen.tls and seen.tls.issuer) or "", seen.server):
        return (
            f"{value(maker)} answered in the server's place: ask the network's administrator to allow"
            f" {value(seen.host)} there."
        )
    if seen.discovery and seen.http_status in _NOT_WHAT_WAS_ASKED_FOR:
        return _ANOTHER_ANSWER
    perhaps = "may want a client certificate" if seen.scheme == "wss" else "may want TLS (wss)"
    for statuses, advice in _STATUS_ADVICE:
        if seen.http_status in statuses:
            return advice.format(host=value(seen.host), later=later, perhaps=perhaps)
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
            "The server wants something else than this request: check the URL's path and the headers that it asks for;"
            " it {perhaps}. If all is right, a proxy on the way may drop the Upgrade header: ask the network's"
            " administrator."
        ),
    ),
    (
        (401,),
        (
            "The server, or a gateway before it, wants credentials: ask its operator which headers a check must send"
            " (headers, at the command line --header)."
        ),
    ),
    (
        (403,),
        (
            "Either a firewall blocks the site's category: ask the network's administrator to allow {host}. Or the"
            " server wants credentials: ask its operator which headers a check must send (headers, at the command line"
            " --header)."
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


def _for_redirect(seen: Evidence) -> str:
    """Never send a person to where the peer says: that may be anybody's page."""
    if seen.discovery:
        return _ANOTHER_ANSWER
    if seen.http_status in (302, 303, 307):
        advice = (
            "A portal or block page most likely wants attention: open any web page in a browser, and log in there, or"
            f" ask the network's administrator to allow {value(seen.host)}."
        )
        moved = "If the address that it sends to is the service's own"
    else:
        advice, moved = "The service has moved.", "If the new address is its own"
    return f"{advice} {moved}, take the region's URL from there (it begins with wss://)." if seen.location else advice


_OF_THE_PROXY_ITSELF = (
    *(Cause.DNS_NOT_FOUND, Cause.DNS_FAILED, Cause.DNS_BLOCKED),
    *(Cause.REFUSED, Cause.UNREACHABLE),
)
_ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    (Stage.RESOLVE, Cause.TIMEOUT): _for_name_timeout,
    (Stage.CONNECT, Cause.TIMEOUT): _for_connect_timeout,
    (Stage.CONNECT, Cause.REFUSED): _for_loopback,
    (Stage.TLS, Cause.TIMEOUT): _for_tls_cut,
    (Stage.TLS, Cause.CLOSED): _for_tls_cut,
    (Stage.UPGRADE, Cause.TIMEOUT): _for_upgrade_cut,
    (Stage.UPGRADE, Cause.CLOSED): _for_upgrade_cut,
    Cause.BAD_UPGRADE: _inside_tls,
    Cause.NO_PONG: _inside_tls,
    Cause.BAD_FRAMES: _inside_tls,
    (Stage.FRAMES, Cause.CLOSED): _inside_tls,
    **{(Stage.PROXY, cause): proxy.for_dead_proxy for cause in _OF_THE_PROXY_ITSELF},
    (Stage.PROXY, Cause.TIMEOUT): proxy.for_silent_proxy,
    (Stage.PROXY, Cause.CLOSED): proxy.for_silent_proxy,
    Cause.PROXY_BAD_ANSWER: proxy.for_bad_answer,
    Cause.PROXY_AUTH_REQUIRED: proxy.for_login,
    Cause.PROXY_DENIED: proxy.for_denial,
    Cause.PROXY_TARGET_UNREACHABLE: proxy.for_unreachable_target,
    Cause.PROXY_UNSUPPORTED: proxy.for_unsupported_proxy,
    (Stage.RESOLVE, Cause.DNS_NOT_FOUND): _for_dns_not_found,
    Cause.TLS_FAILED: _for_tls_failed,
    Cause.NOT_TLS: _for_not_tls,
    Cause.TLS_UNTRUSTED: certificate.for_untrusted,
    Cause.TLS_HOSTNAME_MISMATCH: certificate.for_other_name,
    Cause.TLS_EXPIRED: certificate.for_expired,
    Cause.TLS_NOT_YET_VALID: certificate.for_not_yet_valid,
    Cause.HTTP_STATUS: _for_http_status,
    Cause.REDIRECTED: _for_redirect,
}
