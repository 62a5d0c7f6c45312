"""Certificates that the lab has not, in which a browser and wsconn might differ; all from the lab's own authority."""

from __future__ import annotations

import functools
import ipaddress
import pathlib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import attrs
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from wsconn.lab import Fault, Lab
from wsconn.lab._fault import Handshake
from wsconn.lab._healthy import healthy
from wsconn.lab.faults import http_status

_HERE = "127.0.0.1"
_NOW = datetime.now(UTC)
_USES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@attrs.frozen(kw_only=True)
class Issuer:
    """Who signs: a name and a key."""

    name: x509.Name
    key: Key


@attrs.frozen(kw_only=True)
class Leaf:
    """What a server's certificate says; by default it is right."""

    common_name: str = "lab"
    names: tuple[x509.GeneralName, ...] = (x509.IPAddress(ipaddress.ip_address(_HERE)),)
    key: Key = attrs.field(factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    days: int = 90
    usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.SERVER_AUTH
    is_authority: bool = False
    key_usage: str | None = None  # one of _USES
    issuer_at: str | None = None
    unknown_critical: bool = False
    ciphers: str | None = None  # of TLS 1.2, and then no other version


def certificate_faults(lab: Lab, folder: pathlib.Path) -> Iterator[Fault]:
    """Yield a server for each certificate; `folder` is for their keys."""
    for name, (summary, leaf) in _leaves().items():
        yield _served(folder, name, summary, leaf, _signed(leaf, _root(lab)))
    yield from _below_an_intermediate(lab, folder)


def _below_an_intermediate(lab: Lab, folder: pathlib.Path) -> Iterator[Fault]:
    middle = Leaf(common_name="Lab intermediate", names=(), usage=None, is_authority=True)
    issuer = Issuer(name=_common_name(middle.common_name), key=middle.key)
    above, root = _signed(middle, _root(lab)), _root_certificate(lab)
    alone = Leaf(issuer_at=_published(lab, above))
    summary = "The server leaves out the intermediate; its certificate says where it can be fetched."
    yield _served(folder, "intermediate-to-fetch", summary, alone, _signed(alone, issuer))
    leaf = Leaf()
    signed = _signed(leaf, issuer)
    yield _served(folder, "whole-chain", "The server sends the root too.", leaf, signed, above, root)
    summary = "The server sends the root before the intermediate, and that twice."
    yield _served(folder, "chain-in-disorder", summary, leaf, signed, root, above, above)


def _published(lab: Lab, certificate: x509.Certificate) -> str:
    """Serve a certificate over HTTP, as RFC 5280 has it in section 4.2.2.1, and return where."""
    der = certificate.public_bytes(Encoding.DER)
    answer = http_status(200, headers={"Content-Type": "application/pkix-cert"}, body=der)
    return lab.add("the intermediate", fault=answer).replace("ws:", "http:")


def _name(text: str) -> tuple[x509.GeneralName, ...]:
    return (x509.DNSName(text),)


def _tls_1_2(ciphers: str) -> Leaf:
    return Leaf(key=rsa.generate_private_key(65537, 2048), ciphers=ciphers)


def _leaves() -> dict[str, tuple[str, Leaf]]:
    return {
        "name-in-cn-alone": ("The certificate has the host in its CN, and no SAN.", Leaf(common_name=_HERE, names=())),
        "name-in-cn-and-other-san": (
            "The certificate has the host in its CN; its SAN has another.",
            Leaf(common_name=_HERE, names=_name("wrong.example")),
        ),
        "address-as-dns-name": ("The SAN has the IP address as a DNS name.", Leaf(names=_name(_HERE))),
        "rsa-2048": ("The certificate has an RSA key of 2048 bits.", Leaf(key=rsa.generate_private_key(65537, 2048))),
        "p-521": ("The certificate has a key on the curve P-521.", Leaf(key=ec.generate_private_key(ec.SECP521R1()))),
        "ed25519": ("The certificate has an Ed25519 key.", Leaf(key=ed25519.Ed25519PrivateKey.generate())),
        "rsa-key-exchange": ("The server knows TLS 1.2 with RSA key exchange alone.", _tls_1_2("AES128-GCM-SHA256")),
        "cbc": ("The server knows TLS 1.2 with CBC and SHA-1 alone.", _tls_1_2("ECDHE-RSA-AES128-SHA")),
        "dhe": (
            "The server knows TLS 1.2 with finite-field Diffie-Hellman alone.",
            _tls_1_2("DHE-RSA-AES128-GCM-SHA256"),
        ),
        "ten-years": ("The certificate is valid for ten years.", Leaf(days=3650)),
        "no-usage": ("The certificate does not say what it is for.", Leaf(usage=None)),
        "for-mail": ("The certificate is for mail alone.", Leaf(usage=ExtendedKeyUsageOID.EMAIL_PROTECTION)),
        "for-anything": ("The certificate is for any purpose.", Leaf(usage=ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)),
        "key-usage": (
            "The certificate's key may encipher keys, and not sign, as every handshake of today wants it.",
            Leaf(key=rsa.generate_private_key(65537, 2048), key_usage="key_encipherment"),
        ),
        "unknown-critical": (
            "The certificate has a critical extension that nobody knows.",
            Leaf(unknown_critical=True),
        ),
    }


def _root_certificate(lab: Lab) -> x509.Certificate:
    return x509.load_pem_x509_certificate(authority_pem(lab))


def authority_pem(lab: Lab) -> bytes:
    """Return the authority that the lab's context trusts."""
    return lab._identity._authority.cert_pem.bytes()


def _root(lab: Lab) -> Issuer:
    key = load_pem_private_key(lab._identity._authority.private_key_pem.bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Issuer(name=_root_certificate(lab).subject, key=key)


def _common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _signed(leaf: Leaf, issuer: Issuer) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(_common_name(leaf.common_name))
        .issuer_name(issuer.name)
        .public_key(leaf.key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - timedelta(days=1))
        .not_valid_after(_NOW + timedelta(days=leaf.days))
        .add_extension(x509.BasicConstraints(ca=leaf.is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf.key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
    )
    for extension, critical in _more(leaf):
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer.key, hashes.SHA256())


def _more(leaf: Leaf) -> Iterator[tuple[x509.ExtensionType, bool]]:
    if leaf.names:
        yield x509.SubjectAlternativeName(leaf.names), False
    if leaf.usage:
        yield x509.ExtendedKeyUsage([leaf.usage]), False
    if usage := "key_cert_sign" if leaf.is_authority else leaf.key_usage:
        yield x509.KeyUsage(**{**dict.fromkeys(_USES, False), usage: True}), True
    if leaf.unknown_critical:
        yield x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"), True
    if leaf.issuer_at:
        where = x509.UniformResourceIdentifier(leaf.issuer_at)
        yield (
            x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, where)]),
            False,
        )


def _served(folder: pathlib.Path, name: str, summary: str, leaf: Leaf, *chain: x509.Certificate) -> Fault:
    """Be healthy behind a TLS of its own: the lab has no way to take a certificate."""
    path = folder / f"{name}.pem"
    pem = leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem + b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(f"{leaf.ciphers or 'DEFAULT'}:@SECLEVEL=0")  # OpenSSL would not serve some at its own level
    if leaf.ciphers:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(path)
    return Fault(name=name, summary=summary, serve=functools.partial(_over, context), handshake=Handshake.NONE)


def _over(context: ssl.SSLContext, sock: socket.socket) -> None:
    with context.wrap_socket(sock, server_side=True) as secured:
        healthy(secured)
