"""Who signed the certificates that were seen, and for whom."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from wsconn._addresses import registered_domain
from wsconn._diagnosis.interceptors import interceptor
from wsconn._outcome import RegionOutcome, Stage
from wsconn.reports._analysis.destinations import destination_of

# One part of a distinguished name as RFC 4514 writes it: a type, and a value in which a comma is escaped.
_PART = r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*|[0-9.]+)=((?:\\.|[^\\,])*)"  # compiled by the first certificate

_UNKNOWN_ISSUER = (20, 21)  # X509_V_ERR_*, OpenSSL x509_vfy.h


def issuer_of(outcome: RegionOutcome) -> str | None:
    """Return the distinguished name of who signed a region's certificate, or `None` where none was seen."""
    return outcome.tls.issuer if outcome.tls else None


def is_of_unknown_issuer(outcome: RegionOutcome) -> bool:
    """Whether a region's server, and no proxy before it, showed a certificate of an authority unknown here."""
    seen = outcome.failure and outcome.failure.evidence
    return bool(seen and seen.stage is not Stage.PROXY and seen.verify_code in _UNKNOWN_ISSUER)


def left_out(outcome: RegionOutcome, trusted: Collection[str]) -> str | None:
    """Return which of these authorities, with whose certificates others pass, a region's server does not tell of.

    It is the one above all that was sent, or else the one that signed the server's own.
    """
    seen = outcome.failure and outcome.failure.evidence
    if not seen or not is_of_unknown_issuer(outcome):
        return None
    known = (one for one in (seen.top_issuer, issuer_of(outcome)) if one in trusted)
    return next((one for one in known if one and not interceptor(one)), None)


def organization(name: str) -> str:
    """Return what a person calls the owner of a distinguished name: its organization, else its common name."""
    parts = _parts(name)
    return parts.get("O") or parts.get("CN") or name


def _parts(name: str) -> dict[str, str]:
    return {kind.upper(): re.sub(r"\\(.)", r"\1", value).strip() for kind, value in re.findall(_PART, name)}


def names_in_certificate(outcome: RegionOutcome) -> tuple[str, ...]:
    """Return whom a region's certificate is for: the names in subjectAltName, which count, else that of the subject."""
    seen = outcome.failure and outcome.failure.evidence
    if seen and seen.certificate_names:
        return tuple(name.partition(":")[2] or name for name in seen.certificate_names)
    subject = (outcome.tls and outcome.tls.subject) or ""
    return tuple(filter(None, [_parts(subject).get("CN")]))


def is_of_a_stranger(outcome: RegionOutcome) -> bool:
    """Whether a region's certificate names no host in the domain of the region's own."""
    seen = outcome.failure and outcome.failure.evidence
    place = destination_of(outcome.url)
    if place is None or (seen and seen.only_common_name_fits):
        return False
    return registered_domain(place.host) not in map(registered_domain, names_in_certificate(outcome))


def are_in_several_domains(regions: Iterable[RegionOutcome]) -> bool:
    """Whether these have servers in different domains, most likely of different owners."""
    places = (destination_of(region.url) for region in regions)
    return len({registered_domain(place.host) for place in places if place and not place.is_address}) > 1
