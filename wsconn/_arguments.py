"""From arguments to a probe: what goes to the servers is checked and put together here."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable, Mapping, Sequence

from wsconn import _system_proxies
from wsconn._exceptions import about_argument
from wsconn._io.background import Lazy
from wsconn._probe.dialer import Dialer
from wsconn._probe.probe import Probe
from wsconn._probe.route import Route
from wsconn._proxies import Proxies, UnfitProxy, parse_proxy, percent_encoded
from wsconn._stages.proxy import unsupported_reason
from wsconn._stages.resolve import SYSTEM_LOOKUPS
from wsconn._stages.tls import verifying_context
from wsconn._stages.upgrade import USER_AGENT, Request
from wsconn._text import CONTROL, describe, redact_url, sanitize

Headers = Mapping[str, str] | Iterable[tuple[str, str]]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_OURS = re.compile(r"host|connection|upgrade|sec-websocket-.*", re.IGNORECASE)


def make_probe(
    *,
    verify_frames: bool,
    proxy: str | bool | None,
    ssl_context: ssl.SSLContext | None,
    headers: Headers | None,
    subprotocols: Sequence[str] | None,
    origin: str | None,
) -> Probe:
    """Return what tests a region with these arguments; `TypeError` or `ValueError` names what is unfit."""
    request = Request(
        headers=_check_headers(headers), subprotocols=_check_subprotocols(subprotocols), origin=_check_origin(origin)
    )
    again = next((name for name in request.headers if name.lower() == "origin"), None)
    if origin is not None and again:
        raise about_argument(ValueError, "origin", f" must be left out where the headers hold an Origin (as {again!r})")
    trust = _check_ssl_context(ssl_context)
    route = Route(Dialer(SYSTEM_LOOKUPS, _check_proxy(proxy)), trust, system_roots=ssl_context is None)
    return Probe(route, request, verify_frames)


def _check_proxy(value: str | bool | None) -> Proxies:
    if value is True:
        return _system_proxies.settings()
    if value is None:
        return Proxies(direct=True)
    if not isinstance(value, str):
        raise about_argument(TypeError, "proxy", f" must be True, None or a URL, not {describe(value)}")
    try:
        proxy = parse_proxy(value, "the option proxy")
    except UnfitProxy as error:
        wrong = percent_encoded(error.unencoded) if error.unencoded else error
        raise about_argument(ValueError, "proxy", f" '{redact_url(value)}' cannot be used: {wrong}") from None
    if unfit := unsupported_reason(proxy):
        raise about_argument(ValueError, "proxy", f" '{redact_url(value)}' cannot be used: {unfit}")
    return Proxies(fixed=proxy)


def _check_ssl_context(value: ssl.SSLContext | None) -> Lazy[ssl.SSLContext]:
    if value is None:
        return Lazy(verifying_context, "wsconn-trust")
    if not hasattr(type(value), "wrap_bio"):  # no isinstance: truststore may have replaced the class since it was made
        raise about_argument(TypeError, "ssl_context", f" must be an ssl.SSLContext or None, not {describe(value)}")
    return Lazy.done(value)


def _check_headers(value: Headers | None) -> dict[str, str]:
    headers: dict[str, str] = {}
    spelled: dict[str, str] = {}  # the first time
    for name, text in _pairs(value):
        if not isinstance(name, str) or not isinstance(text, str):
            raise about_argument(TypeError, "headers", f" must hold str names and values; see {describe(name)}")
        if not _TOKEN.fullmatch(name):
            raise about_argument(
                ValueError, "headers", f": '{sanitize(name)}' is not a header's name (RFC 9110, section 5.1)"
            )
        if _OURS.fullmatch(name):
            raise about_argument(ValueError, "headers", f": {name!r} is wsconn's own to send")
        if CONTROL.search(text):
            raise about_argument(ValueError, "headers", f": the value of {name!r} holds a control character")
        name = spelled.setdefault(name.lower(), name)
        between = "; " if name.lower() == "cookie" else ", "  # RFC 6265, section 5.4; RFC 9110, section 5.2
        headers[name] = f"{headers[name]}{between}{text}" if name in headers else text
    if "user-agent" not in spelled:
        headers["User-Agent"] = USER_AGENT
    return headers


def _pairs(value: Headers | None) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise about_argument(TypeError, "headers", f" must be a mapping or pairs, not a {type(value).__name__}")
    pairs = list(value.items() if isinstance(value, Mapping) else value)
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise about_argument(TypeError, "headers", " must be a mapping or pairs of name and value")
    return pairs


def _check_subprotocols(value: Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise about_argument(TypeError, "subprotocols", f" must be a sequence of str, not {describe(value)}")
    offered = tuple(value)
    for subprotocol in offered:
        if not isinstance(subprotocol, str):
            raise about_argument(TypeError, "subprotocols", f" must hold str, not {describe(subprotocol)}")
        if not _TOKEN.fullmatch(subprotocol):
            raise about_argument(
                ValueError, "subprotocols", f": '{sanitize(subprotocol)}' is not a token (RFC 6455, section 4.1)"
            )
    if len(set(offered)) < len(offered):
        raise about_argument(ValueError, "subprotocols", f" must not repeat: {offered!r}")
    return offered


def _check_origin(value: str | None) -> str | None:
    if value is not None and not isinstance(value, str):
        raise about_argument(TypeError, "origin", f" must be a str or None, not {describe(value)}")
    if value is not None and (not value or CONTROL.search(value)):
        raise about_argument(
            ValueError, "origin", f" must not be empty or hold a control character: '{sanitize(value)}'"
        )
    return value
