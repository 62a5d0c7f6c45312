"""Certificates that trustme does not issue: one of its own, changed and signed again."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

_WEAK_KEY_BITS = 1024


def leaf_alone(leaf: trustme.LeafCert) -> bytes:
    """Return the key and the certificate without the intermediates above it."""
    return leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes()


def for_clients(authority: trustme.CA, leaf: trustme.LeafCert) -> bytes:
    """Return the key and a certificate like `leaf` that is for clients alone (RFC 5280 section 4.2.1.12)."""
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return leaf.private_key_pem.bytes() + _signed(authority, leaf.cert_chain_pems[0].bytes(), usage=usage)


def with_weak_key(authority: trustme.CA, leaf: trustme.LeafCert) -> bytes:
    """Return an RSA key of 1024 bits and a certificate like `leaf` for it."""
    key = rsa.generate_private_key(65537, _WEAK_KEY_BITS)  # weak on purpose
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem + _signed(authority, leaf.cert_chain_pems[0].bytes(), public_key=key.public_key())


def with_expired_intermediate(authority: trustme.CA, leaf: trustme.LeafCert, expired_at: datetime) -> bytes:
    """Return the key, the certificate and the intermediate above it, which expired at `expired_at`."""
    return leaf_alone(leaf) + _signed(authority, leaf.cert_chain_pems[1].bytes(), not_after=expired_at)


def _signed(
    authority: trustme.CA,
    pem: bytes,
    *,
    public_key: rsa.RSAPublicKey | None = None,
    not_after: datetime | None = None,
    usage: x509.ExtendedKeyUsage | None = None,
) -> bytes:
    """Sign a certificate with the authority's key, changed by what is given."""
    before = x509.load_pem_x509_certificate(pem)
    builder = (
        x509.CertificateBuilder()
        .subject_name(before.subject)
        .issuer_name(before.issuer)
        .public_key(public_key or before.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(before.not_valid_before_utc)
        .not_valid_after(not_after or before.not_valid_after_utc)
    )
    for extension in before.extensions:
        value = usage if usage and isinstance(extension.value, x509.ExtendedKeyUsage) else extension.value
        builder = builder.add_extension(value, extension.critical)
    key = load_pem_private_key(authority.private_key_pem.bytes(), None)
    return builder.sign(cast(ec.EllipticCurvePrivateKey, key), hashes.SHA256()).public_bytes(Encoding.PEM)
