"""Advice on an HTTP status in place of a WebSocket.

Over verified TLS it is the service's own answer, or that of a gateway of its operator's. Without that it may be from
anybody on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Container

from wsconn._diagnosis.advice.gateways import is_named, is_told_by_status, on_gateway, on_possible_gateway
from wsconn._diagnosis.advice.request import names_another, on_request
from wsconn._diagnosis.bot_checks import who_checks, who_may_check
from wsconn._diagnosis.interceptors import interceptor, is_authentic, runs_here
from wsconn._outcome import Evidence
from wsconn._text import value

ANOTHER_ANSWER = (
    "Open it in a browser: if a login or block page appears, log in or ask the network's administrator to allow it. If"
    " the service itself answers so, ask its operator for the present address."
)
_NOT_WHAT_WAS_ASKED_FOR = (*range(200, 407), *range(408, 429))  # of discovery; the others say what they mean
_HEADERS = (
    "ask its operator which headers a check must send (headers, at the command line --header), or which query the URL"
    " needs"
)
_OUR_VERSION = "13"  # RFC 6455, section 4.1
_WHERE_IT_FAILED = (  # of servers that have the same status for it
    "Or the application failed before it took the WebSocket: the service's operator finds that in its log."
)
# Starlette 1.10.0, and FastAPI with it, answers so a path that it does not know and a parameter that is missing.
_UNKNOWN_PLACE = (
    "Or there is no WebSocket at the URL's path, or the query lacks a parameter: check both with the operator."
)
_OF_AN_INTERCEPTOR = (*range(200, 300), 403, 407, 426, 505, 511)  # the others it passes on
_OF_A_CLIENT = (*range(400, 407), *range(408, 426), 500, 501, 502)  # with which servers say what a request lacks


def for_http_status(seen: Evidence) -> str:
    """Say what to do about a status, and who should do it."""
    maker = _maker(seen)
    if maker and (seen.http_status in _OF_AN_INTERCEPTOR or interceptor("", seen.server)):
        return _by_interceptor(seen, maker)
    if _is_by_squid(seen):
        return _by_squid(seen)
    if seen.discovery and seen.http_status in _NOT_WHAT_WAS_ASKED_FOR:
        return ANOTHER_ANSWER
    if seen.bot_check:
        return _on_bot_check(seen)
    if seen.websocket_versions and _OUR_VERSION not in seen.websocket_versions.replace(" ", "").split(","):
        return (
            f"The server does not speak version {_OUR_VERSION} of the protocol (RFC 6455), as browsers and wsconn do:"
            " ask the service's operator for an update."
        )
    if names_another(seen) and not seen.discovery and seen.http_status in _OF_A_CLIENT:
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


def _is_by_squid(seen: Evidence) -> bool:
    """Whether Squid says itself that it was it who refused, and it may be on the way."""
    said = seen.http_status == 403 and seen.proxy_error and "squid" in (seen.server or "").lower()
    return bool(said) and not is_authentic(seen.tls)


def _by_squid(seen: Evidence) -> str:
    return (
        f"Squid, a proxy on the way, answered in the server's place ({value(seen.proxy_error)}): ask the network's"
        f" administrator to allow {value(seen.host)} there. If that Squid stands in front of the server, ask the"
        " service's operator."
    )


def _on_bot_check(seen: Evidence) -> str:
    header = seen.bot_check_header or "cf-mitigated"
    return (
        f"{who_checks(seen)} in front of the server takes this check for a bot ({header}: {value(seen.bot_check)}):"
        f" ask the service's operator to let it pass{_or_send_user_agent(seen)}."
    )


def _or_send_user_agent(seen: Evidence) -> str:
    """Offer the one thing that the user can do, unless it was done."""
    return "" if seen.own_user_agent else ", or send a browser's User-Agent (headers, at the command line --header)"


def _maybe_a_bot(seen: Evidence, who: str) -> str:
    if seen.own_user_agent:
        return f"Or {who} takes this check for a bot, despite its User-Agent: ask the service's operator."
    return f"Or {who} takes this check for a bot: send a browser's User-Agent (--header), or ask the operator."


def _on_success(seen: Evidence) -> tuple[str | None, ...]:
    if is_authentic(seen.tls):
        return _on_page(seen)
    log_in = (
        "answered in the server's place: open a web page in a browser and log in, or ask the network's administrator to"
        f" allow {value(seen.host)}."
    )
    if seen.body_empty:
        check = "Check the URL's path and host with the service's operator: nothing is served there."
        return check, f"Or a portal or block page {log_in}"
    shown = "If a browser shows the service itself, check the URL's path."
    return f"A portal or block page most likely {log_in}", shown


def _on_page(seen: Evidence) -> tuple[str | None, ...]:
    """Advise where nobody but the service can have answered so."""
    what = "nothing is served there" if seen.body_empty else "what is served there is not a WebSocket"
    check = f"Check the URL's path and host with the service's operator: {what}."
    if seen.body_empty:
        return check, "A gateway that has no route for them answers like this, as Caddy does."
    who = who_may_check(seen)
    return check, _maybe_a_bot(seen, f"{who} in front of the server") if who else None, _known_gateway(seen)


def _known_gateway(seen: Evidence) -> str | None:
    """Name a gateway that has said its name: what it does not pass on, the server takes for a page's request."""
    return on_possible_gateway(seen) if is_named(seen) else None


def _on_bad_request(seen: Evidence) -> tuple[str | None, ...]:
    perhaps = "may want a client certificate" if seen.scheme == "wss" else "may want TLS (wss)"
    check = f"Check the URL's path, too, and the headers that the server asks for; it {perhaps}."
    return on_request(seen), check, on_possible_gateway(seen)


def _on_unauthorized(seen: Evidence) -> tuple[str | None, ...]:
    who = "the server, or a gateway in front of it,"
    if not seen.login_challenge:
        return on_request(seen), f"Or {_credentials(seen, who)}"
    scheme = value(seen.login_challenge.partition(" ")[0].partition(",")[0])
    if seen.credentials_sent:
        login = f"The server refuses the credentials that were sent (it takes {scheme}): check them with its operator."
    else:
        send = "send the credentials that the service's operator gave you (headers, at the command line --header)."
        login = f"The server, or a gateway in front of it, wants a login ({scheme}): {send}"
    return login, f"If that changes nothing, {_lower(request)}" if (request := on_request(seen)) else None


def _credentials(seen: Evidence, who: str = "the server") -> str:
    if seen.credentials_sent:
        return f"{who} refuses the credentials that were sent: check them with the service's operator."
    return f"{who} wants credentials: {_HEADERS}."


def _on_forbidden(seen: Evidence) -> tuple[str | None, ...]:
    known = who_may_check(seen)
    unknown = None if known or seen.own_user_agent or seen.discovery else _maybe_a_bot(seen, "a gateway")
    firewall = f"Or a firewall blocks the site's category: ask the network's administrator to allow {value(seen.host)}."
    return (
        on_request(seen),
        _maybe_a_bot(seen, f"{known} in front of the server") if known else None,
        on_possible_gateway(seen) if is_told_by_status(seen) else None,
        _UNKNOWN_PLACE if seen.body_empty and not seen.discovery else None,
        f"Or {_credentials(seen)}",
        unknown,
        _WHERE_IT_FAILED if "granian" in (seen.server or "").lower() else None,
        None if is_authentic(seen.tls) else firewall,
    )


def _on_not_found(seen: Evidence) -> tuple[str | None, ...]:
    return (
        "The server knows no WebSocket at this path: check it with the service's operator.",
        on_possible_gateway(seen) if is_told_by_status(seen) else None,
        f"If the path is right, {_lower(request)}" if (request := on_request(seen)) else None,
        None if is_told_by_status(seen) else _known_gateway(seen),
    )


def _on_wrong_method(seen: Evidence) -> tuple[str | None, ...]:
    path = "Or what is served at the URL's path is not a WebSocket: check the path with the service's operator."
    return on_request(seen), path, _known_gateway(seen)


def _on_misdirected(seen: Evidence) -> tuple[str | None, ...]:
    return (f"What answered does not serve {value(seen.host)}: check the URL's host with the service's operator.",)


def _on_too_large(seen: Evidence) -> tuple[str | None, ...]:
    shorten = "test with shorter headers (headers, at the command line --header), or a shorter query in the URL."
    return f"The request is too large for the server: {shorten}", "If neither is long, tell the service's operator."


def _lower(sentence: str) -> str:
    return f"{sentence[0].lower()}{sentence[1:]}"


def _on_proxy_login(seen: Evidence) -> tuple[str | None, ...]:
    if is_authentic(seen.tls):
        return ("The URL leads to what answers as a proxy: check its host and port with the service's operator.",)
    ask = "ask the network's administrator for its address and put it, with user name and password, into the settings."
    return "A proxy that this program was not told of stands on the way and wants a login:", ask


def _on_lost_upgrade(seen: Evidence) -> tuple[str | None, ...]:
    if seen.scheme == "ws" and "tls/" in (seen.upgrade_to or "").lower():  # RFC 2817, section 4.2
        return ("The server wants TLS: begin the URL with wss://, or ask the service's operator for its address.",)
    return (on_gateway(seen),)


def _on_too_many(seen: Evidence) -> tuple[str | None, ...]:
    return "The server has had too many checks from here.", _later(seen)


def _on_fault(seen: Evidence) -> tuple[str | None, ...]:
    lacking = on_request(seen) if seen.http_status in _OF_A_CLIENT else None
    faulty = "Or the server, or a gateway in front of it, is faulty: tell the service's operator."
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
    ((405,), _on_wrong_method),
    ((407,), _on_proxy_login),
    ((413, 414, 431), _on_too_large),
    ((421,), _on_misdirected),
    ((426, 464, 505), _on_lost_upgrade),  # 464 is that of Amazon's load balancers
    ((429,), _on_too_many),
    ((502,), _on_bad_gateway),
    ((503,), _on_unavailable),
    ((504, *range(520, 528), 530), _on_gateway_timeout),  # from 520 on Cloudflare's own
    ((511,), _on_portal),
    (range(500, 600), _on_fault),
)
