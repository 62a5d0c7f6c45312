"""What is known of a region while it is under way, and the outcome that this makes at any moment.

The worker of the region writes; `abort()` may read at any moment, from another thread or from a signal handler in the
midst of a line. So what belongs together is in one frozen record, which is replaced whole by one assignment and read
once; each attempt is whole before it is added; and nothing here takes a lock. Without the GIL, too, to load or to
replace an attribute is atomic, and `sorted` copies the list of attempts under that list's own lock (PEP 703, "Container
Thread-Safety"; CPython, `Objects/listobject.c`).
"""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypedDict, Unpack

import attrs

from wsconn._deadline import now
from wsconn._diagnosis.advice import advice_on
from wsconn._diagnosis.causes import EXPLANATIONS, message_on
from wsconn._diagnosis.evidence import NOTHING, StageFailed, is_shutdown, symbol
from wsconn._outcome import (
    Attempt,
    Cause,
    Evidence,
    Failure,
    RegionOutcome,
    Stage,
    Status,
    Timings,
    TlsInfo,
    attempt_that_worked,
    evidence_of,
)
from wsconn._proxies import Proxy
from wsconn._text import redact, without_query


# Named tuples and not attrs' classes: some twenty of these are made for a URL, and `import wsconn` is 3 ms quicker.
class _Url(NamedTuple):
    """A URL, where it leads, and when its turn began."""

    url: str | None
    scheme: str
    host: str
    port: int
    is_discovery: bool
    began: float
    connect_to: str | None
    source: str | None


class _Learned(TypedDict, total=False):
    """What was learned on the way. `attempt_began` is when the attempt under way began, where there is one."""

    attempt_began: float | None
    secrets: tuple[str, ...]
    address: str | None
    proxy: Proxy | None
    tls: TlsInfo | None
    proxy_tls: TlsInfo | None
    http_status: int | None
    close_code: int | None
    close_reason: str | None
    round_trip: float | None
    lookup: Mapping[str, Any]
    ended_after: float | None
    request: Mapping[str, Any]
    no_proxy_named: bool
    other_proxy_variable: str | None
    pac: Mapping[str, Any]


class _Way(NamedTuple):
    """The URL under way. `spent` has the seconds of the stages that are over; `since` is when the present one began."""

    url: _Url
    stage: Stage
    spent: dict[Stage, float]
    since: float | None
    learned: _Learned

    @property
    def told_stage(self) -> Stage:
        """The stage that outcomes name: all that discovery does counts as that."""
        return Stage.DISCOVERY if self.url.is_discovery else self.stage

    def spent_until_now(self) -> dict[Stage, float]:
        """Return the seconds of each stage, that of the one under way up to now."""
        if self.since is None:
            return self.spent
        stage = self.told_stage
        return {**self.spent, stage: self.spent.get(stage, 0.0) + now() - self.since}


class Recorder:
    """The record of one region's way: its URLs, stages and attempts, and what was learned on the way tried last."""

    def __init__(
        self, region: str, url: str | None, *, allow: tuple[str, ...] = (), help_page: str | None = None
    ) -> None:
        self._region = region
        self._allow = allow
        self._help_page = help_page
        self._attempts: list[tuple[float, Attempt]] = []
        self._began: float | None = None
        self._started_at: float | None = None
        self._way = _way("", "", 0, url, spent={})

    def begin(self) -> None:
        """Start the region's own clock."""
        self._started_at = time.time()
        self._began = now()

    def begin_url(
        self,
        scheme: str,
        host: str,
        port: int,
        url: str | None,
        *,
        discovering: bool = False,
        connect_to: str | None = None,
        source: str | None = None,
    ) -> None:
        """Turn to a URL; of the one before, the attempts and the time for discovery alone are kept."""
        spent: dict[Stage, float] = {stage: took for stage, took in self._way.spent.items() if stage is Stage.DISCOVERY}
        self._way = _way(
            scheme, host, port, url, discovering=discovering, connect_to=connect_to, source=source, spent=spent
        )

    @property
    def stage(self) -> Stage:
        """The stage that is under way; while a region's URL is discovered, the stage of asking the endpoint."""
        return self._way.stage

    @stage.setter
    def stage(self, stage: Stage) -> None:
        way = self._way
        self._way = _Way(way.url, stage, way.spent, way.since, way.learned)

    def timed(self, stage: Stage) -> Recorder:
        """Count the time of a `with` block to `stage`, however it ends; all that discovery does counts as that."""
        way = self._way
        self._way = _Way(way.url, stage, way.spent, now(), way.learned)
        return self  # which ends it; blocks are not nested, and a generator would take twice as long

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        way = self._way
        self._way = _Way(way.url, way.stage, way.spent_until_now(), None, way.learned)

    def learn(self, **fields: Unpack[_Learned]) -> None:
        """Keep what was learned, all of it at once."""
        way = self._way
        self._way = _Way(way.url, way.stage, way.spent, way.since, {**way.learned, **fields})

    def hide(self, *secrets: str) -> None:
        """These are sent to a peer of the URL under way, which may repeat them."""
        if secrets:
            self.learn(secrets=(*self._secrets, *secrets))

    @property
    def _secrets(self) -> tuple[str, ...]:
        return self._way.learned.get("secrets", ())

    def redact(self, said: str | None) -> str | None:
        """Return what a peer said without the secrets that it was told."""
        return redact(said, self._secrets) if said else said

    def saw_tls(self, tls: TlsInfo | None) -> None:
        """Keep what TLS showed; who opens it may have written into a certificate what a proxy was told."""
        self.learn(tls=_redacted(tls, self._secrets) if self.proxy else tls)

    def saw_proxy_tls(self, tls: TlsInfo) -> None:
        """Keep what TLS to the proxy showed: evidence of the stage `proxy`."""
        self.learn(proxy_tls=_redacted(tls, self._secrets))

    def looked_up(self, evidence: Evidence) -> None:
        """Keep how the server's name was looked up."""
        if evidence is not NOTHING:
            self.learn(lookup=self._given(evidence))

    @property
    def tls(self) -> TlsInfo | None:
        """What TLS showed on the way under way."""
        return self._way.learned.get("tls")

    @property
    def proxy(self) -> Proxy | None:
        """The proxy on the way under way."""
        return self._way.learned.get("proxy")

    @property
    def proxy_tls(self) -> TlsInfo | None:
        """What TLS to that proxy showed."""
        return self._way.learned.get("proxy_tls")

    def asked_pac(self, evidence: Evidence) -> None:
        """Keep what a PAC file said of the way, or why it said nothing."""
        if evidence is not NOTHING:
            self.learn(pac=self._given(evidence))

    def way_failed(self, failed: StageFailed) -> None:
        """Note how one of several ways to the URL ended; the next one is tried, of which nothing is known yet."""
        if failed.stage is not None:
            self.stage = failed.stage
        self._end_attempt(failed.cause, self._seen(failed.evidence or NOTHING))
        tried = (self.proxy.url or self.proxy.scheme) if self.proxy else "DIRECT"
        pac = self._way.learned.get("pac", _NOTHING)
        pac = {**pac, "pac_tried": (*pac.get("pac_tried", ()), tried)}
        self.learn(attempt_began=now(), address=None, proxy=None, http_status=None, lookup={}, pac=pac)
        self.learn(tls=None, proxy_tls=None)

    def set_proxy(self, proxy: Proxy) -> None:
        """The way leads through a proxy."""
        self.learn(proxy=proxy)

    def goes_unproxied(self, other_variable: str | None) -> None:
        """The way leads through no proxy, since nothing names one; a variable may for URLs of other schemes."""
        self.learn(no_proxy_named=True, other_proxy_variable=other_variable)

    def address_won(self, address: str, began: float) -> None:
        """The way goes on over this address; how it ends is noted when the URL does."""
        self.learn(address=address, attempt_began=began)

    def address_failed(self, address: str, began: float, cause: Cause, os_error: str | None = None) -> None:
        """One of several addresses did not answer, or not in time."""
        seen = self._seen(Evidence(os_error=os_error, address=address), since=began)
        self._note(address, began, cause, seen)
        self.learn(attempt_began=None)  # told address by address: the URL adds nothing to that

    def url_failed(self, failed: StageFailed, *, stalled_seconds: float = 0.0) -> Failure:
        """Note how the URL under way ended, and return its failure in words.

        `stalled_seconds` is how long the process stood still past the deadline.
        """
        if failed.stage is not None:
            self.stage = failed.stage
        seen = self._seen(failed.evidence or Evidence())
        if stalled_seconds:
            seen = attrs.evolve(seen, stalled_seconds=stalled_seconds)
        if seen.http_status:
            self.learn(http_status=seen.http_status)
        self._end_attempt(failed.cause, seen)
        return Failure(
            stage=self._way.told_stage,
            cause=failed.cause,
            message=message_on(failed.cause, seen),
            advice=advice_on(failed.cause, seen),
            os_error=seen.os_error,
            evidence=seen,
        )

    def completed(self, evidence: Evidence) -> Evidence:
        """Return evidence with what is known here, and without the secrets that peers were told."""
        return self._seen(evidence)

    def url_worked(self) -> None:
        """Note that the URL under way answered as it should."""
        way, url, learned = self._way, self._way.url, self._way.learned
        began, ended = learned.get("attempt_began"), now()
        if began is None:
            began = url.began
        attempt = attempt_that_worked(
            functools.partial(_said_of_success, way, ended - url.began),
            url=url.url or "",
            address=learned.get("address"),
            stage=way.told_stage,
            duration=ended - began,
            http_status=learned.get("http_status"),
        )
        self._attempts.append((began, attempt))

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
        self.learn(attempt_began=None)
        return self.failed(self.url_failed(StageFailed(Cause.TIMEOUT, Evidence(never_began=True))))

    def not_begun(self, error: Exception) -> RegionOutcome:
        """Return the outcome of a region for which this machine had no thread or no descriptor (`error`)."""
        if isinstance(error, OSError):
            evidence = Evidence(os_error=symbol(error), detail=error.strerror)
        else:
            evidence = Evidence(detail=str(error), shutting_down=is_shutdown(error))
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

    def _seen(self, evidence: Evidence, *, since: float | None = None) -> Evidence:
        """Return the evidence of a stage with what is known here: where, when, and how far the way went."""
        known = _known(self._way, now() - (self._way.url.began if since is None else since))
        known["clock"] = datetime.now(UTC)
        return evidence_of(known if evidence is NOTHING else {**known, **self._given(evidence)})

    def _given(self, evidence: Evidence) -> dict[str, Any]:
        """Return what a stage has filled in, without the secrets that its peer was told."""
        secrets = self._secrets
        given = {name: said for name in _FIELDS if (said := getattr(evidence, name)) != getattr(NOTHING, name)}
        return {name: _redacted(said, secrets) for name, said in given.items()} if secrets else given

    def _end_attempt(self, cause: Cause, seen: Evidence) -> None:
        """Note how the attempt under way failed, if there is one."""
        began = self._way.learned.get("attempt_began")
        if began is not None:
            self._note(self._way.learned.get("address"), began, cause, seen)

    def _note(self, address: str | None, began: float, cause: Cause, seen: Evidence) -> None:
        way = self._way
        attempt = Attempt(
            url=way.url.url or "",
            address=address,
            stage=way.told_stage,
            cause=cause,
            message=message_on(cause, seen),
            duration=now() - began,
            os_error=seen.os_error,
            http_status=seen.http_status or way.learned.get("http_status"),
        )
        self._attempts.append((began, attempt))

    def _outcome(self, status: Status, failure: Failure | None = None) -> RegionOutcome:
        way, began, ended = self._way, self._began, now()
        learned = way.learned
        return RegionOutcome(
            region=self._region,
            url=way.url.url,
            status=status,
            failure=failure,
            attempts=tuple(attempt for _, attempt in sorted(self._attempts, key=lambda entry: entry[0])),
            timings=Timings(**way.spent_until_now()),
            started_at=self._started_at,
            duration=0.0 if began is None else ended - began,
            round_trip=learned.get("round_trip"),
            address=learned.get("address"),
            proxy=str(self.proxy) if self.proxy else None,
            tls=learned.get("tls"),
            http_status=learned.get("http_status"),
            close_code=learned.get("close_code"),
            close_reason=learned.get("close_reason"),
            evidence=None if status is Status.FAILED else self._worth_telling(status),
            allow=self._allow,
            help=self._help_page,
        )

    def _worth_telling(self, status: Status) -> Evidence | None:
        """Return what is to be told of a region that did not fail, if anything."""
        url, learned = self._way.url, self._way.learned
        is_led = url.connect_to or url.source or learned.get("pac")
        ended_after = learned.get("ended_after")
        of_a_pass = ended_after is not None or not _OF_A_LOOKUP.isdisjoint(learned.get("lookup", _NOTHING))
        if not is_led and not (of_a_pass and status is Status.PASSED):
            return None
        return self._seen(Evidence(ended_after=ended_after))


_OF_A_LOOKUP = {"search_domain", "silent_name_server", "ipv4_lookup", "ipv6_lookup"}
_AS_EVIDENCE = {"no_proxy_named", "other_proxy_variable"}
_NOTHING: Mapping[str, Any] = {}
_FIELDS = tuple(field.name for field in attrs.fields(Evidence))


def _way(
    scheme: str,
    host: str,
    port: int,
    url: str | None,
    *,
    spent: dict[Stage, float],
    discovering: bool = False,
    connect_to: str | None = None,
    source: str | None = None,
) -> _Way:
    began = now()
    shown = None if url is None else without_query(url)
    begun = _Url(shown, scheme, host, port, discovering, began, connect_to, source)
    return _Way(begun, Stage.RESOLVE, spent, None, {"attempt_began": began})


def _known(way: _Way, elapsed: float) -> dict[str, Any]:
    """Return what is known of a way, as fields of evidence."""
    url, learned = way.url, way.learned
    proxy, address = learned.get("proxy"), learned.get("address")
    known: dict[str, Any] = {
        "stage": way.stage,
        "scheme": url.scheme or None,
        "host": url.host or None,
        "port": url.port or None,
        "discovery": url.url if url.is_discovery else None,
        "elapsed": elapsed,
        "address": address,
        "connected": address is not None,
        "connect_to": url.connect_to,
        "source": url.source,
        "tls": learned.get("tls") or (learned.get("proxy_tls") if way.stage is Stage.PROXY else None),
        **{name: said for name, said in learned.items() if name in _AS_EVIDENCE},
        **learned.get("request", _NOTHING),
        **learned.get("lookup", _NOTHING),
        **learned.get("pac", _NOTHING),
    }
    if proxy:
        known |= {"proxy": proxy.url or None, "proxy_host": proxy.host or None, "proxy_source": proxy.source}
    return known


def _said_of_success(way: _Way, elapsed: float) -> str:
    return message_on(None, evidence_of(_known(way, elapsed)))


def _redacted(said: Any, secrets: tuple[str, ...]) -> Any:  # noqa: ANN401 - what a field of evidence may hold
    if isinstance(said, str):
        return redact(said, secrets)
    if isinstance(said, TlsInfo):
        told = {"issuer": _redacted(said.issuer, secrets), "subject": _redacted(said.subject, secrets)}
        return said if told == {"issuer": said.issuer, "subject": said.subject} else attrs.evolve(said, **told)
    return tuple(redact(one, secrets) for one in said) if isinstance(said, tuple) else said
