"""Chains that lead to no root that is trusted: where each ends, what else is wrong, and who can mend it."""

from __future__ import annotations

import pytest

from tests.stages.authorities import LONG_AGO, Issued, issue, server_sending, trusting
from tests.stages.refused_certificates import HERE, NOBODY_ELSE, OPERATOR, failure, seen_in

ROOT, OTHER = issue("A Public Root"), issue("Another Root")
UPPER = issue("An Upper Intermediate", ROOT, issuer_url="http://ca.example/root.der")
LOWER = issue("A Lower Intermediate", UPPER, issuer_url="http://ca.example/upper.der")
URL = "http://ca.example/lower.der"
OWN = issue("own", LOWER, hosts=HERE, issuer_url=URL)
STRANGERS = [issue(f"Extra {number}", OTHER) for number in range(12)]


@pytest.mark.parametrize("more", [[], STRANGERS], ids=["alone", "with a dozen others"])
@pytest.mark.parametrize(
    ("sent", "above"),
    [([LOWER], UPPER), ([UPPER], LOWER), ([], LOWER), ([ROOT], LOWER), ([OWN], LOWER), ([LOWER, UPPER], ROOT)],
    ids=["the upper", "the lower", "both", "both, and the root is sent", "both, and its own is sent twice", "the root"],
)
def test_what_is_missing_is_named(sent: list[Issued], above: Issued, more: list[Issued]) -> None:
    """It is the authority above all that was sent, whatever was sent beside that."""
    client = trusting(OTHER if above is ROOT else ROOT)
    failed = failure(client, server_sending(OWN, *more, *sent))
    assert seen_in(failed).top_issuer == above.name
    assert above.name in failed.message
    assert OPERATOR in failed.advice
    assert "to have the server send" in failed.advice
    assert ("update this machine's root certificates" in failed.advice) == (above in (UPPER, ROOT))
    if above is LOWER:
        assert NOBODY_ELSE not in failed.advice
    else:
        assert failed.advice.index(above.name) < failed.advice.index(OPERATOR) < failed.advice.index(NOBODY_ELSE)


@pytest.mark.parametrize(
    "sent", [[UPPER, LOWER], [ROOT, UPPER, LOWER], [*STRANGERS, LOWER, UPPER]], ids=["order", "root first", "others"]
)
def test_the_order_is_no_fault(sent: list[Issued]) -> None:
    """OpenSSL finds its way through what was sent; so does the search for who is missing."""
    failed = failure(trusting(OTHER), server_sending(OWN, *sent))
    assert seen_in(failed).top_issuer == ROOT.name


def test_a_root_that_was_sent_and_is_not_known() -> None:
    """It may be a company's, or a public one that this machine lacks."""
    failed = failure(trusting(OTHER), server_sending(OWN, LOWER, UPPER, ROOT))
    assert failed.message.endswith(f"and above that stands {ROOT.name}, which is not known here")
    assert failed.advice.startswith(f"The chain ends at {ROOT.name}, which this machine does not trust")
    assert "update this machine's root certificates" in failed.advice


@pytest.mark.parametrize(
    "url",
    ["http://pki.acme.local/ca.crt", "http://pki/ca.crt", "http://ca.corp/a", "http://[/", "http://ca.lan:8080/a"],
)
def test_an_authority_inside_a_network_is_no_public_one(url: str) -> None:
    """Where its certificate is to be had at an address inside, the chain may be whole, and the root not installed."""
    failed = failure(trusting(ROOT), server_sending(issue("own", LOWER, hosts=HERE, issuer_url=url)))
    assert failed.advice.startswith(f"If {LOWER.name} is a public authority, tell the service's operator")
    assert "of your own signed it, have that authority's root certificate installed" in failed.advice


# --- signed by itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["own", None], ids=["a subject", "no subject"])
def test_a_server_that_signed_its_own_certificate(name: str | None) -> None:
    """Its operator gets another one, or the user trusts this one; it is no matter of the network."""
    failed = failure(trusting(ROOT), server_sending(issue(name, hosts=HERE)))
    assert seen_in(failed).certificate_fits
    assert "signed its certificate itself" in failed.advice
    assert "--ca-file" in failed.advice
    assert OPERATOR in failed.advice
    assert NOBODY_ELSE not in failed.advice


@pytest.mark.parametrize("name", ["127.0.0.1", "router.lan"], ids=["for the host", "for another"])
def test_a_certificate_of_its_own_that_has_a_common_name_alone(name: str) -> None:
    """The subject does not count, and tells nonetheless whose it is."""
    failed = failure(trusting(ROOT), server_sending(issue(name)))
    assert failed.message.endswith("it has no subjectAltName, so not for 127.0.0.1")
    assert ("in the server's place" in failed.advice) == (name == "router.lan")


def test_a_device_in_the_servers_place() -> None:
    """A router or a portal shows a certificate of its own, for itself."""
    failed = failure(trusting(ROOT), server_sending(issue("CN", hosts=["192.168.88.1", "router.lan"])))
    names = "IP Address:192.168.88.1, DNS:router.lan"
    assert failed.message.endswith(f"it is for {names}, so not for 127.0.0.1")
    assert failed.advice.startswith(
        f"What answered has a certificate that it signed itself, for {names}: most likely a router"
    )


# --- more than one thing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "fits"),
    [
        (["127.0.0.1"], True),
        (["other.example", "127.0.0.1"], True),
        (["other.example"], False),
        (["127.0.0.2"], False),
        ([f"{number}.example" for number in range(80)], None),
    ],
    ids=["it fits", "one of two fits", "another name", "another address", "more names than are read"],
)
def test_whom_an_untrusted_certificate_is_for(hosts: list[str], fits: bool | None) -> None:
    """OpenSSL tells of the missing authority alone; a name that does not fit says who has answered."""
    failed = failure(trusting(ROOT), server_sending(issue("own", LOWER, hosts=hosts)))
    assert seen_in(failed).certificate_fits == fits
    assert (", so not for 127.0.0.1" in failed.message) == (fits is False)


def test_an_untrusted_certificate_that_has_expired_too() -> None:
    """Once it is trusted it fails for its date: that is said at once."""
    dates = {"begins": LONG_AGO.replace(year=2001), "ends": LONG_AGO}
    failed = failure(trusting(ROOT), server_sending(issue("own", LOWER, hosts=HERE, **dates)))
    assert failed.message.endswith(f"; it has also expired, on {LONG_AGO:%Y-%m-%d}")
