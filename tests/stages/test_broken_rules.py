"""Certificates under a trusted root that OpenSSL refuses for what they are: each is found, and who is to replace it."""

from __future__ import annotations

import ipaddress
import ssl
from typing import Any

import attrs
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.stages.authorities import Issued, issue, key_usage, server_sending, trusting
from tests.stages.refused_certificates import HERE, NOBODY_ELSE, OPERATOR, failure, seen_in
from wsconn import Cause

FOR_ANY, FOR_MAIL = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, ExtendedKeyUsageOID.EMAIL_PROTECTION
UNKNOWN = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00"), True)
NO_AUTHORITY = (x509.BasicConstraints(ca=False, path_length=None), True)
NO_OTHERS_BELOW = (x509.BasicConstraints(ca=True, path_length=0), True)
SIGNS_NOTHING = (key_usage(digital_signature=True, crl_sign=True), True)
SIGNS_LISTS_ALONE = (key_usage(crl_sign=True), True)
LOOPBACK = x509.IPAddress(ipaddress.ip_network("127.0.0.0/8"))
NOT_FOR_HERE = (x509.NameConstraints(None, [LOOPBACK]), True)
SHORT_CURVE = ec.SECP192R1()


@attrs.frozen
class Bad:
    """Which certificate is bad, in what, the verify code that OpenSSL gives, and what is said to be wanted."""

    role: str
    code: int
    changes: dict[str, Any]
    wanted: str
    named: str | None = None  # whose fault is told, where it is not that certificate's


BAD = {
    "for any purpose": Bad("server", 26, {"purpose": FOR_ANY}, "serverAuth"),
    "a key that agrees on none": Bad("server", 26, {"changed": [SIGNS_LISTS_ALONE]}, "digitalSignature"),
    "an authority for mail": Bad("intermediate", 26, {"purpose": FOR_MAIL}, "serverAuth"),
    "an authority for any purpose": Bad("intermediate", 26, {"purpose": FOR_ANY}, "serverAuth"),
    "a root for mail": Bad("root", 26, {"purpose": FOR_MAIL}, "serverAuth"),
    "an authority that is none": Bad("intermediate", 79, {"changed": [NO_AUTHORITY]}, "CA in its basic constraints"),
    "one that may sign nothing": Bad("intermediate", 79, {"changed": [SIGNS_NOTHING]}, "keyCertSign"),
    "a root that may sign nothing": Bad("root", 79, {"changed": [SIGNS_NOTHING]}, "keyCertSign"),
    "an authority's short curve": Bad("intermediate", 67, {"curve": SHORT_CURVE}, "an elliptic-curve key 224"),
    "a root's short key": Bad("root", 67, {"rsa_bits": 1024}, "2048 bits"),
    "an extension that nobody knows": Bad("server", 34, {"changed": [UNKNOWN]}, "marked as critical"),
    "an authority's unknown one": Bad("intermediate", 34, {"changed": [UNKNOWN]}, "marked as critical"),
    "a name that is excluded": Bad("intermediate", 48, {"changed": [NOT_FOR_HERE]}, "name constraints", "server"),
    "too many authorities": Bad("root", 25, {"changed": [NO_OTHERS_BELOW]}, "path length", ""),
}
FORMAL = {
    "an authority without a key's identifier": Bad("intermediate", 86, {"without": [x509.SubjectKeyIdentifier]}, ""),
    "a root without one": Bad("root", 86, {"without": [x509.SubjectKeyIdentifier]}, ""),
    "constraints that are not critical": Bad(
        "intermediate", 89, {"changed": [(x509.BasicConstraints(ca=True, path_length=None), False)]}, ""
    ),
    "an authority without a key usage": Bad("intermediate", 92, {"without": [x509.KeyUsage]}, ""),
    "a server that may sign": Bad(
        "server", 82, {"changed": [(key_usage(digital_signature=True, key_cert_sign=True), True)]}, ""
    ),
}


def chain_with(bad: Bad) -> dict[str, Issued]:
    """Issue a chain, of which one certificate is bad."""
    changes = {bad.role: bad.changes}
    root = issue("A Root", **changes.get("root", {}))
    above = root if bad.code != 25 else issue("One More", root)
    between = issue("An Intermediate", above, **changes.get("intermediate", {}))
    chain = {"server": issue("own", between, hosts=HERE, **changes.get("server", {})), "intermediate": between}
    return {**chain, "root": root, "above": above}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_rule_that_is_broken(bad: Bad) -> None:
    """The certificate is named, and what it lacks is said; its operator has it replaced by who issued it."""
    chain = chain_with(bad)
    more = [chain["above"]] if chain["above"] is not chain["root"] else []
    failed = failure(trusting(chain["root"]), server_sending(chain["server"], chain["intermediate"], *more))
    seen, role = seen_in(failed), bad.role if bad.named is None else bad.named
    assert (failed.cause, seen.verify_code) == (Cause.TLS_UNTRUSTED, bad.code)
    assert (seen.faulty_role or "", seen.faulty_certificate) == (role, chain[role].name if role else None)
    assert "This machine trusts the authority" in failed.advice
    assert bad.wanted in failed.advice
    assert OPERATOR in failed.advice
    assert NOBODY_ELSE not in failed.advice
    assert ("nothing to install here" in failed.advice) == (role != "root")
    if role in ("intermediate", "root"):
        assert f"have {chain[role].name} issue" not in failed.advice


@pytest.mark.parametrize("bad", FORMAL.values(), ids=FORMAL.keys())
def test_a_formal_rule_that_is_broken(bad: Bad) -> None:
    """What Python 3.13 and newer alone insist on is told with the certificate that breaks it."""
    chain = chain_with(bad)
    client = trusting(chain["root"])
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    failed = failure(client, server_sending(chain["server"], chain["intermediate"]))
    seen = seen_in(failed)
    assert (seen.verify_code, seen.faulty_role, seen.faulty_certificate) == (bad.code, bad.role, chain[bad.role].name)
    assert (chain[bad.role].name in failed.advice) == (bad.role != "server")
    assert failed.advice.lower().startswith(f"the {bad.role}")
    assert OPERATOR in failed.advice
    assert "VERIFY_X509_STRICT" in failed.advice
