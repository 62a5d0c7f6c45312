"""What is known of a region while it is under way, and the outcome that this makes at any moment.

The worker of the region writes; `abort()` may read at any moment, from another thread or from a signal handler in the
midst of a line. So each entry is whole before it is hung in, and nothing here takes a lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import attrs

from wsconn._deadline import now
from wsconn._diagnosis.advice import advice_on
from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn._diagnosis.evidence import Evidence, StageFailed, symbol
from wsconn._diagnosis.messages import message_on
from wsconn._outcome import Attempt, Cause, Failure, RegionOutcome, Stage, Status, Timings, TlsInfo
from wsconn._text import redact, without_query


class Recorder:
    """The record of one region's way: its URLs, stages and attempts, and what was learned on the way tried last."""

    def __init__(self, region: str, url: str | None) -> None:
        self._region = region
        self._attempts: list[tuple[float, Attempt]] = []
        # The seconds of the stages that are over; the one under way and when it began. Replaced as one.
        self._times: tuple[dict[Stage, float], tuple[Stage, float] | None] = ({}, None)
        self._began: float | None = None
        self.begin_url("", "", 0, url)

    def begin(self) -> None:
        """Start the region's own clock."""
        self._began = now()

    def begin_url(self, scheme: str, host: str, port: int, url: str | None, *, discovering: bool = False) -> None:
        """Turn to a URL; of the one before, the attempts and the time for discovery alone are kept."""
        self._discovering = discovering
        self._url = None if url is None else without_query(url)
        self._secrets: tuple[str, ...] = ()
        self._scheme, self._host, self._port = scheme, host, port
        self._url_began = now()
        spent, _ = self._times
        self._times = ({stage: seconds for stage, seconds in spent.items() if stage is Stage.DISCOVERY}, None)
        self._attempt_began: float | None = self._url_began
        self.stage = Stage.RESOLVE
        self.address: str | None = None
        self.proxy: str | None = None
        self._proxy_host = ""
        self.tls: TlsInfo | None = None
        self.http_status: int | None = None
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self.round_trip: float | None = None

    @contextmanager
    def timed(self, stage: Stage) -> Iterator[None]:
        """Count the time of the block to `stage`, however it ends; all that discovery does counts as that."""
        self.stage = stage
        spent, _ = self._times
        self._times = (spent, (self._told_stage(), now()))
        try:
            yield
        finally:
            self._times = (self._spent(), None)

    def _spent(self) -> dict[Stage, float]:
        """Return the seconds of each stage, that of the one under way up to now."""
        spent, under_way = self._times
        if under_way is None:
            return spent
        stage, began = under_way
        return {**spent, stage: spent.get(stage, 0.0) + now() - began}

    def _told_stage(self) -> Stage:
        return Stage.DISCOVERY if self._discovering else self.stage

    def hide(self, *secrets: str) -> None:
        """These are sent to a peer of the URL under way, which may repeat them."""
        self._secrets += secrets

    def redact(self, said: str | None) -> str | None:
        """Return what a peer said without the secrets that it was told."""
        return redact(said, self._secrets) if said else said

    def set_proxy(self, proxy: str, host: str) -> None:
        """The way leads through a proxy: in words that hide its password, and its host name."""
        self.proxy, self._proxy_host = proxy, host

    def address_won(self, address: str, began: float) -> None:
        """The way goes on over this address; how it ends is noted when the URL does."""
        self.address, self._attempt_began = address, began

    def address_failed(self, address: str, began: float, cause: Cause, os_error: str | None = None) -> None:
        """One of several addresses did not answer, or not in time."""
        seen = self._seen(Evidence(os_error=os_error, address=address))
        seen = attrs.evolve(seen, elapsed=now() - began)
        self._note(address, began, cause, seen)
        self._attempt_began = None  # told address by address: the URL adds nothing to that

    def url_failed(self, failed: StageFailed) -> Failure:
        """Note how the URL under way ended, and return its failure in words."""
        if failed.stage is not None:
            self.stage = failed.stage
        seen = self._seen(failed.evidence or Evidence())
        self.http_status = seen.http_status or self.http_status
        if self._attempt_began is not None:
            self._note(self.address, self._attempt_began, failed.cause, seen)
        return Failure(
            stage=self._told_stage(),
            cause=failed.cause,
            message=message_on(failed.cause, seen),
            advice=advice_on(failed.cause, seen),
            os_error=seen.os_error,
        )

    def url_worked(self) -> None:
        """Note that the URL under way answered as it should."""
        self._note(
            self.address,
            self._attempt_began or self._url_began,
            None,
            self._seen(Evidence(http_status=self.http_status)),
        )

    def passed(self) -> RegionOutcome:
        """Return the outcome of a region whose WebSocket opened and, where that was asked for, passes frames."""
        return self._outcome(Status.PASSED)

    def failed(self, failure: Failure) -> RegionOutcome:
        """Return the outcome of a region of which every URL failed; `failure` is the last one's."""
        return self._outcome(Status.FAILED, failure)

    def aborted(self) -> RegionOutcome:
        """Return the outcome of a region that an abort meets here, with what is known so far."""
        return self._outcome(Status.ABORTED)

    def too_late(self) -> RegionOutcome:
        """Return the outcome of a region whose turn came when the whole test's time was over: no URL was tried."""
        self._attempt_began = None
        return self.failed(self.url_failed(StageFailed(Cause.TIMEOUT, Evidence(began=False))))

    def not_begun(self, error: Exception) -> RegionOutcome:
        """Return the outcome of a region for which this machine had no thread or no descriptor (`error`)."""
        if isinstance(error, OSError):
            evidence = Evidence(os_error=symbol(error), detail=error.strerror)
        else:
            evidence = Evidence(detail=str(error))
        return self.failed(self.url_failed(StageFailed(Cause.LOCAL_LIMIT, evidence)))

    def broken(self, error: BaseException) -> RegionOutcome:
        """Return the outcome of a region on which wsconn itself failed, even where this record fails as well."""
        cause = Cause.LOCAL_LIMIT if isinstance(error, MemoryError) else Cause.INTERNAL_ERROR
        try:
            return self.failed(self.url_failed(StageFailed(cause, Evidence(detail=type(error).__name__))))
        except Exception:  # noqa: BLE001 - the last resort
            message = f"wsconn itself failed ({type(error).__name__}); nothing is known about the region"
            failure = Failure(stage=Stage.RESOLVE, cause=cause, message=message, advice=EXPLANATIONS[cause].advice)
            return RegionOutcome(region=self._region, url=None, status=Status.FAILED, failure=failure)

    def _seen(self, evidence: Evidence) -> Evidence:
        return attrs.evolve(
            self._without_secrets(evidence) if self._secrets else evidence,
            tls=evidence.tls or self.tls,
            stage=self.stage,
            scheme=self._scheme,
            host=self._host,
            port=self._port,
            address=evidence.address or self.address,
            proxy=self.proxy,
            proxy_host=self._proxy_host,
            connected=self.address is not None,
            discovery=self._url if self._discovering else None,
            elapsed=now() - self._url_began,
            clock=datetime.now(UTC),
        )

    def _without_secrets(self, evidence: Evidence) -> Evidence:
        return attrs.evolve(
            evidence,
            detail=self.redact(evidence.detail),
            http_reason=self.redact(evidence.http_reason),
            location=self.redact(evidence.location),
            server=self.redact(evidence.server),
        )

    def _note(self, address: str | None, began: float, cause: Cause | None, seen: Evidence) -> None:
        attempt = Attempt(
            url=self._url or "",
            address=address,
            stage=self._told_stage(),
            cause=cause,
            message=message_on(cause, seen),
            duration=now() - began,
            os_error=seen.os_error,
            http_status=seen.http_status or self.http_status,
        )
        self._attempts.append((began, attempt))

    def _outcome(self, status: Status, failure: Failure | None = None) -> RegionOutcome:
        ended = now()
        return RegionOutcome(
            region=self._region,
            url=self._url,
            status=status,
            failure=failure,
            attempts=tuple(attempt for _, attempt in sorted(self._attempts, key=lambda entry: entry[0])),
            timings=Timings(**self._spent()),
            duration=0.0 if self._began is None else ended - self._began,
            round_trip=self.round_trip,
            address=self.address,
            proxy=self.proxy,
            tls=self.tls,
            http_status=self.http_status,
            close_code=self.close_code,
            close_reason=self.close_reason,
        )
