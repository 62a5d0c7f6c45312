"""Advice on what came once the server was asked for a WebSocket: the answer, and the first frames."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from wsconn._diagnosis.advice.http_status import ANOTHER_ANSWER, for_http_status
from wsconn._diagnosis.advice.request import offer, on_request
from wsconn._diagnosis.advice.words import SMALLER_PACKETS, server_and_port
from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn._diagnosis.causes.words import fills_packets
from wsconn._diagnosis.interceptors import interceptor, is_authentic, runs_here
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import value

_OLD_PROTOCOL = "The server speaks a draft of the protocol from before RFC 6455, which today's browsers do not speak"
_HEADERS = "headers, at the command line --header"


def _for_upgrade_ended(seen: Evidence) -> str:
    """Advise where the connection was ended: by a server that wants something else, or by what is on the way."""
    if seen.discovery:
        return _for_upgrade_cut(seen)
    cut = _inside_tls(seen) or f"Or a proxy or firewall on the way {_lets_http_pass(seen)}"
    return f"{on_request(seen)} Or it serves nothing at the URL's path: check that. {cut}"


def _for_upgrade_silence(seen: Evidence) -> str:
    """Advise where nothing came.

    TLS may have worked with a large request, since none of what this machine sends for that is so large. Without TLS
    nothing large has come from the server either.
    """
    cut = _for_upgrade_cut(seen)
    if not fills_packets(seen):
        lost = f" Or the server's answer is long, and large packets get lost: {SMALLER_PACKETS}."
        return cut if _inside_tls(seen) else f"{cut}{lost}"
    return (
        f"The request has {value(seen.request_bytes)} bytes, and large packets may get lost on the way: test with"
        f" shorter headers; if that helps, {SMALLER_PACKETS}. If not: {cut}"
    )


def _for_upgrade_cut(seen: Evidence) -> str:
    return _inside_tls(seen) or f"A proxy or firewall on the way most likely {_lets_http_pass(seen)}"


def _lets_http_pass(seen: Evidence) -> str:
    return (
        "lets HTTP pass and not the upgrade to WebSocket: ask the network's administrator to allow WebSocket (HTTP"
        f" Upgrade) to {server_and_port(seen)}. If the service offers wss, use that: few devices look into it."
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
    check = "Ask" if _has_opened(seen) else "Check the path of the URL, and ask"
    if not issuer:
        return (
            "The certificate was not verified, so it may be the server's, or that of a gateway in front of it, or of"
            f" a proxy that opens TLS. {check} the service's operator and the network's administrator."
        )
    return (
        f"The certificate in use is signed by {value(issuer)}: it is usually the server's own, or that of a gateway in"
        f" front of it. {check} the service's operator. If a company's proxy signed it, ask the network's"
        f" administrator to exempt {server_and_port(seen)} from TLS inspection."
    )


def _has_opened(seen: Evidence) -> bool:
    """Whether a WebSocket is served at the path, or the answer means to open one."""
    return seen.stage is Stage.FRAMES or seen.http_status == 101


def _for_redirect(seen: Evidence) -> str:
    """Never send a person to where the peer says, unless it is the same host: that may be anybody's page."""
    if seen.discovery:
        return ANOTHER_ANSWER
    if seen.scheme == "ws" and _leads_to_same_host(seen) and (seen.location or "").lower().startswith("https"):
        return "The service wants TLS: begin the URL with wss://, and check its path with the service's operator."
    if is_authentic(seen.tls):
        return (
            "The service itself sends this check elsewhere. Check the URL's path, and ask its operator for the address"
            f" (it begins with wss://) or for the headers of a login ({_HEADERS})."
        )
    if seen.http_status in (302, 303, 307):
        return _for_portal(seen)
    if _leads_to_same_host(seen):
        return (
            "The server redirects to another path on the same host: check the URL's path with the service's operator."
        )
    moved = "If the new address is its own, take the region's URL from there (it begins with wss://)."
    return f"The service has moved. {moved}" if seen.location else "The service has moved."


def _for_portal(seen: Evidence) -> str:
    portal = (
        "A portal or block page most likely wants attention: open any web page in a browser, and log in there, or"
        f" ask the network's administrator to allow {value(seen.host)}."
    )
    if not seen.location:
        return portal
    if _leads_to_same_host(seen):
        return f"{portal} Or the service itself wants a login, or another path: check both with its operator."
    moved = "If the address that it sends to is the service's own, take the region's URL from there"
    return f"{portal} {moved} (it begins with wss://)."


def _leads_to_same_host(seen: Evidence) -> bool:
    """Whether a redirect stays at the server; a port may be another."""
    location = seen.location or ""
    if location.startswith("/") and not location.startswith("//"):
        return True
    found = re.match(r"(?i)https?://(\[[^\]]*\]|[^/:@]*)(:\d+)?(/|$)", location)
    return found is not None and found[1].strip("[]").lower() == (seen.host or "").strip("[]").lower()


def _for_bad_upgrade(seen: Evidence) -> str | None:
    if seen.speaks_tls:
        return "Let the URL begin with wss://, or check its port with the service's operator."
    if seen.draft_headers:
        return f"{_OLD_PROTOCOL}: ask the service's operator for an update."
    if seen.speaks_http2:
        return (
            "What answers speaks only HTTP/2, which opens a WebSocket in another way (RFC 8441). Check the port in the"
            " URL, and ask the service's operator to enable HTTP/1.1 there too, at the gateway in front of the server"
            " if there is one."
        )
    if seen.subprotocol:
        return offer(seen.subprotocol)
    if seen.extensions:
        browsers = "; browsers, which offer it, may get in" if "permessage-deflate" in seen.extensions else ""
        return (
            f"The server, or a gateway in front of it, uses {value(seen.extensions)} though wsconn offers no"
            f" extension{browsers}. Ask the service's operator to have it used only where a client offers it (RFC"
            " 6455, section 9.1)."
        )
    return _for_wrong_answer(seen)


def _for_wrong_answer(seen: Evidence) -> str | None:
    """Advise where a 101 breaks a rule, or what came is not HTTP."""
    if not is_authentic(seen.tls):
        return _inside_tls(seen)
    if seen.http_status == 101:
        return (
            "The server, or a gateway in front of it, accepts the WebSocket with an answer that RFC 6455 (section"
            " 4.2.2) does not allow: show the message to the service's operator. If the server itself answers rightly,"
            " the gateway rewrites its headers."
        )
    return (
        "What answers is not a WebSocket server: check the host, port and path in the URL with the service's operator."
    )


def _for_no_pong(seen: Evidence) -> str:
    """Advise where nothing came back; a proxy that opens TLS is suspected first."""
    unanswered = (
        "the server is known to answer no ping, give --no-verify-frames (in Python verify_frames=False): then an open"
        " WebSocket is a pass."
    )
    otherwise = _inside_tls(seen) or EXPLANATIONS[Cause.NO_PONG].advice
    if interceptor((seen.tls and seen.tls.issuer) or ""):
        return f"{otherwise} If {unanswered}"
    return f"If {unanswered} If not, something holds the frames back. {otherwise}"


def _for_bad_frames(seen: Evidence) -> str | None:
    if not seen.second_answer:
        return _inside_tls(seen)
    return (
        "The server answered twice, the second time in HTTP: most likely a gateway opens the WebSocket and hands its"
        " frames to a server that takes them for a request. Or the server speaks a protocol from before RFC 6455. Ask"
        " the service's operator to correct that."
    )


def _for_frames_ended(seen: Evidence) -> str | None:
    inside = _inside_tls(seen)
    if seen.discovery:
        return inside
    if inside:
        return f"{on_request(seen)} {inside}"
    return (
        f"{on_request(seen)} If the service offers wss, use that: there an end that the server makes, because nobody"
        f" logged in, is a pass. {EXPLANATIONS[Cause.CLOSED].advice}"
    )


ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    (Stage.UPGRADE, Cause.TIMEOUT): _for_upgrade_silence,
    (Stage.UPGRADE, Cause.CLOSED): _for_upgrade_ended,
    Cause.HTTP_STATUS: for_http_status,
    Cause.REDIRECTED: _for_redirect,
    Cause.BAD_UPGRADE: _for_bad_upgrade,
    Cause.NO_PONG: _for_no_pong,
    Cause.BAD_FRAMES: _for_bad_frames,
    (Stage.FRAMES, Cause.CLOSED): _for_frames_ended,
}
