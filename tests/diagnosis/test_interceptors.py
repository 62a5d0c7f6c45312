"""Who opens TLS, by the names that stand in real certificates, and who does not though the name sounds like it.

The sources are public reports in which such a certificate was printed, some of them (`QUOTED`) files of public
repositories that were found by this text and not by an address. A reporter's own organization is Acme here.
"""

from __future__ import annotations

import pathlib
import ssl

import pytest

from wsconn._diagnosis.interceptors import interceptor, runs_here
from wsconn._protocols.x509 import read_certificate

QUOTED = "quoted in files of public repositories, November 2026"
BY_CHROMIUM = "chromium, ssl_error_assistant.asciipb: the issuers by which it knows such products"
REAL = [
    ("CN=avast! Web/Mail Shield Root, O=avast! Web/Mail Shield", "Avast", BY_CHROMIUM),
    ("CN=Cisco Umbrella Root CA, O=Cisco", "Cisco", BY_CHROMIUM),
    ("CN=ContentKeeper Appliance CA (1234567890), O=ContentKeeper Technologies", "ContentKeeper", BY_CHROMIUM),
    ("CN=Cyberoam SSL CA_C0123456789ABC, O=Cyberoam Certificate Authority", "Cyberoam", BY_CHROMIUM),
    ("O=Fortinet Ltd.", "Fortinet", BY_CHROMIUM),
    ("CN=Kaspersky Anti-Virus Personal Root Certificate", "Kaspersky", BY_CHROMIUM),
    ("CN=McAfee Web Gateway", "McAfee", BY_CHROMIUM),
    ("CN=www.netspark.com, O=NetSpark", "NetSpark", BY_CHROMIUM),
    ("CN=Smoothwall-default-root-certificate-authority", "Smoothwall", BY_CHROMIUM),
    ("O=HTTPS Management Certificate for SonicWALL (self-signed)", "SonicWall", BY_CHROMIUM),
    ("CN=Sophos_CA_C01234567890ABC", "Sophos", BY_CHROMIUM),
    ("CN=sophosutm Proxy CA, O=sophosutm", "Sophos", BY_CHROMIUM),
    ("CN=Sophos Web Appliance, O=Sophos Plc", "Sophos", BY_CHROMIUM),
    ("O=Blue Coat SG900 Series", "Blue Coat", BY_CHROMIUM),
    ("CN=IWSS.TREND", "Trend Micro", BY_CHROMIUM),
    ("CN=Qustodio CA", "Qustodio", "OpenVAS, gb_ms_rogue_root_ca_detect.nasl"),
    (r"CN=Superfish\, Inc., O=Superfish\, Inc.", "Superfish", "OpenVAS, gb_ms_rogue_root_ca_detect.nasl"),
    (
        "CN=Zscaler Root CA, OU=Zscaler Inc., O=Zscaler Inc., L=San Jose, ST=California, C=US",
        "Zscaler",
        "https://github.com/sectigo/CTLogs/pull/57",
    ),
    (
        "CN=Zscaler Intermediate Root CA (zscalerthree.net) (t) , OU=Zscaler Inc., O=Zscaler Inc., ST=California, C=US",
        "Zscaler",
        QUOTED,
    ),
    ("CN=ca.acme.goskope.com, O=Acme", "Netskope", "https://github.com/npiv/chatblade/issues/58"),
    ("CN=ca.acme-103950.au.goskope.com", "Netskope", "https://github.com/npiv/chatblade/issues/58"),
    (
        "emailAddress=certadmin@netskope.com, CN=caadmin.netskope.com, OU=certadmin, O=Netskope Inc., L=Los Altos",
        "Netskope",
        "https://github.com/npiv/chatblade/issues/58",
    ),
    ("CN=Gateway CA - Cloudflare Managed G1 d4cab1c0e006138441e1f1b57bfde614", "Cloudflare Gateway", QUOTED),
    (
        r"CN=Gateway CA - Cloudflare Managed G2 00, OU=www.cloudflare.com, O=Cloudflare\, Inc., C=US",
        "Cloudflare Gateway",
        QUOTED,
    ),
    (
        r"CN=Cloudflare for Teams ECC Certificate Authority, O=Cloudflare\, Inc, L=San Francisco, C=US",
        "Cloudflare Gateway",
        "HackerOne's documentation, hackers/cloudflare-vpn-root-ca",
    ),
    (
        r"OU=Gateway Intermediate ECC Certificate Authority, O=Cloudflare\, Inc., ST=California, C=US",
        "Cloudflare Gateway",
        "Snyk's documentation, the output of openssl s_client",
    ),
    ("CN=Cato Networks Root CA, O=Cato Networks, C=IL", "Cato", QUOTED),
    ("CN=Cato Networks CA", "Cato", QUOTED),
    (
        "CN=Trend Micro Web Security Cloud Default CA, OU=TMWS, O=Trend Micro, ST=CA, C=US",
        "Trend Micro",
        QUOTED,
    ),
    (
        "CN=DO_NOT_TRUST_FiddlerRoot, O=DO_NOT_TRUST, OU=Created by http://www.fiddler2.com",
        "Fiddler",
        "https://github.com/RickStrahl/WestWindWebSurge/issues/77",
    ),
    ("CN=Fiddler Root Certificate Authority", "Fiddler", "https://github.com/telerik/fiddler-everywhere-docs/pull/359"),
    ("CN=Fiddler_Root_Certificate_Authority", "Fiddler", "https://github.com/telerik/fiddler-everywhere-docs/pull/359"),
    (
        r"CN=Charles Proxy CA (26 May 2023\, host), OU=https://charlesproxy.com/ssl, O=XK72 Ltd, L=Auckland, C=NZ",
        "Charles",
        QUOTED,
    ),
    (
        r"CN=Charles Proxy CA (25 九月 2016\, appledeMacBook-Pro.local)",
        "Charles",
        QUOTED,
    ),
    (
        "emailAddress=support@fortinet.com, CN=FortiGate CA, OU=Certificate Authority, O=Fortinet, L=Sunnyvale, C=US",
        "Fortinet",
        "https://github.com/rrrrrrri/fgt-gadgets/issues/15",
    ),
    (
        "CN=FG120GTK25046485, OU=Certificate Authority, O=Fortinet, L=Sunnyvale, ST=California, C=US",
        "Fortinet",
        QUOTED,
    ),
    (
        "emailAddress=support@sophos.com, CN=Sophos SSL CA_C320ABPCBJ8BQ6B, OU=NSG, O=Sophos, ST=Oxfordshire, C=GB",
        "Sophos",
        QUOTED,
    ),
    (
        "CN=Menlo Security Intermediate CA, OU=Production, O=Menlo Security Inc., ST=California, C=US",
        "Menlo",
        QUOTED,
    ),
    ("CN=Forcepoint Cloud CA, O=Forcepoint LLC", "Forcepoint", QUOTED),
    ("CN=Cisco Umbrella Primary SubCA, O=Cisco", "Cisco", QUOTED),
    ("CN=SonicWALL Firewall DPI-SSL, O=SonicWALL Inc., ST=CA, C=US", "SonicWall", QUOTED),
    (
        r"CN=*.securly.com, OU=Production, O=Securly\, Inc, ST=California, C=US",
        "Securly",
        QUOTED,
    ),
    (r"CN=ESET SSL Filter CA, O=ESET\, spol. s r. o., C=SK", "ESET", QUOTED),
    (
        "CN=Avast Web/Mail Shield Root, O=Avast Web/Mail Shield, OU=generated by Avast Antivirus for SSL/TLS scanning",
        "Avast",
        "https://github.com/mscdex/node-imap/issues/741",
    ),
    ("CN=AVG Web/Mail Shield Root, O=AVG Web/Mail Shield", "AVG", "https://github.com/curl/curl/issues/11268"),
    (
        "CN=Norton Web/Mail Shield Self-signed Root, OU=generated by Norton Antivirus for self-signed certificates",
        "Norton",
        "https://github.com/matlab/matlab-mcp-server/issues/100",
    ),
    (
        "CN=Kaspersky Endpoint Security Personal Certification Authority, O=AO Kaspersky Lab",
        "Kaspersky",
        QUOTED,
    ),
    ("CN=Bitdefender Personal CA.Net-Defender, OU=IDS, O=Bitdefender, C=US", "Bitdefender", QUOTED),
    ("CN=AdGuard Personal CA, O=AdGuard, C=EN", "AdGuard", QUOTED),
    (
        "CN=PortSwigger CA, OU=PortSwigger CA, O=PortSwigger, C=PortSwigger",
        "Burp Suite",
        QUOTED,
    ),
    (
        r"CN=Proxyman CA (4 Jun 2025\, pbook.local), O=Proxyman LLC, L=Wilmington, C=US",
        "Proxyman",
        QUOTED,
    ),
    ("O=mitmproxy, CN=mitmproxy", "mitmproxy", "tests/components/test_interception.py"),
]
ORDINARY = [
    "CN=Netspark Electrical CA, O=Netspark Electrical",
    "CN=Superfish Restaurant, O=Superfish Sushi",
    "CN=Cyberoam Adventures, O=Cyber Oam",
    "CN=Trendsetters IWSS, O=Trend",
    "CN=Sophosutmost, O=Philosophos Institute",
    "CN=Zscalery Rope Works, O=Azscaler",
    "CN=Gateway CA, O=Cloudflare",
    "CN=Avastin Pharmacy, O=Genentech",
    "CN=Fortinetti Winery",
    "CN=Securlyft, O=Securlyft Rides",
    "CN=Barracuda Bay CA, O=Barracuda Bay Diving",
    "CN=Palo Alto Unified School District CA",
    "CN=E=mc2 ESETA, O=Esethu",
    r"CN=Cloudflare Inc ECC CA-3, O=Cloudflare\, Inc., C=US",
    r"CN=Cloudflare TLS Issuing ECC CA 1, O=SSL Corporation, C=US",
    r"CN=CloudFlare Origin SSL Certificate Authority, O=CloudFlare\, Inc., C=US",
    "CN=Symantec Class 3 Secure Server CA - G4, OU=Symantec Trust Network, O=Symantec Corporation, C=US",
    "CN=Cisco Root CA M2, O=Cisco",
    "CN=HydrantID SSL ICA G2, O=HydrantID (Avalanche Cloud Corporation), C=US",
    "CN=Norton Rose Fulbright CA, O=Norton Rose Fulbright",
    "CN=Internal CA, O=McAfee & Taft",
    "CN=City of Palo Alto CA, O=City of Palo Alto",
    "CN=Charles River CA, O=Charles River Laboratories",
    "CN=Charles, O=Proxy Charles",
    "CN=Fiddler's Green Bank CA, O=Fiddler & Sons",
    "CN=Cato Institute CA, O=Cato Institute",
    "CN=Catonetworksworth CA",
    "CN=Trendy Micro Brewery, O=Trendmicrobes",
    "CN=goskope.community",
    "CN=Menlo Park Academy, O=Menlo College",
    "CN=Barracuda Championship, O=Barracudas Swim Club",
    "CN=Lightspeed POS CA, O=Lightspeed Commerce",
    "CN=Sophos Institute CA, O=Sophos Institute Press",
    "CN=Untangle My Life CA",
    "CN=Checkpoint Charlie CA, O=Check Point Cafe",
    "CN=Preset Labs, O=Eset Textiles",
    "CN=Skyhigh Gardens, O=Skyhigh Travel",
    "O=Kaspersky Quartet",
    "CN=AVG Datenschutz",
    "CN=Gateway Intermediate Certificate Authority, O=Acme",
    "CN=Gateway CA, O=Managed Hosting",
]


@pytest.mark.parametrize(
    ("issuer", "maker", "source"), REAL, ids=[f"{maker} {issuer[:40]}" for issuer, maker, _ in REAL]
)
def test_a_product_is_known_by_what_it_signs_with(issuer: str, maker: str, source: str) -> None:
    """Names as they were seen."""
    assert interceptor(issuer) == maker, source


@pytest.mark.parametrize("issuer", ORDINARY, ids=ORDINARY)
def test_an_ordinary_name_is_nobodys_product(issuer: str) -> None:
    """Towns, people, words, and what the same makers sign that opens no TLS."""
    assert interceptor(issuer) is None


def test_no_public_root_is_an_interceptors() -> None:
    """Of the roots that browsers trust, none is taken for a product's."""
    for file in pathlib.Path("/usr/share/ca-certificates/mozilla").glob("*.crt"):
        assert interceptor(read_certificate(ssl.PEM_cert_to_DER_cert(file.read_text())).subject) is None, file


def test_who_has_to_be_asked() -> None:
    """A program on this machine is its user's, a company's gateway is not."""
    assert runs_here("Avast")
    assert not runs_here("Zscaler")
