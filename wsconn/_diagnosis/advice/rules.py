"""What a certificate that breaks a rule lacks, in words that say more than OpenSSL's, and which certificate it is."""

from __future__ import annotations

from collections.abc import Mapping

from wsconn._diagnosis.causes.words import party
from wsconn._outcome import Evidence
from wsconn._text import value

_MUST_BE_AUTHORITY = (
    "An authority's certificate must say that it is one: CA in its basic constraints, keyCertSign in its key usage."
)
_WANTED: Mapping[int, str] = {  # by OpenSSL's verify code
    22: "The chain has more certificates than OpenSSL takes.",
    23: "It was revoked.",
    25: "One of its authorities may not have so many others below it (the path length in its basic constraints).",
    26: "It must be for TLS servers: serverAuth in its extended key usage, digitalSignature in its key usage.",
    34: "It has an extension that is marked as critical and that OpenSSL does not know.",
    **dict.fromkeys((47, 48), "One of its authorities may not sign for this name (name constraints)."),
    **dict.fromkeys((66, 67), "An RSA key needs 2048 bits or more, an elliptic-curve key 224."),
    68: "It is signed with SHA-1 or MD5, and needs SHA-256 or better.",
    **dict.fromkeys((32, 79), _MUST_BE_AUTHORITY),
}


def wanted(seen: Evidence) -> str:
    """Say what it needs, in a sentence after another one."""
    said = _WANTED.get(seen.verify_code or 0)
    return f" {said}" if said else ""


def which(seen: Evidence) -> str:
    """Name the certificate at fault, and whose it is."""
    name = f" {value(seen.faulty_certificate)}" if seen.faulty_certificate else ""
    match seen.faulty_role:
        case "server":
            return f"{party(seen)}'s certificate"
        case "intermediate":
            return f"the intermediate certificate{name}"
        case "root":
            return f"the root certificate{name}"
        case _:
            return "a certificate of this chain"
