"""From arguments to a probe: what goes to the servers is checked and put together here."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wsconn import _system_proxies
from wsconn._diagnosis.causes.words import not_installed
from wsconn._exceptions import about_argument
from wsconn._io.importing import importing, undisturbed
from wsconn._pac_settings import PacSetting, UnfitPac, names_pac, parse_pac
from wsconn._probe.dialer import Dialer
from wsconn._probe.probe import Probe
from wsconn._probe.route import Route
from wsconn._probe.trust import Trust, load_tls
from wsconn._proxies import ARGUMENT, Proxies, ProxyOption, UnfitProxy, parse_proxy, percent_encoded
from wsconn._request_fields import Headers, check_request
from wsconn._stages.request import Request
from wsconn._stages.resolve import SYSTEM_LOOKUPS
from wsconn._text import describe, plain, redact_url

if TYPE_CHECKING:
    import ssl


def make_probe(
    *,
    verify_frames: bool,
    proxy: str | bool | None,
    ssl_context: ssl.SSLContext | None,
    proxy_ssl_context: ssl.SSLContext | None,
    headers: Headers | None,
    subprotocols: Sequence[str] | None,
    origin: str | None,
) -> Probe:
    """Return what tests a region with these arguments; `TypeError` or `ValueError` names what is unfit."""
    request = Request.of(*check_request(headers, subprotocols, origin))
    return Probe(make_route(proxy, ssl_context, proxy_ssl_context), request, verify_frames)


def make_route(
    proxy: str | bool | None, ssl_context: ssl.SSLContext | None, proxy_ssl_context: ssl.SSLContext | None
) -> Route:
    """Return how to get to a server with these arguments."""
    system = Trust.of_the_system()  # one for both: loading its roots takes some 50 ms
    trust = _check_ssl_context("ssl_context", ssl_context) or system
    proxy_trust = _check_ssl_context("proxy_ssl_context", proxy_ssl_context) or system
    proxies, pac = _check_proxy(proxy), None
    if proxies.pac or proxies.system_pacs:
        with importing:
            from wsconn._probe.pac import Pac  # which few need

        direct = Route(Dialer(SYSTEM_LOOKUPS, Proxies(direct=True), proxy_trust), proxy_trust)
        pac = Pac(SYSTEM_LOOKUPS, direct.open)
    return Route(Dialer(SYSTEM_LOOKUPS, proxies, proxy_trust, pac), trust)


def _check_proxy(value: str | bool | None) -> Proxies:
    if value is True:
        return _system_proxies.settings()
    if value is None:
        return Proxies(direct=True)
    if not isinstance(value, str):
        raise about_argument(TypeError, "proxy", f" must be True, None or a URL, not {describe(value)}")
    if value.lower() == "none":
        raise about_argument(ValueError, "proxy", f" '{value}' names no proxy: for a direct way give proxy=None")
    if names_pac(value):
        return Proxies(direct=True, pac=_check_pac(value))
    try:
        proxy = parse_proxy(value, _source(value))
    except UnfitProxy as error:
        wrong = percent_encoded(error.unencoded) if error.unencoded else error
        raise about_argument(ValueError, "proxy", f" '{redact_url(value)}' cannot be used: {wrong}") from None
    with importing:
        from wsconn._stages.proxy import unsupported_reason  # which few need

    if unfit := unsupported_reason(proxy):
        raise about_argument(ValueError, "proxy", f" '{redact_url(value)}' cannot be used: {unfit}")
    return Proxies(fixed=proxy)


def _source(value: str) -> str:
    """Say by what the caller named the proxy."""
    return value.source if isinstance(value, ProxyOption) else ARGUMENT


def _check_pac(value: str) -> PacSetting:
    with importing:
        from wsconn._protocols import pac  # which few need

    try:
        setting = parse_pac(value, _source(value))
    except UnfitPac as error:
        raise about_argument(ValueError, "proxy", f": {error}") from None
    if not pac.available():
        raise about_argument(ValueError, "proxy", f": {setting} cannot be read: {plain(not_installed('pac'))}")
    return setting


def _check_ssl_context(name: str, value: ssl.SSLContext | None) -> Trust | None:
    if value is None:
        return None
    if not hasattr(type(value), "wrap_bio"):  # no isinstance: truststore may have replaced the class since it was made
        raise about_argument(TypeError, name, f" must be an ssl.SSLContext or None, not {describe(value)}")
    _load_tls()  # wsconn's own loads it with the roots, in the background
    return Trust.of(value)


@functools.cache  # a thread for nothing would cost each further test 0.1 ms
def _load_tls() -> None:
    undisturbed(load_tls)
