"""Who opens and re-signs TLS: the makers of the products that do, as they name themselves."""

from __future__ import annotations

import re

from wsconn._outcome import TlsInfo

_MAKERS = (
    *("Avast", "AVG", "Barracuda", "Bitdefender", "Blue Coat", "Check Point", "Cisco", "Cloudflare Gateway"),
    *("ContentKeeper", "ESET", "Forcepoint", "FortiGate", "Fortinet", "iboss", "Kaspersky", "Lightspeed", "McAfee"),
    *("Menlo", "mitmproxy", "Netskope", "Norton", "Palo Alto", "Securly", "Skyhigh", "Smoothwall", "SonicWall"),
    *("Sophos", "Symantec", "Untangle", "WatchGuard", "Zscaler"),
)
_OF_THE_ISSUER = re.compile(r"(?:^|, )(?:CN|O|OU)=((?:\\.|[^,\\])*)")  # not the place where its makers sit


def interceptor(issuer: str, server: str | None = None) -> str | None:
    """Return the maker of a product that opens TLS, if an issuer (RFC 4514) or a Server header names them."""
    said = " / ".join([*_OF_THE_ISSUER.findall(issuer), server or ""])
    return next((maker for maker in _MAKERS if re.search(rf"(?<![A-Za-z])(?i:{maker})(?![a-z])", said)), None)


def is_authentic(tls: TlsInfo | None) -> bool:
    """Tell whether nobody but the server can have said what came: over TLS that was verified, and that nobody opens."""
    return tls is not None and tls.issuer is not None and interceptor(tls.issuer) is None
