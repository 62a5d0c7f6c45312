"""What is read from a certificate's bytes, whoever wrote them."""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
import ssl
import time
import warnings

import hypothesis
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import strategies as st

from tests.stages.authorities import FAR_AHEAD, FOR_CLIENTS, LONG_AGO, issue, key_usage
from tests.stages.odd_certificates import DNS, MAIL, TIME, UTC_TIME, UTF8, certificate, der, name
from wsconn._protocols.x509 import BadCertificate, Certificate, read_certificate

ROOT = issue("Root", organization="Example, Inc.")
LEAF = issue(
    "a.example",
    ROOT,
    hosts=["a.example", "*.b.example", "192.0.2.1", "2001:db8::1"],
    issuer_url="http://root.example/root.der",
)
SYSTEM_ROOTS = sorted(pathlib.Path("/usr/share/ca-certificates/mozilla").glob("*.crt"))


@pytest.mark.skipif(not hasattr(x509.Certificate, "not_valid_before_utc"), reason="cryptography is older than 42")
def test_what_a_certificate_says() -> None:
    """Names, dates and extensions are read as they were written."""
    read = read_certificate(LEAF.der)
    assert (read.subject, read.issuer) == ("CN=a.example", r"O=Example\, Inc., CN=Root")
    assert read.common_name == "a.example"
    assert read.raw_issuer == read_certificate(ROOT.der).raw_subject
    assert (read.not_before, read.not_after) == (
        LEAF.certificate.not_valid_before_utc,
        LEAF.certificate.not_valid_after_utc,
    )
    assert read.names == ("DNS:a.example", "DNS:*.b.example", "IP Address:192.0.2.1", "IP Address:2001:db8::1")
    assert read.issuer_url == "http://root.example/root.der"
    assert read.has_authority_key
    assert read.for_servers
    assert not read.self_issued
    assert read_certificate(ROOT.der).self_issued


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"authority_key": False}, "has_authority_key", False),
        ({"purpose": FOR_CLIENTS}, "for_servers", False),
        ({"sha1": True}, "weakly_signed", True),
        ({"rsa_bits": 1024}, "rsa_bits", 1024),
        ({"rsa_bits": 2047}, "rsa_bits", 2047),
        ({"curve": ec.SECP192R1()}, "curve_bits", 192),
        ({"curve": ec.SECP521R1()}, "curve_bits", 528),  # in whole bytes
        ({"rsa_bits": 2048}, "curve_bits", None),
        ({"changed": [(x509.BasicConstraints(ca=True, path_length=None), True)]}, "is_authority", False),
        ({"changed": [(key_usage(key_cert_sign=True), True)]}, "agrees_on_keys", False),
        ({"without": [x509.KeyUsage]}, "agrees_on_keys", True),
        ({"issuer_url": "ldap:///CN=Root"}, "issuer_url", None),
        ({"begins": LONG_AGO, "ends": LONG_AGO + dt.timedelta(1)}, "not_after", LONG_AGO + dt.timedelta(1)),
        ({"ends": FAR_AHEAD.replace(year=2051)}, "not_after", FAR_AHEAD.replace(year=2051)),
    ],
    ids=[
        "no authority key",
        "for clients alone",
        "signed with SHA-1",
        "a key of 1024 bits",
        "a key of 2047 bits",
        "a short curve",
        "a long curve",
        "no curve",
        "the key of an authority that may not sign",
        "a key that signs certificates alone",
        "a key for whatever",
        "its issuer's in a directory",
        "long ago",
        "beyond 2050",
    ],
)
def test_what_is_wrong_with_one(changes: dict[str, object], field: str, value: object) -> None:
    """Each property that explains a failure is read."""
    root = issue("Root", rsa_bits=2048)
    issued = issue("a.example", root, hosts=["a.example"], **changes)  # type: ignore[arg-type]  # as issue takes them
    assert getattr(read_certificate(issued.der), field) == value


@pytest.mark.parametrize("made_with", [hashes.SHA256(), hashes.SHA512()], ids=["SHA-256", "SHA-512"])
def test_a_signature_by_pss_names_its_hash(made_with: hashes.HashAlgorithm) -> None:
    """RSASSA-PSS stands for many a hash (RFC 4055), and one that is named for SHA-1 too."""
    root = issue("Root", rsa_bits=2048)
    assert isinstance(root.key, rsa.RSAPrivateKey)
    name, pss = root.certificate.subject, padding.PSS(padding.MGF1(made_with), padding.PSS.DIGEST_LENGTH)
    signed = (
        x509.CertificateBuilder(name, name, root.key.public_key(), 5, LONG_AGO, FAR_AHEAD)
        .sign(root.key, made_with, rsa_padding=pss)
        .public_bytes(serialization.Encoding.DER)
    )
    named = {"sha256": "0d06096086480165030402010500", "sha512": "0d06096086480165030402030500"}
    assert not read_certificate(signed).weakly_signed
    with_sha1 = signed.replace(bytes.fromhex(named[made_with.name]), bytes.fromhex("0d06052b0e03021a0500" + "0500" * 2))
    assert read_certificate(with_sha1).weakly_signed


@pytest.mark.skipif(not SYSTEM_ROOTS, reason="ca-certificates is not installed")
def test_the_systems_roots_are_read_as_another_library_reads_them() -> None:
    """Real authorities write more kinds of names and keys than any test does."""
    for file in SYSTEM_ROOTS:
        encoded = ssl.PEM_cert_to_DER_cert(file.read_text())
        read = read_certificate(encoded)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            other = x509.load_der_x509_certificate(encoded)
        key = other.public_key()
        assert (read.not_before, read.not_after) == (other.not_valid_before_utc, other.not_valid_after_utc), file
        assert read.rsa_bits == (key.key_size if isinstance(key, rsa.RSAPublicKey) else None), file
        assert read.curve_bits == (
            key.key_size + 7 >> 3 << 3 if isinstance(key, ec.EllipticCurvePublicKey) else None
        ), file
        assert read.is_authority or other.version is x509.Version.v1, file
        assert read.self_issued
        for part in other.subject:
            assert part.value in read.subject.replace("\\", ""), file


hostile = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda head, rest: head + rest, st.sampled_from([b"\x30\x84\xff\xff\xff\xff", b"\x30\x80"]), st.binary()),
)
made = st.builds(
    certificate,
    st.tuples(st.integers(0, 255), st.binary(max_size=40)),
    st.tuples(st.sampled_from([MAIL, DNS, 0x86, 0x87, 0xA0]), st.binary(max_size=40)),
    st.tuples(st.sampled_from([UTC_TIME, TIME]), st.binary(max_size=20)),
)


@st.composite
def bent(draw: st.DrawFn) -> bytes:
    """A certificate some of whose bytes are others, or that is cut short."""
    data = bytearray(draw(st.sampled_from([LEAF.der, ROOT.der]) | made))
    for at, byte in draw(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8)):
        data[at % len(data)] = byte
    return bytes(data[: draw(st.integers(0, 2000))])


@hypothesis.given(hostile | bent())
def test_whatever_bytes_come(data: bytes) -> None:
    """They are a certificate or `BadCertificate`, and no more is kept of them than can be explained."""
    with contextlib.suppress(BadCertificate):
        read = read_certificate(data)
        assert isinstance(read, Certificate)
        assert len(read.names) <= 64
        assert all(len(text) <= 5000 for text in read.names)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(der(0x30, der(0x30, b"\x30\x00" * 100_000)), id="many elements"),
        pytest.param(certificate(subject=(UTF8, b"a" * 200_000)), id="a long name"),
        pytest.param(certificate(alternative=(0xA4, name(UTF8, b"a" * 9000) * 20)), id="a name in a name"),
        pytest.param(b"\x30\x84\x7f\xff\xff\xff" + bytes(200_000), id="longer than it is"),
        pytest.param(b"\x30\xff" + b"\xff" * 200_000, id="an endless length"),
        pytest.param(b"\x30\x80" * 100_000, id="as deep as it is long"),
    ],
)
def test_a_large_one_takes_no_time(data: bytes) -> None:
    """No certificate that fits into what a peer may send holds its reader up."""
    began = time.thread_time()
    with contextlib.suppress(BadCertificate):
        read_certificate(data)
    assert time.thread_time() - began < 0.1
