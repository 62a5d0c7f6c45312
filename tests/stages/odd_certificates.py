"""Certificates written byte by byte (X.690), with what no authority would sign."""

from __future__ import annotations

import functools
import pathlib
import ssl
import tempfile

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

BITS, UTF8, T61, IA5, UTC_TIME, TIME, BMP = 0x03, 0x0C, 0x14, 0x16, 0x17, 0x18, 0x1E
MAIL, DNS, DIRECTORY, URI, ADDRESS = 0x81, 0x82, 0xA4, 0x86, 0x87  # of subjectAltName, RFC 5280 section 4.2.1.6
_SEQUENCE, _SET, _OBJECT, _OCTETS = 0x30, 0x31, 0x06, 0x04
_ORGANISATION, _ALTERNATIVE_NAMES = bytes.fromhex("55040a"), bytes.fromhex("551d11")
_ECDSA_WITH_SHA256 = bytes.fromhex("2a8648ce3d040302")


@functools.cache
def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def der(tag: int, content: bytes) -> bytes:
    """Write one element."""
    size = len(content)
    length = (size.bit_length() + 7) // 8
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | length]) + size.to_bytes(length)) + content


def name(kind: int, value: bytes) -> bytes:
    """Write a distinguished name of one organisation."""
    return der(_SEQUENCE, der(_SET, der(_SEQUENCE, der(_OBJECT, _ORGANISATION) + der(kind, value))))


def certificate(
    subject: tuple[int, bytes] = (UTF8, b"Subject"),
    alternative: tuple[int, bytes] = (DNS, b"a.example"),
    not_after: tuple[int, bytes] = (UTC_TIME, b"400101000000Z"),
) -> bytes:
    """Return a certificate in DER that is signed with its own key."""
    algorithm = der(_SEQUENCE, der(_OBJECT, _ECDSA_WITH_SHA256))
    names = der(_OBJECT, _ALTERNATIVE_NAMES) + der(_OCTETS, der(_SEQUENCE, der(*alternative)))
    to_be_signed = der(
        _SEQUENCE,
        der(0xA0, b"\x02\x01\x02")  # version 3
        + b"\x02\x01\x05"  # serial number
        + algorithm
        + name(*subject)
        + der(_SEQUENCE, der(UTC_TIME, b"200101000000Z") + der(*not_after))
        + name(*subject)
        + _key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        + der(0xA3, der(_SEQUENCE, der(_SEQUENCE, names))),
    )
    signature = _key().sign(to_be_signed, ec.ECDSA(hashes.SHA256()))
    return der(_SEQUENCE, to_be_signed + algorithm + der(BITS, b"\x00" + signature))


def server_context(made: bytes) -> ssl.SSLContext:
    """Return a context that shows this certificate; `ssl.SSLError` where OpenSSL itself cannot read it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as directory:
        chain = pathlib.Path(directory, "chain")
        private = _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain.write_bytes(private + ssl.DER_cert_to_PEM_cert(made).encode())
        context.load_cert_chain(chain)
    return context


def trusting(made: bytes) -> ssl.SSLContext:
    """Return a client's context that trusts this certificate alone, whatever host it is for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=made)
    context.verify_flags = ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
