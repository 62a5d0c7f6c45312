"""Results made by hand, for what is written about them: no socket has seen any of this."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from wsconn import Attempt, Cause, ConnectivityResult, Failure, RegionOutcome, Stage, Status, Timings, TlsInfo

STAGES = (Stage.RESOLVE, Stage.CONNECT, Stage.TLS, Stage.UPGRADE, Stage.FRAMES)


def result(*outcomes: RegionOutcome) -> ConnectivityResult:
    return ConnectivityResult(outcomes=outcomes, started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), duration=1.25)


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
    os_error: str | None = None,
    **changes: Any,
) -> RegionOutcome:
    """Make the outcome of a region that failed at a stage for a cause."""
    failure = Failure(stage=stage, cause=cause, message=message, advice="Do that.", os_error=os_error)
    told: dict[str, Any] = {"url": f"wss://{name}.example.org/", "timings": until(stage), "duration": 0.1}
    return RegionOutcome(region=name, status=Status.FAILED, failure=failure, **{**told, **changes})


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
