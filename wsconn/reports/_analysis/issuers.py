"""Who signed the certificates that were seen."""

from __future__ import annotations

import re

from wsconn._outcome import RegionOutcome

# One part of a distinguished name as RFC 4514 writes it: a type, and a value in which a comma is escaped.
_PART = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9-]*|[0-9.]+)=((?:\\.|[^\\,])*)")

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
    parts = {kind.upper(): re.sub(r"\\(.)", r"\1", value).strip() for kind, value in _PART.findall(name)}
    return parts.get("O") or parts.get("CN") or name
