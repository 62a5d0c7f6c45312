"""How text that others wrote is shown: escaped, cut, without its secrets."""

from __future__ import annotations

import re

LONGEST = 200  # characters of a peer's text that a person gets to see


def shown(text: str | bytes) -> str:
    """Return a peer's text safe for a terminal, a log or a page: control characters escaped, cut at 200 characters."""
    if isinstance(text, bytes):
        text = text[: LONGEST * 4].decode("utf-8", "backslashreplace")
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: LONGEST + 1])
    return safe if len(safe) <= LONGEST else safe[: LONGEST - 1] + "…"


def without_query(url: str) -> str:
    """Return `url` up to its query or fragment, which may hold a secret."""
    return re.split(r"[?#]", url, maxsplit=1)[0]


def redacted(url: str) -> str:
    """Return a URL that was not checked yet, as far as a message may show it: no query, nothing up to an `@`."""
    scheme, slashes, rest = without_query(url).rpartition("//")
    return shown(scheme + slashes + rest.rpartition("@")[2])


def host_port(host: str, port: int) -> str:
    """Return `host:port`, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
