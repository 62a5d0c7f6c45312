"""Who signed the certificates that were seen, and for whom."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wsconn._outcome import RegionOutcome
from wsconn.reports._analysis.destinations import destination_of

# One part of a distinguished name as RFC 4514 writes it: a type, and a value in which a comma is escaped.
_PART = r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*|[0-9.]+)=((?:\\.|[^\\,])*)"  # compiled by the first certificate

_UNKNOWN_ISSUER = (20, 21)  # X509_V_ERR_*, OpenSSL x509_vfy.h


def issuer_of(outcome: RegionOutcome) -> str | None:
    """Return the distinguished name of who signed a region's certificate, or `None` where none was seen."""
    return outcome.tls.issuer if outcome.tls else None


def lacks_issuer(outcome: RegionOutcome) -> bool:
    """Whether a region's certificate was not trusted, and that of its issuer was not sent."""
    seen = outcome.failure and outcome.failure.evidence
    return bool(seen and seen.verify_code in _UNKNOWN_ISSUER and seen.top_issuer == issuer_of(outcome))


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
    return _domain(place.host) not in map(_domain, names_in_certificate(outcome))


def are_in_several_domains(regions: Iterable[RegionOutcome]) -> bool:
    """Whether these have servers in different domains, most likely of different owners."""
    places = (destination_of(region.url) for region in regions)
    return len({_domain(place.host) for place in places if place and not place.is_address}) > 1


def _domain(host: str) -> str:
    """Return the part of a host name that is registered, or nearly that: `example.org`, `example.co.uk`."""
    labels = host.rstrip(".").lower().split(".")
    under_a_country = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if under_a_country else -2 :])
