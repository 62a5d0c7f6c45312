"""Which certificate is at fault where a chain was not accepted, and what the server left out of it.

OpenSSL gives the reason as a number, and does not say of which certificate. So each that the server sent, and the roots
above them that this machine has, is looked at for that very fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from ipaddress import ip_address
from typing import NamedTuple

import attrs

from wsconn._outcome import Evidence
from wsconn._protocols.x509 import (
    AUTHORITY_KEY,
    BASIC_CONSTRAINTS,
    KEY_USAGE,
    MOST_PARTS,
    SUBJECT_KEY,
    BadCertificate,
    Certificate,
    read_certificate,
)
from wsconn._text import sanitize

NOT_YET_VALID, EXPIRED, HOST_MISMATCH, ADDRESS_MISMATCH = 9, 10, 62, 64  # X509_V_ERR_* of OpenSSL's x509_vfy.h
_MISMATCHES, _OF_NO_AUTHORITY = (HOST_MISMATCH, ADDRESS_MISMATCH), (32, 79)
UNTRUSTED = (2, *range(18, 22))  # the chain leads to no root that is trusted
_MOST_CERTIFICATES = 64  # a server sends some three; some send all that they trust, and OpenSSL takes 100 KiB
_FEWEST_RSA_BITS, _FEWEST_CURVE_BITS = 2048, 224  # OpenSSL's security level 2, the ssl module's default
_KNOWN_EXTENSIONS = ("2.5.29.", "1.3.6.1.5.5.7.1.", "2.16.840.1.113730.1.1")  # RFC 5280's and Netscape's


class Fault(NamedTuple):
    """What makes OpenSSL complain of a certificate, and whether that can be of the server's own, or of those above."""

    holds: Callable[[Certificate, datetime], bool]
    of_own: bool = True
    of_authorities: bool = True


def _is_weak(one: Certificate, _: datetime) -> bool:
    is_short = one.rsa_bits is not None and one.rsa_bits < _FEWEST_RSA_BITS
    return is_short or (one.curve_bits is not None and one.curve_bits < _FEWEST_CURVE_BITS)


def _is_no_authority(one: Certificate, _: datetime) -> bool:
    return not one.is_authority


def _has_unknown_extension(one: Certificate, _: datetime) -> bool:
    return any(critical and not kind.startswith(_KNOWN_EXTENSIONS) for kind, critical in one.extensions.items())


def _lacks(extension: str) -> Callable[[Certificate, datetime], bool]:
    return lambda one, _: extension not in one.extensions


def _has_critical(extension: str) -> Callable[[Certificate, datetime], bool]:
    return lambda one, _: one.extensions.get(extension, False)


def _own(is_so: Callable[[Certificate, datetime], bool] = lambda _one, _now: True) -> Fault:
    return Fault(is_so, of_authorities=False)


def _authority(is_so: Callable[[Certificate, datetime], bool]) -> Fault:
    return Fault(is_so, of_own=False)


# By OpenSSL's verify code; several where what is wrong differs between the server's own and those above it.
_FAULTS: Mapping[int, Sequence[Fault]] = {
    NOT_YET_VALID: [Fault(lambda one, now: one.not_before is not None and one.not_before > now)],
    EXPIRED: [Fault(lambda one, now: one.not_after is not None and one.not_after < now)],
    26: [Fault(lambda one, _: not one.for_servers), _own(lambda one, _: not one.agrees_on_keys)],
    34: [Fault(_has_unknown_extension)],
    47: [_own()],  # as 48, whose name no authority above it may sign for
    48: [_own()],
    66: [_own(_is_weak)],
    67: [_authority(_is_weak)],
    68: [Fault(lambda one, _: one.weakly_signed and not one.self_issued)],
    **{code: [_authority(_is_no_authority)] for code in _OF_NO_AUTHORITY},
    80: [_own()],  # as 82, of what no authority's certificate is
    82: [_own()],
    85: [Fault(lambda one, _: not one.has_authority_key and not one.self_issued)],
    86: [_authority(_lacks(SUBJECT_KEY))],
    88: [_own()],
    89: [_authority(lambda one, _: not one.extensions.get(BASIC_CONSTRAINTS))],
    90: [Fault(_has_critical(AUTHORITY_KEY))],
    91: [Fault(_has_critical(SUBJECT_KEY))],
    92: [_authority(_lacks(KEY_USAGE))],
}


@attrs.frozen
class Chain:
    """The certificates that a server sent, its own first; `whole` is false where the rest is not known."""

    sent: Sequence[Certificate]
    whole: bool = True

    @classmethod
    def decode(cls, sent: Sequence[bytes], whole: bool = True) -> Chain | None:
        """Read them up to the first that cannot be read; `None` where not even the server's own can."""
        read: list[Certificate] = []
        whole = whole and len(sent) <= _MOST_CERTIFICATES
        try:
            for der in sent[:_MOST_CERTIFICATES]:
                read.append(read_certificate(der))
        except BadCertificate:
            whole = False
        return cls(read, whole) if read else None

    def explain(self, seen: Evidence, host: str, roots: Callable[[], Iterable[bytes]], now: datetime) -> Evidence:
        """Add to `seen` what the certificates say about its verify code; `roots` are this machine's, in DER."""
        own, top = self.sent[0], self._path()[-1]
        seen = attrs.evolve(
            seen,
            certificates_sent=len(self.sent) if self.whole else None,
            certificate_names=tuple(map(sanitize, own.names)),
            certificate_fits=_covers(own.names, host),
            only_common_name_fits=seen.verify_code in _MISMATCHES and _fits(own.common_name or "", host),
            top_issuer=sanitize(top.issuer) if self.whole else None,
            issuer_url=sanitize(top.issuer_url) if top.issuer_url else None,
        )
        faults = _FAULTS.get(seen.verify_code or 0)
        return self._with_fault(seen, faults, list(_roots_above(top, roots())), now) if faults else seen

    def _path(self) -> list[Certificate]:
        """Return the server's own certificate and those above it that were sent, in whatever order."""
        path = [self.sent[0]]
        while not path[-1].self_issued:
            above = (one for one in self.sent if one.raw_subject == path[-1].raw_issuer and one not in path)
            issuer = next(above, None)
            if issuer is None:
                break
            path.append(issuer)
        return path

    def _with_fault(
        self, seen: Evidence, faults: Sequence[Fault], roots: Sequence[Certificate], now: datetime
    ) -> Evidence:
        own, *above = self._path()
        for one in (own, *above, *roots):
            is_own = one is own
            if any(fault.holds(one, now) for fault in faults if (fault.of_own if is_own else fault.of_authorities)):
                is_root = one.self_issued or one in roots
                return attrs.evolve(
                    seen,
                    faulty_certificate=sanitize(one.subject or ", ".join(one.names)),
                    faulty_role="server" if is_own else "root" if is_root else "intermediate",
                    faulty_date={NOT_YET_VALID: one.not_before, EXPIRED: one.not_after}.get(seen.verify_code or 0),
                )
        if seen.verify_code in _OF_NO_AUTHORITY:  # a root that is none is not among those that the ssl module tells
            return attrs.evolve(seen, faulty_certificate=seen.top_issuer, faulty_role="root")
        return seen


def _fits(name: str, host: str) -> bool:
    """Whether a DNS name, of which the first label may be a wildcard (RFC 6125, section 6.4.3), is a host's."""
    first, _, rest = name.lower().partition(".")
    _, _, domain = host.lower().partition(".")
    is_covered = first == "*" and "." in rest and domain == rest and _address(host) is None
    return is_covered or name.lower() == host.lower()


def _covers(names: Sequence[str], host: str) -> bool | None:
    """Whether subjectAltName has a host, as its address or its DNS name; `None` where not all of it was read."""
    address = _address(host)
    if address is None:
        is_there = any(name.startswith("DNS:") and _fits(name[4:], host) for name in names)
    else:
        is_there = f"IP Address:{address}" in names
    return is_there or (None if len(names) >= MOST_PARTS else False)


def _address(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return None


def _roots_above(top: Certificate, roots: Iterable[bytes]) -> Iterable[Certificate]:
    """Read those of this machine's roots that may have signed `top`."""
    for der in roots:
        if top.raw_issuer in der:  # some 140 of them: few are worth reading
            try:
                root = read_certificate(der)
            except BadCertificate:
                continue
            if root.raw_subject == top.raw_issuer:
                yield root
