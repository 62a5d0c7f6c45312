"""Advice on what came once the server was asked for a WebSocket: the answer, and the first frames."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

from wsconn._diagnosis.advice.words import server_and_port
from wsconn._diagnosis.interceptors import interceptor, runs_here
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import value

_ANOTHER_ANSWER = (
    "Open it in a browser: if a login or block page appears, log in or ask the network's administrator to allow it. If"
    " the service itself answers so, ask its operator for the present address."
)
_NOT_WHAT_WAS_ASKED_FOR = (*range(200, 407), *range(408, 429))  # of discovery; the others say what they mean


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
        opens = f"{value(maker)} opens and re-signs TLS on this way, and most likely lets no WebSocket pass:"
        if runs_here(maker):
            return f"{opens} exempt {server_and_port(seen)} in its settings, mostly on this machine."
        return f"{opens} ask the network's administrator to exempt {server_and_port(seen)} from TLS inspection."
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


ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    (Stage.UPGRADE, Cause.TIMEOUT): _for_upgrade_cut,
    (Stage.UPGRADE, Cause.CLOSED): _for_upgrade_cut,
    Cause.HTTP_STATUS: _for_http_status,
    Cause.REDIRECTED: _for_redirect,
    Cause.BAD_UPGRADE: _inside_tls,
    Cause.NO_PONG: _inside_tls,
    Cause.BAD_FRAMES: _inside_tls,
    (Stage.FRAMES, Cause.CLOSED): _inside_tls,
}
