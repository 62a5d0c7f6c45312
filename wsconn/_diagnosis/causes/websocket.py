"""The causes that begin once the server was asked for a WebSocket: the answer, and the first frames."""

from __future__ import annotations

from collections.abc import Mapping

from wsconn._diagnosis.causes.words import Explanation, body_says, http_status, peer, why, within
from wsconn._outcome import Cause, Evidence
from wsconn._text import value

_UPGRADE_REQUIRED = 426  # of which the header is the point; with others it is mostly ours come back


def _on_http_status(seen: Evidence) -> str:
    line = value(f"HTTP {seen.http_status} {seen.http_reason}") if seen.http_reason else http_status(seen)
    headers = "".join(f", {header}: {value(said)}" for header, said in _headers(seen) if said)
    why = f", {value(seen.error_header)}" if seen.error_header else ""
    instead = "naming the region's server" if seen.discovery else "opening a WebSocket"
    return f"{peer(seen)} answered {line} instead of {instead}{headers}{why}{body_says(seen)}"


def _headers(seen: Evidence) -> tuple[tuple[str, str | None], ...]:
    return (
        ("Server", seen.server),
        ("Via", seen.via),
        ("Retry-After", seen.retry_after),
        ("Sec-WebSocket-Protocol", seen.subprotocol),
        ("Sec-WebSocket-Version", seen.websocket_versions),
        ("X-WebSocket-Reject-Reason", seen.reject_reason),
        ("WWW-Authenticate", seen.login_challenge),
        ("Access-Control-Allow-Origin", seen.allowed_origin if seen.allowed_origin != "*" else None),
        ("Upgrade", seen.upgrade_to if seen.http_status == _UPGRADE_REQUIRED else None),
        (seen.bot_check_header or "cf-mitigated", seen.bot_check),
        ("proxy's error", seen.proxy_error),
    )


def _on_redirect(seen: Evidence) -> str:
    where = f"to {value(seen.location)}" if seen.location else "on without an address"
    return f"{peer(seen)} answered {http_status(seen)} and sends the client {where}"


def _on_bad_upgrade(seen: Evidence) -> str:
    tls = "it speaks TLS: the URL should begin with wss://" if seen.speaks_tls else None
    return f"{peer(seen)} did not answer as a WebSocket server{why(seen, tls)}"


def _on_bad_frames(seen: Evidence) -> str:
    again = f"another answer in HTTP followed: {value(seen.second_answer)}" if seen.second_answer else None
    return f"{peer(seen)} opened the WebSocket and then broke its rules{why(seen, again)}"


def _on_no_pong(seen: Evidence) -> str:
    silence = f"the WebSocket to {peer(seen)} opened, but no frame came back {within(seen)}"
    return f"{silence} (daily-js would call this passed)"


CAUSES: Mapping[Cause, Explanation] = {
    Cause.HTTP_STATUS: Explanation(
        meaning="The request for a WebSocket was answered with an ordinary HTTP status.",
        origin="A portal, proxy, firewall or gateway answered in the server's place, or the server itself said no.",
        advice=(
            "Send the Origin, the subprotocol and the headers that the service wants (--origin, --subprotocol,"
            " --header). If that changes nothing, show the status to the service's operator, and without verified TLS"
            " to the network's administrator."
        ),
        message=_on_http_status,
        phrase="the answer is an ordinary HTTP status",
    ),
    Cause.REDIRECTED: Explanation(
        meaning="The request for a WebSocket was answered with a redirect, which wsconn never follows.",
        origin="A portal wants a login, a proxy shows a block page, or the service has moved.",
        advice=(
            "Open any web page in a browser: if a login or block page appears, log in or ask the network's"
            " administrator. If the redirect leads to the same service, take the region's URL (wss://) from there."
        ),
        message=_on_redirect,
        phrase="the answer is a redirect",
    ),
    Cause.BAD_UPGRADE: Explanation(
        meaning="The answer to the request for a WebSocket breaks the rules of the upgrade (RFC 6455, section 4).",
        origin="Not a WebSocket server, or a proxy on the way that rewrites or drops headers.",
        advice=(
            "Check host, port and path of the URL, and ask the service's operator. Without TLS (ws), ask the network's"
            " administrator whether a proxy on the way rewrites HTTP; wss mostly avoids that."
        ),
        message=_on_bad_upgrade,
        phrase="the answer breaks the rules of the upgrade",
    ),
    Cause.NO_PONG: Explanation(
        meaning="The WebSocket opened, and then no frame came back.",
        origin="A proxy or firewall lets the upgrade pass and holds the frames back, or buffers them.",
        advice=(
            "Ask the network's administrator to exempt the host from HTTP inspection and buffering: WebSocket frames"
            " must pass both ways without delay."
        ),
        message=_on_no_pong,
        phrase="the WebSocket opens, but no frame comes back",
    ),
    Cause.BAD_FRAMES: Explanation(
        meaning="The WebSocket opened, and then came bytes that are no WebSocket frame (RFC 6455, section 5).",
        origin="A proxy on the way alters the stream or adds to it, or the server is faulty.",
        advice=(
            "If the service offers wss, use that: nobody on the way can alter it. If it is the same there, or from"
            " other networks, the server is faulty: tell the service's operator. If not, ask the network's"
            " administrator whether a proxy on the way alters the traffic to this host."
        ),
        message=_on_bad_frames,
        phrase="the WebSocket opens, but what comes is no WebSocket frame",
    ),
}
