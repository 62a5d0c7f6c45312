"""What a script is told of the URL that it is asked about."""

from __future__ import annotations

from urllib.parse import urlsplit

from wsconn._addresses import as_in_browsers
from wsconn._text import host_port

_USUAL_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}


def told(url: str) -> tuple[str, str]:
    """Return the URL and the host that a script is given, as in Chromium: of a URL over TLS neither path nor query."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = as_in_browsers(host) or host
    port = None if parts.port == _USUAL_PORTS.get(parts.scheme) else parts.port
    place = host_port(host, port) if port else f"[{host}]" if ":" in host else host
    path = "/" if parts.scheme in ("wss", "https") else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{parts.scheme}://{place}{path}", host
