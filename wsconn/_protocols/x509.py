"""A certificate's own words: names, dates and the extensions that explain a failure (RFC 5280 in X.690's DER).

The standard library decodes a certificate only once it has verified it, and it is the others that need explaining. So
this reads as much of the encoding as that takes. The peer wrote every byte: sizes are bounded, nothing is followed
deeper than a certificate goes, and whatever does not fit raises `BadCertificate` and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import attrs

MOST_PARTS = 64  # of a name, and names in a certificate: more explain nothing
_LONGEST_VALUE_BYTES = 1024  # of one text, of which 200 characters are shown

_BOOLEAN, _INTEGER, _BITS, _OBJECT, _UTC_TIME, _SEQUENCE = 0x01, 0x02, 0x03, 0x06, 0x17, 0x30
_VERSION, _EXTENSIONS = 0xA0, 0xA3  # a certificate's own tags, RFC 5280 section 4.1
_ENCODINGS = {  # of texts: UTF8String, NumericString, PrintableString, T61String, IA5String, Visible, Universal, BMP
    **dict.fromkeys((0x0C, 0x12, 0x13, 0x16, 0x1A), "utf-8"),
    0x14: "latin-1",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}

_SHORT_NAMES = {  # of a name's attributes, as RFC 4514, section 3, and OpenSSL write them
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.15": "businessCategory",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}
_RSA, _ELLIPTIC_CURVE = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
_WEAK_SIGNATURES = (  # MD2, MD4, MD5 and SHA-1 with RSA, SHA-1 with DSA and with ECDSA
    *(f"1.2.840.113549.1.1.{scheme}" for scheme in (2, 3, 4, 5)),
    *("1.3.14.3.2.29", "1.2.840.10040.4.3", "1.2.840.10045.4.1"),
)
_PSS, _PSS_HASH, _STRONG_HASHES = "1.2.840.113549.1.1.10", 0xA0, "2.16.840.1.101.3.4.2."  # RFC 4055, section 3.1
SUBJECT_KEY, KEY_USAGE, ALTERNATIVE_NAMES = "2.5.29.14", "2.5.29.15", "2.5.29.17"  # sections 4.2.1.2, 4.2.1.3, 4.2.1.6
BASIC_CONSTRAINTS, AUTHORITY_KEY = "2.5.29.19", "2.5.29.35"  # sections 4.2.1.9, 4.2.1.1
_PURPOSES, _ACCESS, _CA_ISSUERS = "2.5.29.37", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.48.2"  # sections 4.2.1.12, 4.2.2.1
_FOR_SERVERS = ("1.3.6.1.5.5.7.3.1", "1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1")  # serverAuth, and two of old
_SIGNS_CERTIFICATES, _AGREES_ON_KEYS = 1 << 5, 1 << 0 | 1 << 2 | 1 << 4  # bits of a key usage, the first one lowest
_URI, _ADDRESS = 0x86, 0x87  # a GeneralName's tags, section 4.2.1.6
_KINDS = {0x81: "email", 0x82: "DNS", _URI: "URI"}


class BadCertificate(ValueError):
    """These bytes are no certificate, or hold what none may."""


@attrs.frozen(kw_only=True)
class Certificate:
    """What a certificate says. Its texts are the issuer's, or the peer's: sanitize them before they are shown."""

    subject: str
    issuer: str
    common_name: str | None
    raw_subject: bytes = attrs.field(repr=False)
    raw_issuer: bytes = attrs.field(repr=False)
    not_before: datetime | None
    not_after: datetime | None
    rsa_bits: int | None  # `None`: a key of another kind
    curve_bits: int | None  # likewise
    weakly_signed: bool  # with SHA-1 or MD5
    names: tuple[str, ...]  # of subjectAltName: "DNS:a.example", "IP Address:192.0.2.1"
    issuer_url: str | None  # where the issuer's own certificate can be had, over HTTP
    extensions: Mapping[str, bool] = attrs.field(repr=False)  # which it has, and whether each is critical
    is_authority: bool  # and may sign certificates
    for_servers: bool  # as OpenSSL sees it: that a certificate is for any purpose is not enough
    agrees_on_keys: bool  # its key may do what a handshake wants of a server's own

    @property
    def has_authority_key(self) -> bool:
        return AUTHORITY_KEY in self.extensions

    @property
    def self_issued(self) -> bool:
        """Whether it names itself as its issuer, as a root does."""
        return self.raw_subject == self.raw_issuer


def read_certificate(der: bytes) -> Certificate:
    """Read a certificate; `BadCertificate` where it is none."""
    try:
        return _certificate(der)
    except (LookupError, ValueError) as error:
        raise BadCertificate(str(error)) from error


def _certificate(der: bytes) -> Certificate:
    """Read RFC 5280, section 4.1: version, serial number, algorithm, issuer, validity, subject, key, extensions."""
    fields = _elements(_only(_only(der, _SEQUENCE), _SEQUENCE), 12)
    if fields[0][0] == _VERSION:
        del fields[0]
    _serial, (_, algorithm), (_, issuer), (_, validity), (_, subject), (_, key), *optional = fields
    not_before, not_after = (_moment(*time) for time in _elements(validity, 2))
    extensions: dict[str, tuple[bool, bytes]] = {}
    for tag, content in optional:
        if tag == _EXTENSIONS:
            extensions = dict(_extension(content) for _, content in _elements(_only(content, _SEQUENCE)))
    values = {kind: value for kind, (_, value) in extensions.items()}
    usage = _key_usage(values.get(KEY_USAGE))
    return Certificate(
        subject=_written(_name(subject)),
        issuer=_written(_name(issuer)),
        common_name=next((text for kind, text in _name(subject) if kind == "CN"), None),
        raw_subject=subject,
        raw_issuer=issuer,
        not_before=not_before,
        not_after=not_after,
        rsa_bits=_rsa_bits(key),
        curve_bits=_curve_bits(key),
        weakly_signed=_is_weak(algorithm),
        names=tuple(_names(values.get(ALTERNATIVE_NAMES))),
        issuer_url=_issuer_url(values.get(_ACCESS)),
        extensions={kind: critical for kind, (critical, _) in extensions.items()},
        is_authority=_is_authority(values.get(BASIC_CONSTRAINTS)) and bool(usage & _SIGNS_CERTIFICATES),
        for_servers=_is_for_servers(values.get(_PURPOSES)),
        agrees_on_keys=bool(usage & _AGREES_ON_KEYS),
    )


def _rsa_bits(key: bytes) -> int | None:
    """Return the length of an RSA key (RFC 3279, section 2.3.1)."""
    (_, algorithm), (_, bits) = _elements(key, 2)
    if _object(_only(algorithm, _OBJECT)) != _RSA:
        return None
    modulus = _only(_only(bits[1:], _SEQUENCE), _INTEGER).lstrip(b"\0")
    return len(modulus) * 8 - 8 + modulus[0].bit_length()


def _curve_bits(key: bytes) -> int | None:
    """Return the length of a coordinate of a point that is a key, in whole bytes (RFC 5480, section 2.2)."""
    (_, algorithm), (_, bits) = _elements(key, 2)
    if _object(_only(algorithm, _OBJECT)) != _ELLIPTIC_CURVE:
        return None
    form, size = bits[1], len(bits) - 2  # how many bits are unused comes first
    return size * 4 if form == 4 else size * 8


def _is_weak(algorithm: bytes) -> bool:
    """Whether a signature is made with a hash that OpenSSL holds too weak; PSS names it apart, or means SHA-1."""
    (_, scheme), *parameters = _elements(algorithm, 2)
    if _object(scheme) != _PSS:
        return _object(scheme) in _WEAK_SIGNATURES
    chosen = [value for _, value in parameters for tag, value in _elements(value) if tag == _PSS_HASH]
    hashes = [_object(_only(_only(value, _SEQUENCE), _OBJECT)) for value in chosen]
    return not (hashes and hashes[0].startswith(_STRONG_HASHES))


# --- DER (X.690, sections 8.1 and 10.1) ------------------------------------------------------------------------------


def _elements(data: bytes, most: int = MOST_PARTS) -> list[tuple[int, bytes]]:
    """Return tag and content of each element in `data`, of the first ones where there are too many."""
    elements: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data) and len(elements) < most:
        tag, size = data[at], data[at + 1]
        at += 2
        if size >= 0x80:
            length = size & 0x7F or len(data)  # 0x80 is a length that is not told, which DER does not know
            size = int.from_bytes(data[at : at + length])
            at += length
        if tag & 0x1F == 0x1F or at + size > len(data):
            raise BadCertificate(f"an element ({tag:#x}) that does not fit")
        elements.append((tag, data[at : at + size]))
        at += size
    return elements


def _only(data: bytes, wanted: int) -> bytes:
    ((tag, content),) = _elements(data, 1)
    if tag != wanted:
        raise BadCertificate(f"an element ({tag:#x}) in the place of another ({wanted:#x})")
    return content


def _object(content: bytes) -> str:
    """Write an object identifier with dots (section 8.19)."""
    numbers, number = [], 0
    for byte in content[:64]:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - first * 40, *numbers[1:])))


def _moment(tag: int, content: bytes) -> datetime | None:
    """Read a time (RFC 5280, section 4.1.2.5); `None` where it is none that can be shown."""
    digits = content.decode("ascii", "replace")
    if tag == _UTC_TIME:
        digits = ("19" if digits >= "5" else "20") + digits
    if not re.fullmatch(r"\d{14}Z", digits, re.ASCII):  # a fraction of a second, words
        return None
    try:
        month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(4, 14, 2))
        return datetime(int(digits[:4]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:  # a year 0
        return None


# --- names -----------------------------------------------------------------------------------------------------------


def _name(content: bytes) -> list[tuple[str, str]]:
    """Return kinds and values of a distinguished name, the most particular part first."""
    parts = []
    for _, relative in reversed(_elements(content)):
        for _, attribute in _elements(relative):
            (_, kind), (tag, value), *_ = _elements(attribute, 2)
            parts.append((_SHORT_NAMES.get(_object(kind)) or _object(kind), _value(tag, value)))
    return parts


def _value(tag: int, value: bytes) -> str:
    """Return a value as text, or what is not text in hexadecimal, as RFC 4514 writes it (section 2.4)."""
    encoding = _ENCODINGS.get(tag)
    value = value[:_LONGEST_VALUE_BYTES]
    return f"#{value.hex()}" if encoding is None else value.decode(encoding, "backslashreplace")


def _written(name: list[tuple[str, str]]) -> str:
    """Write a distinguished name as RFC 4514 does."""
    return ", ".join(f"{kind}={escape_value(value)}" for kind, value in name)


def escape_value(text: str) -> str:
    """Write a text as a value in a distinguished name (RFC 4514, section 2.4)."""
    return re.sub(r'([,+"\\<>;])', r"\\\1", text)


# --- extensions ------------------------------------------------------------------------------------------------------


def _extension(content: bytes) -> tuple[str, tuple[bool, bytes]]:
    """Return an extension's identifier, and whether it is critical, with its value."""
    (_, kind), *critical, (_, value) = _elements(content, 3)
    return _object(kind), (bool(critical and critical[0][0] == _BOOLEAN and any(critical[0][1])), value)


def _is_authority(extension: bytes | None) -> bool:
    """Whether the basic constraints say so; a certificate of version 1, a root, says nothing."""
    parts = _elements(_only(extension, _SEQUENCE), 1) if extension else []
    return any(tag == _BOOLEAN and any(value) for tag, value in parts)


def _key_usage(extension: bytes | None) -> int:
    """Return the bits of a key usage, the first one lowest; all of them where it says nothing."""
    if not extension:
        return ~0
    octets = _only(extension, _BITS)[1:3]
    return sum(1 << at for at in range(len(octets) * 8) if octets[at // 8] & 0x80 >> at % 8)


def _names(extension: bytes | None) -> Iterator[str]:
    for tag, value in _elements(_only(extension, _SEQUENCE)) if extension else ():
        if tag == _ADDRESS:
            yield f"IP Address:{_address(value)}"
        elif tag in _KINDS:
            yield f"{_KINDS[tag]}:{_ascii(value)}"


def _ascii(text: bytes) -> str:
    return text[:_LONGEST_VALUE_BYTES].decode("ascii", "backslashreplace")


def _address(value: bytes) -> str:
    import ipaddress  # most certificates are for names

    return str(ipaddress.ip_address(value)) if len(value) in (4, 16) else f"#{value[:16].hex()}"


def _issuer_url(extension: bytes | None) -> str | None:
    """Return where the issuer's own certificate can be had; an address in a company's directory (ldap) is not that."""
    for _, access in _elements(_only(extension, _SEQUENCE)) if extension else ():
        (_, method), (tag, place), *_ = _elements(access, 2)
        if tag == _URI and _object(method) == _CA_ISSUERS and place.lower().startswith(b"http://"):
            return _ascii(place)
    return None


def _is_for_servers(extension: bytes | None) -> bool:
    purposes = _elements(_only(extension, _SEQUENCE)) if extension else None
    return purposes is None or any(_object(purpose) in _FOR_SERVERS for _, purpose in purposes)
