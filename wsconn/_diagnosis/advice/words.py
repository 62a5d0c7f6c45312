"""The words that advice is made of."""

from __future__ import annotations

from wsconn._outcome import Evidence
from wsconn._text import value


def source(seen: Evidence) -> str:
    """Tell which setting named the proxy."""
    return value(seen.proxy_source) if seen.proxy_source else "the settings"


def server_and_port(seen: Evidence) -> str:
    """Name what a firewall's rule is for."""
    return f"{value(seen.host)} port {seen.port}"
