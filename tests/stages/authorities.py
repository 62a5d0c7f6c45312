"""Authorities and certificates as they go wrong: out of date, too weak, for another purpose, without what they need."""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
import pathlib
import ssl
import tempfile
from collections.abc import Sequence

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
LONG_AGO, FAR_AHEAD = NOW - dt.timedelta(days=900), NOW + dt.timedelta(days=900)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
P256 = ec.SECP256R1()


@functools.cache
def key_of(number: int, rsa_bits: int | None = None, curve: ec.EllipticCurve = P256) -> Key:
    """Return a key; the same one for the same number."""
    return rsa.generate_private_key(65537, rsa_bits) if rsa_bits else ec.generate_private_key(curve)


@attrs.frozen(kw_only=True)
class Issued:
    """A certificate with its key, and the one above it; a root has none."""

    certificate: x509.Certificate
    key: Key
    issuer: Issued | None = None

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def name(self) -> str:
        """Its subject as RFC 4514 writes it, with a blank after each comma."""
        return ", ".join(part.rfc4514_string() for part in reversed(self.certificate.subject.rdns))


def issue(
    common_name: str | None,
    issuer: Issued | None = None,
    *,
    hosts: Sequence[str] = (),
    begins: dt.datetime = NOW - dt.timedelta(days=1),
    ends: dt.datetime = FAR_AHEAD,
    rsa_bits: int | None = None,
    sha1: bool = False,
    purpose: x509.ObjectIdentifier | None = None,
    issuer_url: str | None = None,
    authority_key: bool = True,
    organization: str | None = None,
    curve: ec.EllipticCurve = P256,
    changed: Sequence[tuple[x509.ExtensionType, bool]] = (),
    without: Sequence[type[x509.ExtensionType]] = (),
) -> Issued:
    """Issue a certificate: an authority's where there are no `hosts`, a root's where there is no `issuer`.

    What is `changed` stands in the place of the extensions of its kind, or beside them; each with whether it is
    critical.
    """
    key = key_of(id(issuer) if issuer else 0, rsa_bits, curve)
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else []
    if organization:
        subject.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(issuer.certificate.subject if issuer else x509.Name(subject))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    left_out = (*without, *(type(extension) for extension, _ in changed))
    for extension in _extensions(key, issuer, hosts, purpose, issuer_url, authority_key=authority_key):
        critical = isinstance(extension, x509.BasicConstraints | x509.KeyUsage)
        if not isinstance(extension, left_out):
            builder = builder.add_extension(extension, critical or (not subject and _is_names(extension)))
    for extension, critical in changed:
        builder = builder.add_extension(extension, critical)
    signer = issuer.key if issuer else key
    signed = builder.sign(signer, hashes.SHA256())
    if sha1:
        signed = _with_sha1(signed, signer)
    return Issued(certificate=signed, key=key, issuer=issuer)


def _with_sha1(signed: x509.Certificate, signer: Key) -> x509.Certificate:
    """Sign once more, with SHA-1, which the library refuses; it takes an RSA key, whose signatures are all as long."""
    assert isinstance(signer, rsa.RSAPrivateKey)
    with_sha256, with_sha1 = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    content = signed.tbs_certificate_bytes.replace(with_sha256, with_sha1)
    signature = signer.sign(content, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - weak on purpose
    encoded = signed.public_bytes(serialization.Encoding.DER).replace(with_sha256, with_sha1)
    return x509.load_der_x509_certificate(encoded[: -len(signature)] + signature)


def _is_names(extension: x509.ExtensionType) -> bool:
    return isinstance(extension, x509.SubjectAlternativeName)


def _extensions(
    key: Key,
    issuer: Issued | None,
    hosts: Sequence[str],
    purpose: x509.ObjectIdentifier | None,
    issuer_url: str | None,
    *,
    authority_key: bool,
) -> list[x509.ExtensionType]:
    is_authority = not hosts
    extensions: list[x509.ExtensionType] = [
        x509.BasicConstraints(ca=is_authority, path_length=None),
        key_usage(digital_signature=not is_authority, key_cert_sign=is_authority, crl_sign=is_authority),
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
    ]
    if hosts:
        extensions.append(x509.SubjectAlternativeName([_general_name(host) for host in hosts]))
    if purpose:
        extensions.append(x509.ExtendedKeyUsage([purpose]))
    if issuer and authority_key:
        extensions.append(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()))
    if issuer_url:
        place = x509.UniformResourceIdentifier(issuer_url)
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)
        extensions.append(x509.AuthorityInformationAccess([access]))
    return extensions


def _general_name(host: str) -> x509.GeneralName:
    if host.startswith("mail:"):
        return x509.RFC822Name(host.removeprefix("mail:"))
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def key_usage(**allowed: bool) -> x509.KeyUsage:
    """Return a key usage that allows this alone."""
    usages = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{**dict.fromkeys(usages, False), **allowed})


FOR_CLIENTS = ExtendedKeyUsageOID.CLIENT_AUTH


def server_sending(own: Issued, *above: Issued) -> ssl.SSLContext:
    """Return the context of a server that sends its own certificate and those above it that are named."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    private = own.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "chain")
        file.write_text(private.decode() + own.pem + "".join(one.pem for one in above))
        context.load_cert_chain(file)
    return context


def trusting(*roots: Issued) -> ssl.SSLContext:
    """Return a client's context, with Python's defaults, that trusts these roots."""
    return ssl.create_default_context(cadata="".join(root.pem for root in roots))
