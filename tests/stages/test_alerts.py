"""How a handshake is refused without a word on the server's certificate, and who can mend that."""

from __future__ import annotations

import datetime as dt
import pathlib
import ssl
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives import serialization

from tests.engine import only, start_in
from tests.stages.authorities import LONG_AGO, Issued, issue, server_sending, trusting
from tests.stages.odd_certificates import der
from tests.stages.refused_certificates import HERE, OPERATOR, failure, seen_in
from wsconn import Cause
from wsconn.lab import Lab, faults

ROOT = issue("A Root", rsa_bits=2048)
ELSEWHERE = "If it works from other networks"
CLIENT = "--client-cert"
ALERTS = {
    "handshake_failure": (40, CLIENT),
    "no_certificate": (41, CLIENT),
    "bad_certificate": (42, CLIENT),
    "unsupported_certificate": (43, CLIENT),
    "certificate_revoked": (44, "it was revoked"),
    "certificate_expired": (45, "it has expired"),
    "certificate_unknown": (46, CLIENT),
    "unknown_ca": (48, "its authority is not known there"),
    "access_denied": (49, "it is denied access"),
    "insufficient_security": (71, "update this Python"),
    "internal_error": (80, "without a certificate for 127.0.0.1"),
    "unrecognized_name": (112, "does not know the name 127.0.0.1"),
    "no_application_protocol": (120, "to enable HTTP/1.1"),
}


@pytest.mark.parametrize(("number", "said"), ALERTS.values(), ids=ALERTS.keys())
def test_an_alert_that_says_why(number: int, said: str, lab: Lab) -> None:
    """The operator can tell what the server wants; the network comes after that, or not at all."""
    lab.add("region", fault=faults.tls_alert(number), tls=True)
    failed = only(start_in(lab)).failure
    assert failed is not None
    assert failed.cause is Cause.TLS_FAILED
    assert seen_in(failed).tls_reason
    assert "_ssl.c" not in failed.message
    assert said in failed.advice
    assert failed.advice.index(OPERATOR) < (failed.advice + "administrator").index("administrator")


def presenting(folder: pathlib.Path, own: Issued, client: ssl.SSLContext) -> ssl.SSLContext:
    """Have a client's context present a certificate."""
    file = folder / "client.pem"
    form = serialization.PrivateFormat.PKCS8
    private = own.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    file.write_text(private.decode() + own.pem)
    client.load_cert_chain(file)
    return client


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("wrong", ["of a stranger", "expired"])
def test_a_client_certificate_that_is_refused(wrong: str, version: ssl.TLSVersion, tmp_path: pathlib.Path) -> None:
    """Whose it is to mend is said, whenever the alert comes."""
    server = server_sending(issue("own", ROOT, hosts=HERE))
    server.maximum_version = version
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(cadata=ROOT.pem)
    dates = {"begins": LONG_AGO - dt.timedelta(1), "ends": LONG_AGO} if wrong == "expired" else {}
    own = issue("client", ROOT if wrong == "expired" else issue("Other"), **dates)
    failed = failure(presenting(tmp_path, own, trusting(ROOT)), server)
    assert failed.cause is Cause.TLS_FAILED
    assert failed.advice.startswith("What answered does not accept this client's certificate: it")
    assert OPERATOR in failed.advice


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_wants_a_client_certificate_and_is_not_trusted(version: ssl.TLSVersion) -> None:
    """The look at its certificates sees them, though it presents none itself."""
    between = issue("An Intermediate", ROOT)
    server = server_sending(issue("own", between, hosts=HERE))
    server.minimum_version = server.maximum_version = version
    server.verify_mode = ssl.CERT_REQUIRED
    failed = failure(trusting(ROOT), server)
    assert failed.cause is Cause.TLS_UNTRUSTED
    assert f"signed by {between.name}, whose own certificate the server did not send" in failed.message


def test_a_short_group(tmp_path: pathlib.Path) -> None:
    """What this end holds too weak is the operator's to mend."""
    server = server_sending(issue("own", ROOT, hosts=HERE, rsa_bits=2048))
    server.maximum_version = ssl.TLSVersion.TLSv1_2
    server.set_ciphers("DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
    group = tmp_path / "group.pem"
    parameters = der(0x30, der(0x02, b"\0" + bytes.fromhex(_OAKLEY_2)) + der(0x02, b"\x02"))  # PKCS #3: prime and base
    group.write_text(f"-----BEGIN DH PARAMETERS-----\n{b64encode(parameters).decode()}\n-----END DH PARAMETERS-----\n")
    server.load_dh_params(str(group))  # on Windows no path will do
    failed = failure(trusting(ROOT), server)
    assert seen_in(failed).tls_reason == "DH_KEY_TOO_SMALL"
    assert failed.advice.startswith("What answered has too small a Diffie-Hellman group")
    assert failed.advice.index(OPERATOR) < failed.advice.index(ELSEWHERE)


_OAKLEY_2 = (  # RFC 2409, section 6.2: 1024 bits
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF"
)
