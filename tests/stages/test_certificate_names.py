"""Certificates for other names than the host's: how near they come, and who puts the right one in."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography import x509

from tests.stages.authorities import LONG_AGO, issue, server_sending, trusting
from tests.stages.refused_certificates import HERE, NOBODY_ELSE, OPERATOR, failure, seen_in
from wsconn import Cause, Evidence, Stage, TlsInfo
from wsconn._diagnosis.advice import advice_on
from wsconn._diagnosis.causes import message_on

ROOT = issue("A Root")
AS_DNS_NAME = (x509.SubjectAlternativeName([x509.DNSName("127.0.0.1")]), False)


def mismatch(*names: str, host: str = "eu.service.example.org") -> str:
    """Return the advice where a certificate that is trusted has these DNS names."""
    seen = Evidence(
        stage=Stage.TLS,
        host=host,
        port=443,
        verify_code=62,
        tls=TlsInfo(issuer="CN=R11, O=Let's Encrypt, C=US"),
        certificate_names=tuple(f"DNS:{name}" for name in names),
        certificate_fits=False,
    )
    return advice_on(Cause.TLS_HOSTNAME_MISMATCH, seen)


def test_an_address_that_is_written_as_a_name() -> None:
    """A DNS name of digits is no address, to no browser either."""
    server = server_sending(issue("own", ROOT, hosts=HERE, changed=[AS_DNS_NAME]))
    failed = failure(trusting(ROOT), server)
    assert (failed.cause, seen_in(failed).certificate_fits) == (Cause.TLS_HOSTNAME_MISMATCH, False)
    assert "put into the certificate's subjectAltName as an IP address" in failed.advice
    assert OPERATOR in failed.advice
    assert NOBODY_ELSE not in failed.advice


@pytest.mark.parametrize("hosts", [["old.example"], ["127.0.0.2"], None], ids=["a name", "another address", "none"])
def test_an_address_in_the_common_name(hosts: list[str] | None) -> None:
    """It does not count there, whatever else the certificate is for; what it is for is named."""
    without = [] if hosts else [x509.SubjectAlternativeName]
    failed = failure(trusting(ROOT), server_sending(issue(HERE[0], ROOT, hosts=hosts or HERE, without=without)))
    assert seen_in(failed).only_common_name_fits
    assert "a common name in the subject does not count" in failed.message
    assert failed.advice.startswith("Tell the service's operator to have 127.0.0.1 put")
    assert "CN=127.0.0.1" not in failed.message + failed.advice
    assert ("it has no subjectAltName" in failed.message) == (hosts is None)
    assert ("this certificate has none" in failed.advice) == (hosts is None)


@pytest.mark.parametrize(
    "names",
    [["*.example.org"], ["example.org"], ["eu*.service.example.org"], ["us.service.example.org", "other.example"]],
    ids=["a label too many", "the domain itself", "a part of a label", "a neighbour"],
)
def test_a_certificate_for_others_in_the_domain(names: list[str]) -> None:
    """Nobody but the service's operator has one: no portal is suspected, nor the network."""
    advice = mismatch(*names)
    assert OPERATOR in advice
    assert names[0] in advice
    assert "A wildcard (*) stands for exactly one whole label" in advice
    assert "portal" not in advice
    assert "Check the host name in the URL" in advice


@pytest.mark.parametrize(
    "names",
    [["portal.hotel.example"], ["service.example.net"], ["*.org"], ["org"]],
    ids=["a portal's", "another domain", "a country's", "a top-level domain"],
)
def test_a_certificate_for_strangers(names: list[str]) -> None:
    """Somebody else has answered, which a portal does."""
    assert "a portal or DNS filter may have led the connection elsewhere" in mismatch(*names)


def test_a_domain_under_a_countrys() -> None:
    """`co.uk` is nobody's domain."""
    assert "portal" in mismatch("other.co.uk", host="eu.service.co.uk")
    assert "portal" not in mismatch("us.service.co.uk", host="eu.service.co.uk")


def test_the_nearest_of_many_names_are_told() -> None:
    """A list is cut at 200 characters: what is left of it is what matters."""
    names = tuple(f"DNS:host{number}.example" for number in range(60))
    seen = Evidence(stage=Stage.TLS, host="eu.service.org", port=443, certificate_names=(*names, "DNS:us.service.org"))
    assert "but for DNS:us.service.org, DNS:host0.example, DNS:host1.example" in message_on(
        Cause.TLS_HOSTNAME_MISMATCH, seen
    )


def test_another_name_and_a_date_that_is_past() -> None:
    """OpenSSL tells of the name alone; who mends that should not have to come back for the date."""
    dates = {"begins": LONG_AGO - dt.timedelta(1), "ends": LONG_AGO}
    failed = failure(trusting(ROOT), server_sending(issue("own", ROOT, hosts=["old.example"], **dates)))
    assert failed.cause is Cause.TLS_HOSTNAME_MISMATCH
    assert failed.message.endswith(f"; it has also expired, on {LONG_AGO:%Y-%m-%d}")
