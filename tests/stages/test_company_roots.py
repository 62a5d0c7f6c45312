"""Roots that break a formal rule, as many companies' do, and the checks that Python 3.13 and newer insist on."""

from __future__ import annotations

import datetime as dt
import ipaddress
import pathlib
import ssl
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import wsconn
from tests.engine import echo_server

KEYS = (ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1()))
ROOT_NAME = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Company")])


def certificate(builder: x509.CertificateBuilder, of: int) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    return (
        builder.issuer_name(ROOT_NAME)
        .public_key(KEYS[of].public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(KEYS[0], hashes.SHA256())
    )


@pytest.fixture
def company(tmp_path: pathlib.Path) -> Iterator[tuple[str, pathlib.Path]]:
    """Serve a region whose root has Basic Constraints that are not critical, against RFC 5280, section 4.2.1.9."""
    root = certificate(
        x509.CertificateBuilder()
        .subject_name(ROOT_NAME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=False),
        of=0,
    )
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    leaf = certificate(
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .add_extension(x509.SubjectAlternativeName([address]), critical=True),
        of=1,
    )
    pem = serialization.Encoding.PEM
    root_file, leaf_file = tmp_path / "root.pem", tmp_path / "leaf.pem"
    root_file.write_bytes(root.public_bytes(pem))
    key = KEYS[1].private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    leaf_file.write_bytes(leaf.public_bytes(pem) + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf_file)
    with echo_server("127.0.0.1", context=context) as port:
        yield f"wss://127.0.0.1:{port}/", root_file


def test_a_root_that_breaks_a_formal_rule(company: tuple[str, pathlib.Path]) -> None:
    """With the strict checks the region fails, and the advice names the flag; without them it passes."""
    url, root = company
    context = ssl.create_default_context(cafile=str(root))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    (strict,) = wsconn.check({"region": url}, proxy=None, ssl_context=context).outcomes
    assert strict.failure is not None
    assert (strict.failure.stage, strict.failure.cause) == ("tls", "tls_untrusted")
    assert "Example Company" in strict.failure.message
    assert "VERIFY_X509_STRICT" in strict.failure.advice
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    assert wsconn.check({"region": url}, proxy=None, ssl_context=context).result == "passed"
