"""Who opens and re-signs TLS: the products that do, by the names that stand in the certificates they make.

A product is known by its own name, or by its maker's with a word beside it: makers issue certificates of the ordinary
kind too (Cisco, Symantec, Cloudflare), and many a maker's name is a person's, a town's or a word (Norton, Palo Alto).
The real names that this rests on stand in the tests, with their sources.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from wsconn._outcome import TlsInfo

_IN_THE_NETWORK: Mapping[str, str] = {
    "Barracuda": r"Barracuda (Networks|Web|CloudGen|NG|SSL|Firewall)",
    "Blue Coat": r"Blue ?Coat|ProxySG",
    "Cato": r"Cato Networks",
    "Check Point": r"Check Point (Software|Technologies|Security|SSL|HTTPS|Firewall|Gateway)",
    "Cisco": r"Cisco (Umbrella|Secure Access|Secure Web|Web Security|IronPort)",
    "Cloudflare Gateway": (
        r"Gateway CA - Cloudflare Managed|Cloudflare (for Teams|Gateway|Corporate Zero Trust)"
        r"|Gateway Intermediate .*/ Cloudflare|Cloudflare.* / Gateway Intermediate"
    ),
    "ContentKeeper": r"ContentKeeper",
    "Cyberoam": r"Cyberoam (SSL CA|Certificate Authority)",
    "Forcepoint": r"Forcepoint|Websense",
    "Fortinet": r"Fortinet|FortiGate|FortiGuard|FortiProxy|FortiSASE",
    "iboss": r"iboss",
    "Lightspeed": r"Lightspeed (Systems|Filter|Relay|Rocket)",
    "McAfee": r"McAfee (Web|MWG)",
    "Menlo": r"Menlo Security",
    "NetSpark": r"www\.netspark\.com",
    "Netskope": r"Netskope|[\w.-]+\.goskope\.com",
    "Palo Alto": r"Palo Alto Networks|Prisma Access|GlobalProtect",
    "Securly": r"Securly",
    "Skyhigh": r"Skyhigh (Security|Secure|Web)",
    "Smoothwall": r"Smoothwall",
    "SonicWall": r"SonicWall",
    "Sophos": r"Sophos(_| SSL| Ltd| Limited| Web| XG| UTM| Firewall| Plc| /|$)|sophosutm Proxy",
    "Symantec": r"Symantec (Web Security|WSS|Cloud SWG)",
    "Trend Micro": r"Trend Micro|IWSS\.TREND",
    "Untangle": r"Untangle(,? Inc| Gateway| NG)|www\.untangle\.com",
    "WatchGuard": r"WatchGuard|Fireware",
    "Zscaler": r"Zscaler",
}
_ON_THIS_MACHINE: Mapping[str, str] = {  # programs against viruses and advertisements, and those of developers
    "AdGuard": r"AdGuard",
    "Avast": r"Avast",
    "AVG": r"AVG (Web|Technologies|Antivirus)",
    "Bitdefender": r"Bitdefender",
    "Burp Suite": r"PortSwigger",
    "Charles": r"Charles Proxy|charlesproxy\.com",
    "Dr.Web": r"Dr\.Web|Doctor Web",
    "ESET": r"ESET( SSL|,? spol)",
    "Fiddler": r"Fiddler[ _]?Root|fiddler2\.com|Telerik Fiddler",
    "HTTP Toolkit": r"HTTP Toolkit",
    "Kaspersky": r"Kaspersky (Lab|Anti|Endpoint|Internet|Security|Total|Web)",
    "mitmproxy": r"mitmproxy",
    "Norton": r"Norton (Web|Antivirus|Security|360|Internet)",
    "Proxyman": r"Proxyman",
    "Qustodio": r"Qustodio",
    "Superfish": r"Superfish, Inc",
    "ZAP": r"Zed Attack Proxy|ZAP Root CA",
}
_OF_THE_ISSUER = r"(?:^|, )(?:CN|O|OU)=((?:\\.|[^,\\])*)"  # not the place where its makers sit


@functools.cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """Compile them when the first issuer is looked at: it takes 5 ms."""
    named = (*_IN_THE_NETWORK.items(), *_ON_THIS_MACHINE.items())
    return {maker: re.compile(rf"(?<![A-Za-z])(?i:{words})(?![a-z])") for maker, words in named}


@functools.lru_cache(maxsize=64)  # the regions of a test have few issuers
def interceptor(issuer: str, server: str | None = None) -> str | None:
    """Return the maker of a product that opens TLS, if an issuer (RFC 4514) or a Server header names them."""
    names = [re.sub(r"\\(.)", r"\1", name) for name in re.findall(_OF_THE_ISSUER, issuer)]
    said = " / ".join([*names, server or ""])
    return next((maker for maker, pattern in _patterns().items() if pattern.search(said)), None)


def runs_here(maker: str) -> bool:
    """Whether a maker's product is a program of this machine's user, and not the network's."""
    return maker in _ON_THIS_MACHINE


def is_authentic(tls: TlsInfo | None) -> bool:
    """Tell whether nobody but the server can have said what came: over TLS that was verified, and that nobody opens."""
    return tls is not None and tls.issuer is not None and interceptor(tls.issuer) is None
