"""Advice on gateways before a server that do not pass the upgrade on: what each of them needs in its configuration."""

from __future__ import annotations

import re
from typing import NamedTuple

from wsconn._diagnosis.interceptors import is_authentic
from wsconn._outcome import Evidence


class _Gateway(NamedTuple):
    """A gateway, by what its `Server` or `Via` header says: a pattern of whole words, which `re` keeps compiled.

    `refuses_with` are statuses that it has for this alone.
    """

    name: str
    header: str
    needs: str
    refuses_with: tuple[int, ...] = ()


_NGINX = 'proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade and proxy_set_header Connection "upgrade"'
_APACHE = "upgrade=websocket in its ProxyPass, or mod_proxy_wstunnel before 2.4.47"
_GATEWAYS = (
    _Gateway(
        "Traffic Server",
        "ATS|ApacheTrafficServer|traffic_server",
        "a map line from ws:// or wss:// in remap.config",
        refuses_with=(404,),
    ),
    _Gateway("nginx", "nginx|openresty|tengine", _NGINX),
    _Gateway("Apache", "Apache(?!-Coyote| Tomcat)", _APACHE),
    _Gateway("lighttpd", "lighttpd", 'proxy.header = ("upgrade" => "enable")'),
    _Gateway(
        "Varnish", "varnish", "return (pipe) for such requests, and a vcl_pipe that copies Upgrade and Connection"
    ),
    _Gateway("h2o", "h2o", "proxy.websocket: ON"),
    _Gateway("Envoy", "envoy|istio-envoy", "upgrade_configs with upgrade_type: websocket", refuses_with=(403,)),
    _Gateway("Amazon's load balancer", "awselb", "a target group whose protocol version is HTTP1", refuses_with=(464,)),
    _Gateway("IIS", "Microsoft-IIS", "its feature WebSocket Protocol"),
    _Gateway("Squid", "squid", "http_upgrade_request_protocols"),
    _Gateway("Cloudflare", "cloudflare", "WebSockets switched on, in the zone's settings for the network"),
)


def is_named(seen: Evidence) -> bool:
    """Whether a gateway has said its name."""
    return _gateway(seen) is not None


def is_told_by_status(seen: Evidence) -> bool:
    """Whether the gateway is one that answers with this status where it does not pass the upgrade on."""
    gateway = _gateway(seen)
    return gateway is not None and seen.http_status in gateway.refuses_with


def on_gateway(seen: Evidence) -> str:
    """Say that a gateway does not pass the upgrade on, and what it needs."""
    gateway = _gateway(seen)
    if gateway:
        return (
            f"{gateway.name} in front of the server does not pass the upgrade on: the service's operator must change"
            f" its configuration. It needs {gateway.needs}.{_or_on_the_way(seen)}"
        )
    return (
        "A gateway in front of the server does not pass the Upgrade header on: the service's operator must change its"
        f" configuration. nginx needs {_NGINX}; Apache needs {_APACHE}; others have an option for"
        f" WebSocket.{_or_on_the_way(seen)}"
    )


def on_possible_gateway(seen: Evidence) -> str:
    """Say in a sentence that it may be so."""
    gateway = _gateway(seen)
    if gateway:
        return (
            f"Or {gateway.name} in front of the server does not pass the Upgrade header on, which the service's"
            f" operator must correct: it needs {gateway.needs}.{_or_on_the_way(seen)}"
        )
    return (
        "Or a gateway in front of the server does not pass the Upgrade header on, which the service's operator must"
        f" correct.{_or_on_the_way(seen)}"
    )


def _gateway(seen: Evidence) -> _Gateway | None:
    said = f"{seen.server or ''} / {seen.via or ''}"
    return next((gateway for gateway in _GATEWAYS if re.search(rf"(?i)\b(?:{gateway.header})\b", said)), None)


def _or_on_the_way(seen: Evidence) -> str:
    """Say who else can have dropped it: whoever can read the request."""
    if is_authentic(seen.tls):
        return ""
    use_wss = "use wss if the service offers it, or " if seen.scheme == "ws" else ""
    return f" A proxy on the way may also drop it: {use_wss}ask the network's administrator."
