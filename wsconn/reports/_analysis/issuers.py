"""Who signed the certificates that were seen, and for whom."""

from __future__ import annotations

import re

from wsconn._outcome import RegionOutcome
from wsconn.reports._analysis.destinations import destination_of

# One part of a distinguished name as RFC 4514 writes it: a type, and a value in which a comma is escaped.
_PART = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*|[0-9.]+)=((?:\\.|[^\\,])*)")


def issuer_of(outcome: RegionOutcome) -> str | None:
    """Return the distinguished name of who signed a region's certificate, or `None` where none was seen."""
    return outcome.tls.issuer if outcome.tls else None


def organization(name: str) -> str:
    """Return what a person calls the owner of a distinguished name: its organization, else its common name."""
    parts = _parts(name)
    return parts.get("O") or parts.get("CN") or name


def _parts(name: str) -> dict[str, str]:
    return {kind.upper(): re.sub(r"\\(.)", r"\1", value).strip() for kind, value in _PART.findall(name)}


def common_name(outcome: RegionOutcome) -> str | None:
    """Return the name that the subject of a region's certificate gives."""
    subject = (outcome.tls and outcome.tls.subject) or ""
    return _parts(subject).get("CN")


def is_of_a_stranger(outcome: RegionOutcome) -> bool:
    """Whether a region's certificate is of another domain than the region, as far as it was seen."""
    place, name = destination_of(outcome.url), common_name(outcome)
    return place is None or name is None or _domain(place.host) != _domain(name)


def _domain(host: str) -> str:
    """Return the part of a host name that is registered, or nearly that: `example.org`, `example.co.uk`."""
    labels = host.rstrip(".").lower().split(".")
    under_a_country = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if under_a_country else -2 :])
