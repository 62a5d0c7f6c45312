"""The list that a PAC answers, `PROXY p:3128; DIRECT`, as Chromium reads it."""

from __future__ import annotations

import attrs


@attrs.frozen
class Way:
    """One way to try: through a proxy, or, where the scheme is `direct`, through none (no host, port 0)."""

    scheme: str  # direct, http, https, socks4, socks5 or quic
    host: str = ""
    port: int = 0


def ways(answer: str) -> tuple[Way, ...]:
    """Return the ways in `answer`, in its order; where it names none that can be read, the direct one."""
    return (Way("direct"),)
