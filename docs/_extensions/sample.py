"""A result to show reports of: made up, but for its messages and advice, which are the engine's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from wsconn import (
    Attempt,
    Cause,
    ConnectivityResult,
    Evidence,
    Failure,
    RegionOutcome,
    Stage,
    Status,
    Timings,
    TlsInfo,
    __version__,
    reports,
)
from wsconn._diagnosis.advice import advice_on
from wsconn._diagnosis.causes import message_on

PUBLIC = TlsInfo(version="TLSv1.3", issuer="CN=Example Issuing CA 1, O=Example Trust")
INTERCEPTED = TlsInfo(version="TLSv1.3", issuer="CN=Zscaler Intermediate Root CA, O=Zscaler Inc.")


def result(*, most: int = 5) -> ConnectivityResult:
    """Return the result of up to five regions, as from an office: two pass, two meet the proxy, one a firewall."""
    outcomes = (
        passed("eu-central-1", "192.0.2.7", resolve=0.004, connect=0.011, tls=0.031, upgrade=0.012, frames=0.011),
        passed("us-east-1", "192.0.2.130", resolve=0.005, connect=0.092, tls=0.188, upgrade=0.094, frames=0.092),
        failed("ap-south-1", "198.51.100.9", Cause.TLS_UNTRUSTED, resolve=0.004, connect=0.003, tls=0.021),
        failed("ap-southeast-2", "198.51.100.77", Cause.TLS_UNTRUSTED, resolve=0.004, connect=0.003, tls=0.020),
        failed("sa-east-1", "203.0.113.40", Cause.TIMEOUT, resolve=0.005, connect=4.994),
    )
    shown = outcomes[:most]
    slowest = max(outcome.duration for outcome in shown)
    return ConnectivityResult(
        outcomes=shown, started_at=datetime(2026, 1, 12, 9, 30, 2, tzinfo=UTC), duration=slowest + 0.01
    )


def passed(name: str, address: str, **seconds: float) -> RegionOutcome:
    seen = evidence(name, address, seconds, tls=PUBLIC, http_status=101)
    return outcome(name, Status.PASSED, seen, None, seconds, round_trip=seconds["frames"], http_status=101)


def failed(name: str, address: str, cause: Cause, **seconds: float) -> RegionOutcome:
    if cause is Cause.TLS_UNTRUSTED:
        why = "unable to get local issuer certificate"  # OpenSSL's words for 20, x509_vfy.h
        seen = evidence(name, address, seconds, tls=INTERCEPTED, verify_code=20, detail=why)
    else:
        seen = evidence(name, address, seconds)
    failure = Failure(
        stage=seen.stage or Stage.CONNECT,
        cause=cause,
        message=message_on(cause, seen),
        advice=advice_on(cause, seen),
        evidence=seen,
    )
    return outcome(name, Status.FAILED, seen, cause, seconds, failure=failure)


def evidence(name: str, address: str, seconds: dict[str, float], **told: Any) -> Evidence:  # noqa: ANN401 - fields
    return Evidence(
        stage=Stage([*seconds][-1]),
        scheme="wss",
        host=f"{name}.example.org",
        port=443,
        address=f"{address}:443",
        elapsed=sum(seconds.values()),
        **told,
    )


def outcome(
    name: str,
    status: Status,
    seen: Evidence,
    cause: Cause | None,
    seconds: dict[str, float],
    **told: Any,  # noqa: ANN401 - fields
) -> RegionOutcome:
    url = f"wss://{seen.host}/"
    attempt = Attempt(
        url=url,
        address=seen.address,
        stage=seen.stage or Stage.CONNECT,
        cause=cause,
        message=message_on(cause, seen),
        duration=sum(seconds.values()) - seconds["resolve"],
        http_status=seen.http_status,
    )
    return RegionOutcome(
        region=name,
        url=url,
        status=status,
        address=seen.address,
        attempts=(attempt,),
        timings=Timings(**seconds),
        duration=sum(seconds.values()),
        tls=seen.tls,
        **told,
    )


def as_html() -> str:
    """Return the sample as a page; that it was built on this machine is nobody's business."""
    machine = reports.Machine(
        wsconn=__version__, python="CPython 3.13.2", openssl="OpenSSL 3.0.15", system="Linux 6.1.0 (x86_64)"
    )
    return reports.to_html(result(), machine=machine)


def as_text(*, most: int = 5) -> str:
    """Return the sample as a block of text."""
    return f"```text\n{reports.to_text(result(most=most), width=84).rstrip()}\n```"
