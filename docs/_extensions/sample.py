"""A result to show reports of: made up, but for its messages and advice, which are the engine's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from wsconn import Cause, ConnectivityResult, Failure, RegionOutcome, Stage, Status, Timings, TlsInfo, reports
from wsconn._advice import advice_on
from wsconn._evidence import Evidence
from wsconn._messages import message_on

INTERCEPTED = TlsInfo(version="TLSv1.3", issuer="CN=Zscaler Intermediate Root CA, O=Zscaler Inc.")


def result(*, most: int = 5) -> ConnectivityResult:
    """Return the result of up to five regions, as from an office: two pass, two meet the proxy, one a firewall."""
    outcomes = (
        passed("eu-central-1", resolve=0.004, connect=0.011, tls=0.031, upgrade=0.012, frames=0.011),
        passed("us-east-1", resolve=0.005, connect=0.092, tls=0.188, upgrade=0.094, frames=0.092),
        failed("ap-south-1", Cause.TLS_UNTRUSTED, INTERCEPTED, resolve=0.004, connect=0.003, tls=0.021),
        failed("ap-southeast-2", Cause.TLS_UNTRUSTED, INTERCEPTED, resolve=0.004, connect=0.003, tls=0.020),
        failed("sa-east-1", Cause.TIMEOUT, None, resolve=0.005, connect=4.994),
    )
    shown = outcomes[:most]
    slowest = max(outcome.duration for outcome in shown)
    return ConnectivityResult(
        outcomes=shown, started_at=datetime(2026, 1, 12, 9, 30, 2, tzinfo=UTC), duration=slowest + 0.01
    )


def passed(name: str, **seconds: float) -> RegionOutcome:
    return outcome(name, Status.PASSED, seconds, round_trip=seconds["frames"], http_status=101)


def failed(name: str, cause: Cause, shown: TlsInfo | None, **seconds: float) -> RegionOutcome:
    seen = Evidence(
        stage=Stage([*seconds][-1]),
        scheme="wss",
        host=f"{name}.example.org",
        port=443,
        address="192.0.2.7:443",
        tls=shown,
        verify_code=20 if shown else None,  # "unable to get local issuer certificate", OpenSSL's x509_vfy.h
        detail="unable to get local issuer certificate" if shown else None,
        elapsed=sum(seconds.values()),
    )
    failure = Failure(stage=seen.stage, cause=cause, message=message_on(cause, seen), advice=advice_on(cause, seen))
    return outcome(name, Status.FAILED, seconds, failure=failure, tls=shown)


def outcome(name: str, status: Status, seconds: dict[str, float], **told: Any) -> RegionOutcome:  # noqa: ANN401 - fields
    return RegionOutcome(
        region=name,
        url=f"wss://{name}.example.org/",
        status=status,
        address="192.0.2.7:443",
        timings=Timings(**seconds),
        duration=sum(seconds.values()),
        **told,
    )


def as_text(*, most: int = 5) -> str:
    """Return the sample as a block of text."""
    return f"```text\n{reports.to_text(result(most=most), width=84).rstrip()}\n```"
