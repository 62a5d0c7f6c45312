"""Advice on an HTTP status in place of a WebSocket.

Over verified TLS it is the service's own answer, or that of a gateway of its operator's. Without that it may be from
anybody on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from wsconn._diagnosis.advice.gateways import is_told_by_status, on_gateway, on_possible_gateway
from wsconn._diagnosis.advice.request import on_request
from wsconn._diagnosis.interceptors import interceptor, is_authentic, runs_here
from wsconn._outcome import Evidence
from wsconn._text import value

ANOTHER_ANSWER = (
    "Open it in a browser: if a login or block page appears, log in or ask the network's administrator to allow it. If"
    " the service itself answers so, ask its operator for the present address."
)
_NOT_WHAT_WAS_ASKED_FOR = (*range(200, 407), *range(408, 429))  # of discovery; the others say what they mean
_HEADERS = "ask its operator which headers a check must send (headers, at the command line --header)"
_OUR_VERSION = "13"  # RFC 6455, section 4.1
_WHERE_IT_FAILED = (  # of servers that have the same status for it
    "Or the application failed before it took the WebSocket: the service's operator finds that in its log."
)
_OF_AN_INTERCEPTOR = (*range(200, 300), 403, 407, 426, 505, 511)  # the others it passes on
_OF_A_CLIENT = (*range(400, 407), *range(408, 426), 500, 501, 502)  # with which servers say what a request lacks


def for_http_status(seen: Evidence) -> str:
    """Say what to do about a status, and who should do it."""
    maker = _maker(seen)
    if maker and (seen.http_status in _OF_AN_INTERCEPTOR or interceptor("", seen.server)):
        return _by_interceptor(seen, maker)
    if seen.discovery and seen.http_status in _NOT_WHAT_WAS_ASKED_FOR:
        return ANOTHER_ANSWER
    if seen.bot_check:
        return _on_bot_check(seen)
    if seen.websocket_versions and _OUR_VERSION not in seen.websocket_versions.replace(" ", "").split(","):
        return (
            f"The server does not speak version {_OUR_VERSION} of the protocol (RFC 6455), as browsers and wsconn do:"
            " ask the service's operator for an update."
        )
    if seen.subprotocol and not (seen.subprotocols_offered or seen.discovery) and seen.http_status in _OF_A_CLIENT:
        return _sentences(on_request(seen), "If that changes nothing, show the answer to the service's operator.")
    particular = next((advice for statuses, advice in _BY_STATUS if seen.http_status in statuses), _on_another)
    return _sentences(*particular(seen))


def _sentences(*said: str | None) -> str:
    """Join what there is to say; what comes first is no alternative to anything."""
    whole = " ".join(filter(None, said))
    return whole[3:4].upper() + whole[4:] if whole.startswith("Or ") else whole


def _maker(seen: Evidence) -> str | None:
    """Name who opens TLS on the way, or answers without it."""
    if is_authentic(seen.tls):
        return None
    return interceptor((seen.tls and seen.tls.issuer) or "", seen.server)


def _by_interceptor(seen: Evidence, maker: str) -> str:
    """Advise where the answer may be the server's, which a product on the way has passed on, or the product's own."""
    ask = f"ask the network's administrator to allow {value(seen.host)} there."
    if runs_here(maker):
        ask = f"allow {value(seen.host)} in its settings, mostly on this machine."
    if interceptor("", seen.server) or seen.http_status != 403:
        return f"{value(maker)} answered in the server's place: {ask}"
    opens = f"Or {value(maker)}, which opens TLS on this way, answered in the server's place: {ask}"
    return _sentences(on_request(seen), opens)


def _on_bot_check(seen: Evidence) -> str:
    what = f" (cf-mitigated: {value(seen.bot_check)})" if seen.bot_check else ""
    return (
        f"Cloudflare before the server takes this check for a bot{what}: ask the service's operator to let it pass, or"
        " send a browser's User-Agent (headers, at the command line --header)."
    )


def _on_success(seen: Evidence) -> tuple[str | None, ...]:
    if is_authentic(seen.tls):
        what = "nothing is served there" if seen.body_empty else "what is served there is no WebSocket"
        caddy = "A gateway that has no route for them answers so, Caddy for one." if seen.body_empty else None
        return f"Check the URL's path and host with the service's operator: {what}.", caddy
    log_in = (
        "answered in the server's place: open a web page in a browser and log in, or ask the network's administrator to"
        f" allow {value(seen.host)}."
    )
    if seen.body_empty:
        check = "Check the URL's path and host with the service's operator: nothing is served there."
        return check, f"Or a portal or block page {log_in}"
    shown = "If a browser shows the service itself, check the URL's path."
    return f"A portal or block page most likely {log_in}", shown


def _on_bad_request(seen: Evidence) -> tuple[str | None, ...]:
    perhaps = "may want a client certificate" if seen.scheme == "wss" else "may want TLS (wss)"
    check = f"Check the URL's path, too, and the headers that the server asks for; it {perhaps}."
    return on_request(seen), check, on_possible_gateway(seen)


def _on_unauthorized(seen: Evidence) -> tuple[str | None, ...]:
    return on_request(seen), f"Or the server, or a gateway before it, wants credentials: {_HEADERS}."


def _on_forbidden(seen: Evidence) -> tuple[str | None, ...]:
    bot = None
    if not seen.own_user_agent and not seen.discovery:
        who = "Cloudflare before the server" if "cloudflare" in (seen.server or "").lower() else "a gateway"
        bot = f"Or {who} takes this check for a bot: send a browser's User-Agent (--header), or ask the operator."
    firewall = f"Or a firewall blocks the site's category: ask the network's administrator to allow {value(seen.host)}."
    return (
        on_request(seen),
        bot if "Cloudflare" in (bot or "") else None,
        on_possible_gateway(seen) if is_told_by_status(seen) else None,
        f"Or the server wants credentials: {_HEADERS}.",
        bot if "Cloudflare" not in (bot or "") else None,
        _WHERE_IT_FAILED if "granian" in (seen.server or "").lower() else None,
        None if is_authentic(seen.tls) else firewall,
    )


def _on_not_found(seen: Evidence) -> tuple[str | None, ...]:
    return (
        "The server knows no WebSocket at this path: check it with the service's operator.",
        on_possible_gateway(seen) if is_told_by_status(seen) else None,
        f"If the path is right, {request[0].lower()}{request[1:]}" if (request := on_request(seen)) else None,
    )


def _on_proxy_login(seen: Evidence) -> tuple[str | None, ...]:
    if is_authentic(seen.tls):
        return ("The URL leads to what answers as a proxy: check its host and port with the service's operator.",)
    ask = "ask the network's administrator for its address and put it, with user name and password, into the settings."
    return "A proxy that this program was not told of stands on the way and wants a login:", ask


def _on_lost_upgrade(seen: Evidence) -> tuple[str | None, ...]:
    return (on_gateway(seen),)


def _on_too_many(seen: Evidence) -> tuple[str | None, ...]:
    return "The server has had too many checks from here.", _later(seen)


def _on_fault(seen: Evidence) -> tuple[str | None, ...]:
    lacking = on_request(seen) if seen.http_status in _OF_A_CLIENT else None
    faulty = "Or the server, or a gateway before it, is faulty: tell the service's operator."
    return lacking, faulty, _elsewhere(seen)


def _on_bad_gateway(seen: Evidence) -> tuple[str | None, ...]:
    down = "Or the server behind the gateway is down, or ends the connection: tell the service's operator."
    return on_request(seen), down, _elsewhere(seen)


def _on_unavailable(seen: Evidence) -> tuple[str | None, ...]:
    down = "The server, or the one behind a gateway, is down or overloaded, or has had too many checks."
    return down, _later(seen), "If it stays so, tell the service's operator.", _elsewhere(seen)


def _on_gateway_timeout(seen: Evidence) -> tuple[str | None, ...]:
    return (
        "The gateway could not reach the server behind it, or got no answer: tell the service's operator.",
        _elsewhere(seen),
    )


def _on_portal(seen: Evidence) -> tuple[str | None, ...]:
    return _on_fault(seen) if is_authentic(seen.tls) else _on_success(seen)


def _on_another(seen: Evidence) -> tuple[str | None, ...]:
    administrator = "" if is_authentic(seen.tls) else " and to the network's administrator"
    return (
        on_request(seen) if seen.http_status in _OF_A_CLIENT else None,
        f"Show the status to the service's operator{administrator}.",
    )


def _later(seen: Evidence) -> str:
    return f"Wait{f' {value(seen.retry_after)}' if seen.retry_after else ''} before the next check."


def _elsewhere(seen: Evidence) -> str | None:
    if is_authentic(seen.tls):
        return None
    return "If other networks reach it, ask the network's administrator about a proxy on the way."


_BY_STATUS: tuple[tuple[Container[int | None], Callable[[Evidence], tuple[str | None, ...]]], ...] = (
    (range(200, 300), _on_success),
    ((400,), _on_bad_request),
    ((401,), _on_unauthorized),
    ((403,), _on_forbidden),
    ((404, 410), _on_not_found),
    ((407,), _on_proxy_login),
    ((426, 505), _on_lost_upgrade),
    ((429,), _on_too_many),
    ((502,), _on_bad_gateway),
    ((503,), _on_unavailable),
    ((504, *range(520, 528), 530), _on_gateway_timeout),  # from 520 on Cloudflare's own
    ((511,), _on_portal),
    (range(500, 600), _on_fault),
)
