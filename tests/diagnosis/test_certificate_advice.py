"""Who is sent for a certificate that was not accepted: the first who is named in the advice is who can mend it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from wsconn import Cause, Evidence, Stage, TlsInfo
from wsconn._diagnosis.advice import advice_on

ADDRESSEES = {
    "operator": r"service's operator",
    "administrator": r"administrator",
    "this machine": r"this machine's (root|clock)|Unset the variable|on this machine|in its settings",
}
PUBLIC = "CN=R11, O=Let's Encrypt, C=US"
ZSCALER = "CN=Zscaler Intermediate Root CA (zscaler.net), O=Zscaler Inc., C=US"
DATE = datetime(2026, 1, 1, tzinfo=UTC)
TABLE: dict[str, tuple[Cause, dict[str, Any], str]] = {
    "the intermediate is left out": (
        Cause.TLS_UNTRUSTED,
        {"verify_code": 20, "certificates_sent": 1, "top_issuer": PUBLIC, "issuer_url": "http://r11.i.lencr.org/"},
        "operator",
    ),
    "it is left out, and nothing says where it is": (
        Cause.TLS_UNTRUSTED,
        {"verify_code": 21, "certificates_sent": 1, "top_issuer": PUBLIC},
        "operator",
    ),
    "a weak key": (Cause.TLS_UNTRUSTED, {"verify_code": 66, "faulty_role": "server"}, "operator"),
    "an authority's weak key": (Cause.TLS_UNTRUSTED, {"verify_code": 67, "faulty_role": "intermediate"}, "operator"),
    "a weak signature": (Cause.TLS_UNTRUSTED, {"verify_code": 68}, "operator"),
    "a wrong purpose": (Cause.TLS_UNTRUSTED, {"verify_code": 26, "faulty_role": "server"}, "operator"),
    "no authority key identifier": (Cause.TLS_UNTRUSTED, {"verify_code": 85, "faulty_role": "server"}, "operator"),
    "a company's gateway": (
        Cause.TLS_UNTRUSTED,
        {"verify_code": 20, "tls": TlsInfo(issuer=ZSCALER), "top_issuer": ZSCALER},
        "administrator",
    ),
    "a gateway in the certificate above": (
        Cause.TLS_UNTRUSTED,
        {"verify_code": 20, "tls": TlsInfo(issuer="CN=Acme"), "top_issuer": ZSCALER},
        "administrator",
    ),
    "a gateway's formal fault": (
        Cause.TLS_UNTRUSTED,
        {"verify_code": 89, "tls": TlsInfo(issuer=ZSCALER), "faulty_role": "root"},
        "administrator",
    ),
    "a program here": (
        Cause.TLS_UNTRUSTED,
        {"verify_code": 19, "tls": TlsInfo(issuer="CN=ESET SSL Filter CA")},
        "this machine",
    ),
    "a gateway's certificate that expired": (
        Cause.TLS_EXPIRED,
        {"verify_code": 10, "faulty_role": "intermediate", "tls": TlsInfo(issuer=ZSCALER)},
        "this machine",  # its clock
    ),
    "a gateway's certificate for another name": (
        Cause.TLS_HOSTNAME_MISMATCH,
        {"verify_code": 62, "certificate_names": ("DNS:block.acme.example",), "tls": TlsInfo(issuer=ZSCALER)},
        "administrator",
    ),
    "a gateway that breaks a rule": (
        Cause.TLS_UNTRUSTED,
        {"verify_code": 67, "faulty_role": "intermediate", "tls": TlsInfo(issuer=ZSCALER), "top_issuer": ZSCALER},
        "administrator",
    ),
    "a program here that shows another name": (
        Cause.TLS_HOSTNAME_MISMATCH,
        {"verify_code": 62, "tls": TlsInfo(issuer="CN=ESET SSL Filter CA")},
        "this machine",
    ),
    "signed by itself": (
        Cause.TLS_UNTRUSTED,
        {"verify_code": 18, "certificate_fits": True, "top_issuer": PUBLIC},
        "operator",
    ),
    "another server's, signed by itself": (
        Cause.TLS_UNTRUSTED,
        {"verify_code": 18, "certificate_fits": False, "certificate_names": ("DNS:router.lan",)},
        "administrator",
    ),
    "a setting": (
        Cause.TLS_UNTRUSTED,
        {"verify_code": 20, "setting": "SSL_CERT_FILE", "tls": TlsInfo(issuer=ZSCALER)},
        "this machine",
    ),
    "a key log": (Cause.TLS_FAILED, {"setting": "SSLKEYLOGFILE", "not_loaded": "roots"}, "this machine"),
    "an expired intermediate": (
        Cause.TLS_EXPIRED,
        {"verify_code": 10, "faulty_role": "intermediate", "faulty_certificate": "CN=R3", "faulty_date": DATE},
        "this machine",  # its clock, which the person can look at
    ),
    "an expired root": (
        Cause.TLS_EXPIRED,
        {"verify_code": 10, "faulty_role": "root", "faulty_certificate": "CN=X3", "faulty_date": DATE},
        "this machine",
    ),
    "a name that only the common name has": (
        Cause.TLS_HOSTNAME_MISMATCH,
        {"verify_code": 62, "only_common_name_fits": True, "certificate_names": ("DNS:b.example",)},
        "operator",
    ),
}


@pytest.mark.parametrize("cause", [Cause.TLS_EXPIRED, Cause.TLS_NOT_YET_VALID, Cause.TLS_HOSTNAME_MISMATCH], ids=str)
@pytest.mark.parametrize("issuer", [ZSCALER, "CN=ESET SSL Filter CA"], ids=["a gateway", "a program here"])
def test_what_was_made_on_the_way_is_no_matter_of_the_operators(cause: Cause, issuer: str) -> None:
    """A certificate that a product has made cannot be mended by who runs the server."""
    seen = Evidence(stage=Stage.TLS, host="eu.example", port=443, tls=TlsInfo(issuer=issuer), clock=DATE)
    advice = advice_on(cause, seen)
    assert "opens and re-signs TLS" in advice
    assert "operator" not in advice
    assert ("administrator" in advice) == (issuer == ZSCALER)


@pytest.mark.parametrize(("cause", "seen", "first"), TABLE.values(), ids=TABLE.keys())
def test_who_is_sent_for_first(cause: Cause, seen: dict[str, Any], first: str) -> None:
    """Nobody is sent to an administrator for what the operator or the user alone can mend."""
    about: dict[str, Any] = {"stage": Stage.TLS, "host": "eu.example", "port": 443, "tls": TlsInfo(issuer=PUBLIC)}
    advice = advice_on(cause, Evidence(**{**about, **seen}))
    named = {who: found.start() for who, words in ADDRESSEES.items() if (found := re.search(words, advice))}
    assert min(named, key=lambda who: named[who]) == first, advice
