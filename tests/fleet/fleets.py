"""Reports of machines that never were, as short as a reader of reports may find them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from wsconn import fleet

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
OK: dict[str, Any] = {"status": "passed", "round_trip": 0.02, "tls": {"issuer": "O=Let's Encrypt"}}


def bad(stage: str = "connect", cause: str = "timeout", **more: Any) -> dict[str, Any]:
    """Return how a region failed."""
    evidence = more.pop("evidence", None)
    return {"status": "failed", "failure": {"stage": stage, "cause": cause, "evidence": evidence}, **more}


def intercepted(signer: str = "Fortinet") -> dict[str, Any]:
    """Return how a region fails behind a device that opens TLS."""
    return bad("tls", "tls_untrusted", evidence={"tls": {"issuer": f"CN=FG100,O={signer}"}})


def report(
    host: str | None,
    ends: Mapping[str, Mapping[str, Any]],
    *,
    site: str | None = None,
    minute: float = 0.0,
    labels: Mapping[str, str] | None = None,
    **machine: Any,
) -> str:
    """Return a machine's report of a round that began so many minutes after the first."""
    return json.dumps(
        {
            "schema": 2,
            "started_at": (BEGAN + timedelta(minutes=minute)).isoformat(),
            "machine": {"host": host, "site": site, "labels": dict(labels or {}), **machine},
            "outcomes": [{"region": region, **end} for region, end in ends.items()],
        }
    )


def rounds(
    host: str, *history: Mapping[str, Mapping[str, Any]], every: float = 5.0, first: float = 0.0, **more: Any
) -> list[str]:
    """Return the reports of a machine's rounds, one after the other."""
    return [report(host, ends, minute=first + every * count, **more) for count, ends in enumerate(history)]


def merged(reports: Iterable[str], **options: Any) -> fleet.FleetReport:
    """Return the fleet's report, of which nothing may be left out."""
    made = fleet.merge(reports, **options)
    assert made.left_out == ()
    return made


def found(reports: Iterable[str]) -> Sequence[fleet.FleetFinding]:
    """Return what is found in some reports."""
    return fleet.findings(merged(reports))


def kinds(reports: Iterable[str]) -> list[str]:
    """Return which rules have found something."""
    return [str(finding.kind) for finding in found(reports)]
