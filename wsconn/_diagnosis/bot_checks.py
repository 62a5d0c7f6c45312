"""Who checks for bots before a server, by the headers of its refusal: most let a browser's User-Agent pass."""

from __future__ import annotations

import re
from collections.abc import Mapping

from wsconn._outcome import Evidence

_BY_HEADER: Mapping[str, str] = {  # whose value says that it was such a check
    "cf-mitigated": "Cloudflare",
    "x-amzn-waf-action": "AWS WAF",
    "x-vercel-mitigated": "Vercel",
    "x-sucuri-block": "Sucuri",
}
_BY_SERVER: Mapping[str, str] = {  # who may have refused for that, or for something else
    "Cloudflare": "cloudflare",
    "Akamai": "AkamaiGHost",
    "Amazon CloudFront": "CloudFront",
    "Azure Application Gateway": "Microsoft-Azure-Application-Gateway",
    "DataDome": "DataDome",
    "DDoS-Guard": "ddos-guard",
    "Sucuri": "Sucuri",
    "Vercel": "Vercel",
}


def who_checks(seen: Evidence) -> str:
    """Name who said that this was a check for bots."""
    return _BY_HEADER.get(seen.bot_check_header or "cf-mitigated", "A gateway")


def who_may_check(seen: Evidence) -> str | None:
    """Name who stands before the server and checks for bots, where a header says so."""
    by_server = (maker for maker, name in _BY_SERVER.items() if re.search(rf"(?i)\b{name}\b", seen.server or ""))
    return seen.guarded_by or next(by_server, None)
