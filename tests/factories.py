"""Results made by hand, for what is written about them: no socket has seen any of this."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs

from wsconn import Attempt, Cause, ConnectivityResult, Evidence, Failure, RegionOutcome, Stage, Status, Timings, TlsInfo
from wsconn._diagnosis.advice import advice_on
from wsconn._diagnosis.causes import message_on

STAGES = (Stage.RESOLVE, Stage.CONNECT, Stage.TLS, Stage.UPGRADE, Stage.FRAMES)


def result(*outcomes: RegionOutcome, duration: float = 1.25) -> ConnectivityResult:
    return ConnectivityResult(
        outcomes=outcomes, started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), duration=duration
    )


def passed(name: str = "eu", **changes: Any) -> RegionOutcome:
    """Make the outcome of a region that passed."""
    told: dict[str, Any] = {"url": f"wss://{name}.example.org/", "timings": until(Stage.FRAMES), "http_status": 101}
    return RegionOutcome(region=name, status=Status.PASSED, **{**told, **changes})


def failed(
    name: str,
    stage: Stage,
    cause: Cause,
    message: str = "this was seen",
    *,
    advice: str = "Do that.",
    os_error: str | None = None,
    evidence: Evidence | None = None,
    **changes: Any,
) -> RegionOutcome:
    """Make the outcome of a region that failed at a stage for a cause."""
    failure = Failure(stage=stage, cause=cause, message=message, advice=advice, os_error=os_error, evidence=evidence)
    told: dict[str, Any] = {"url": f"wss://{name}.example.org/", "timings": until(stage), "duration": 0.1}
    return RegionOutcome(region=name, status=Status.FAILED, failure=failure, **{**told, **changes})


def told(stage: Stage, cause: Cause, seen: Evidence) -> Failure:
    """Make a failure whose texts follow from its evidence, as the engine's do."""
    return Failure(
        stage=stage,
        cause=cause,
        message=message_on(cause, seen),
        advice=advice_on(cause, seen),
        os_error=seen.os_error,
        evidence=seen,
    )


def aborted(name: str, **changes: Any) -> RegionOutcome:
    return RegionOutcome(region=name, url=f"wss://{name}.example.org/", status=Status.ABORTED, **changes)


def until(last: Stage) -> Timings:
    """Make timings of the stages up to one, 10 ms each."""
    direct = STAGES[: STAGES.index(last) + 1] if last in STAGES else (last,)
    return Timings(**dict.fromkeys(direct, 0.01))


def attempt(address: str | None, cause: Cause | None = None, stage: Stage = Stage.CONNECT, **changes: Any) -> Attempt:
    told: dict[str, Any] = {"url": "wss://eu.example.org/", "message": "this was seen", "duration": 0.01}
    return Attempt(address=address, stage=stage, cause=cause, **{**told, **changes})


def signed(issuer: str | None, **changes: Any) -> TlsInfo:
    return TlsInfo(issuer=issuer, **changes)


# --- one result with everything in it -------------------------------------------------------------------------------

PROXY = "http://proxy.example.org:3128 (from https_proxy)"
ZSCALER = "CN=Zscaler Intermediate Root CA (zscaler.net), OU=Zscaler Inc., O=Zscaler Inc., C=US"
PUBLIC = "CN=R11, O=Let's Encrypt, C=US"


def _whole_way(name: str, issuer: str, address: str, *before: Attempt, seconds: float) -> RegionOutcome:
    url = f"wss://{name}.example.org/"
    works = Attempt(
        url=url,
        address=address,
        stage=Stage.FRAMES,
        cause=None,
        message=f"{name}.example.org:443 (at {address}) answered as it should, after {seconds * 4000:.0f} ms",
        duration=seconds * 4,
        http_status=101,
    )
    return RegionOutcome(
        region=name,
        url=url,
        status=Status.PASSED,
        attempts=(*before, works),
        timings=Timings(
            resolve=0.004,
            connect=seconds + sum(one.duration for one in before),
            tls=seconds * 2.1,
            upgrade=seconds * 1.1,
            frames=seconds,
        ),
        duration=seconds * 5.2 + 0.004 + sum(one.duration for one in before),
        round_trip=seconds,
        address=address,
        tls=TlsInfo(
            version="TLSv1.3",
            cipher="TLS_AES_256_GCM_SHA384",
            issuer=issuer,
            subject=f"CN={name}.example.org",
            not_after=datetime(2026, 3, 1, tzinfo=UTC),
        ),
        http_status=101,
    )


def _ended(name: str, stage: Stage, cause: Cause, seen: Evidence, **changes: Any) -> RegionOutcome:
    fields: dict[str, Any] = {"url": f"wss://{name}.example.org/", **changes}
    seen = attrs.evolve(
        seen,
        stage=seen.stage or stage,
        scheme="https" if seen.discovery else "wss",
        host=seen.host or f"{name}.example.org",
        port=443,
        connected=True,
        elapsed=fields["duration"],
        clock=datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC),
    )
    failure = told(stage, cause, seen)
    address = seen.address
    ended = Attempt(
        url=fields["url"],
        address=address,
        stage=stage,
        cause=cause,
        message=failure.message,
        duration=fields["duration"],
        http_status=seen.http_status,
    )
    fields |= {"attempts": (ended,), "address": address, "tls": seen.tls, "http_status": seen.http_status}
    return RegionOutcome(region=name, status=Status.FAILED, failure=failure, **fields)


_SILENT = attempt("[2001:db8::7]:443", Cause.TIMEOUT, url="wss://us-east-1.example.org/", duration=0.251)
_DISCOVERY = "https://gs.example.org/rooms/check/sa-east-1"

EVERYTHING = result(
    _whole_way("eu-central-1", PUBLIC, "192.0.2.10:443", seconds=0.011),
    _whole_way("us-east-1", PUBLIC, "192.0.2.11:443", _SILENT, seconds=0.094),
    _ended(
        "ap-south-1",
        Stage.CONNECT,
        Cause.TIMEOUT,
        Evidence(address="192.0.2.20:443"),
        timings=Timings(resolve=0.006, connect=9.994),
        duration=10.0,
    ),
    _ended(
        "ap-east-1",
        Stage.CONNECT,
        Cause.TIMEOUT,
        Evidence(address="192.0.2.21:443"),
        timings=Timings(resolve=0.005, connect=9.995),
        duration=10.0,
    ),
    _ended(
        "eu-west-1",
        Stage.TLS,
        Cause.TLS_UNTRUSTED,
        Evidence(
            address="192.0.2.12:443",
            detail="self-signed certificate in certificate chain",
            verify_code=19,
            tls=TlsInfo(issuer=ZSCALER, subject="CN=eu-west-1.example.org", not_after=datetime(2026, 1, 9, tzinfo=UTC)),
        ),
        timings=Timings(resolve=0.004, connect=0.012, tls=0.031),
        duration=0.049,
    ),
    _ended(
        "me-south-1",
        Stage.PROXY,
        Cause.PROXY_AUTH_REQUIRED,
        Evidence(
            address="10.0.0.5:3128",
            proxy="http://proxy.example.org:3128",
            proxy_host="proxy.example.org",
            proxy_source="https_proxy",
            http_status=407,
            auth_schemes=("Basic",),
        ),
        proxy=PROXY,
        timings=Timings(proxy=0.009),
        duration=0.01,
    ),
    _ended(
        "sa-east-1",
        Stage.DISCOVERY,
        Cause.BAD_DISCOVERY,
        Evidence(
            stage=Stage.UPGRADE,
            address="192.0.2.80:443",
            host="gs.example.org",
            discovery=_DISCOVERY,
            detail="no JSON, but '<html>'",
        ),
        url=_DISCOVERY,
        timings=Timings(discovery=0.12),
        duration=0.121,
    ),
    RegionOutcome(
        region="af-south-1",
        url="wss://af-south-1.example.org/",
        status=Status.ABORTED,
        timings=Timings(resolve=0.004, connect=0.9),
        duration=0.904,
    ),
    duration=10.02,
)
