"""Which certificate is at fault where a chain was not accepted, and what the server left out of it.

OpenSSL gives the reason as a number, and does not say of which certificate. So each that the server sent, and the roots
above them that this machine has, is looked at for that very fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from wsconn._outcome import Evidence
from wsconn._protocols.x509 import BadCertificate, Certificate, read_certificate
from wsconn._text import sanitize

NOT_YET_VALID, EXPIRED, HOST_MISMATCH, ADDRESS_MISMATCH = 9, 10, 62, 64  # X509_V_ERR_* of OpenSSL's x509_vfy.h
UNTRUSTED = (2, *range(18, 22))  # the chain leads to no root that is trusted
_MOST_CERTIFICATES = 10  # a server sends some three
_FEWEST_RSA_BITS = 2048  # OpenSSL's security level 2, the ssl module's default


def _has_weak_key(one: Certificate) -> bool:
    return one.rsa_bits is not None and one.rsa_bits < _FEWEST_RSA_BITS


_FAULTS: Mapping[int, Callable[[Certificate, datetime], bool]] = {
    NOT_YET_VALID: lambda one, now: one.not_before is not None and one.not_before > now,
    EXPIRED: lambda one, now: one.not_after is not None and one.not_after < now,
    26: lambda one, _: not one.for_servers,
    66: lambda one, _: _has_weak_key(one),  # the server's own
    67: lambda one, _: _has_weak_key(one),  # an authority's
    68: lambda one, _: one.weakly_signed and not one.self_issued,
    85: lambda one, _: not one.has_authority_key and not one.self_issued,
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
            only_common_name_fits=seen.verify_code == HOST_MISMATCH and _fits(own.common_name or "", host),
            top_issuer=sanitize(top.issuer) if self.whole else None,
            issuer_url=sanitize(top.issuer_url) if top.issuer_url else None,
        )
        is_at_fault = _FAULTS.get(seen.verify_code or 0)
        if is_at_fault is None:
            return seen
        return self._with_fault(seen, is_at_fault, list(_roots_above(top, roots())), now)

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
        self,
        seen: Evidence,
        is_at_fault: Callable[[Certificate, datetime], bool],
        roots: Sequence[Certificate],
        now: datetime,
    ) -> Evidence:
        for one in (*self._path(), *roots):
            if is_at_fault(one, now):
                is_root = one.self_issued or one in roots
                return attrs.evolve(
                    seen,
                    faulty_certificate=sanitize(one.subject or ", ".join(one.names)),
                    faulty_role="server" if one is self.sent[0] else "root" if is_root else "intermediate",
                    faulty_date={NOT_YET_VALID: one.not_before, EXPIRED: one.not_after}.get(seen.verify_code or 0),
                )
        return seen


def _fits(name: str, host: str) -> bool:
    """Whether a common name, which may begin with a wildcard (RFC 6125, section 6.4.3), is a host's."""
    first, dot, rest = name.lower().partition(".")
    return host.lower() in (name.lower(), f"{host.lower().partition('.')[0]}{dot}{rest}" if first == "*" else "")


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
