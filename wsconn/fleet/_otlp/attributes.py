"""What a span says of a region or of one of its stages: attributes by OpenTelemetry's semantic conventions 1.44.

https://opentelemetry.io/docs/specs/semconv/registry/attributes/ has them. What has no name there begins with `wsconn.`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from wsconn._outcome import Evidence, RegionOutcome, Stage, TlsInfo
from wsconn._places import split_place
from wsconn._regions import DEFAULT_PORTS
from wsconn._result import ConnectivityResult
from wsconn._text import is_ip_address
from wsconn.reports._analysis.findings import findings

CONVENTIONS = "https://opentelemetry.io/schemas/1.44.0"

Value = str | bool | int | float | Sequence[str]
Attributes = dict[str, Value]
_Found = Iterator[tuple[str, Value | None]]


def of_check(result: ConnectivityResult) -> Attributes:
    """Return what the span of a whole check says."""
    return _known(
        [
            ("wsconn.result", str(result.result)),
            ("wsconn.regions.passed", len(result.passed_regions)),
            ("wsconn.regions.failed", len(result.failed_regions)),
            ("wsconn.regions.aborted", len(result.aborted_regions)),
            ("wsconn.findings", findings(result)),
        ]
    )


def of_region(outcome: RegionOutcome) -> Attributes:
    """Return what the span of a region says."""
    return _known([*_region(outcome), *_server(outcome), *_peer(outcome), *_error(outcome)])


def of_stage(outcome: RegionOutcome, stage: Stage) -> Attributes:
    """Return what the span of a region's stage says; the one that failed has the error."""
    found = [*_OF_STAGE.get(stage, _nothing)(outcome)]
    if outcome.http_status is not None and stage is _answering_stage(outcome):
        found.append(("http.response.status_code", outcome.http_status))
    if outcome.failure and outcome.failure.stage is stage:
        found += _error(outcome)
    return _known(found)


def _known(found: Sequence[tuple[str, Value | None]]) -> Attributes:
    return {name: value for name, value in found if value is not None and value != ()}


def _region(outcome: RegionOutcome) -> _Found:
    yield "wsconn.region", outcome.region
    yield "wsconn.status", str(outcome.status)
    yield "wsconn.attempts", len(outcome.attempts)
    yield "wsconn.round_trip", outcome.round_trip
    yield "wsconn.proxy", outcome.proxy
    yield "wsconn.close.code", outcome.close_code
    yield "wsconn.close.reason", outcome.close_reason
    yield "http.response.status_code", outcome.http_status
    if outcome.failure:
        yield "wsconn.failure.stage", str(outcome.failure.stage)
        yield "wsconn.failure.advice", outcome.failure.advice


def _server(outcome: RegionOutcome) -> _Found:
    """Name the server behind any proxy."""
    host, port = _server_of(outcome)
    yield "server.address", host
    yield "server.port", port
    yield "url.full", outcome.url


def _peer(outcome: RegionOutcome) -> _Found:
    """Name the other end of the TCP connection: the server, or a proxy."""
    if not outcome.address:
        return
    host, port = split_place(outcome.address)
    yield "network.peer.address", host
    yield "network.peer.port", port or None
    yield "network.transport", "tcp"
    if is_ip_address(host):
        yield "network.type", "ipv6" if ":" in host else "ipv4"


def _error(outcome: RegionOutcome) -> _Found:
    if outcome.failure:
        yield "error.type", str(outcome.failure.cause)
        yield "wsconn.os_error", outcome.failure.os_error


def _lookup(outcome: RegionOutcome) -> _Found:
    seen = _evidence(outcome)
    host = split_place(seen.connect_to)[0] if seen.connect_to else _server_of(outcome)[0]
    yield "dns.question.name", host if host and not is_ip_address(host) else None
    yield "dns.answers", seen.resolved_to


def _tls(outcome: RegionOutcome) -> _Found:
    seen = outcome.tls or TlsInfo()
    name, _, version = (seen.version or "").partition("v")
    yield "tls.protocol.name", name.lower() or None
    yield "tls.protocol.version", version or None
    yield "tls.cipher", seen.cipher if (seen.cipher or "").startswith("TLS_") else None  # others have OpenSSL's names
    yield "tls.server.issuer", seen.issuer
    yield "tls.server.subject", seen.subject
    yield "tls.server.not_after", seen.not_after.isoformat() if seen.not_after else None
    yield "tls.established", _is_tls_established(outcome)


def _is_tls_established(outcome: RegionOutcome) -> bool | None:
    """Tell whether the handshake came to its end; an abort may have met it, which nobody knows."""
    if outcome.failure:
        return outcome.failure.stage is not Stage.TLS
    return True if outcome.timings.upgrade is not None else None


def _proxy(outcome: RegionOutcome) -> _Found:
    """Name the proxy. A PAC file's answer is in this stage too, where the way was direct."""
    if outcome.proxy:
        yield "wsconn.proxy", outcome.proxy
        yield from _peer(outcome)


def _upgrade(outcome: RegionOutcome) -> _Found:
    yield "http.request.method", "GET"
    yield from _server(outcome)


def _frames(outcome: RegionOutcome) -> _Found:
    yield "wsconn.round_trip", outcome.round_trip
    yield "wsconn.close.code", outcome.close_code
    yield "wsconn.close.reason", outcome.close_reason


def _nothing(_: RegionOutcome) -> _Found:
    return iter(())


_OF_STAGE: Mapping[Stage, Callable[[RegionOutcome], _Found]] = {
    Stage.RESOLVE: _lookup,
    Stage.CONNECT: _peer,
    Stage.PROXY: _proxy,
    Stage.TLS: _tls,
    Stage.UPGRADE: _upgrade,
    Stage.FRAMES: _frames,
}


def _answering_stage(outcome: RegionOutcome) -> Stage:
    """Return the stage that the HTTP status is of: an endpoint's or a proxy's refusal ends the way there."""
    failed_at = outcome.failure.stage if outcome.failure else None
    return failed_at if failed_at in (Stage.DISCOVERY, Stage.PROXY) else Stage.UPGRADE


def _evidence(outcome: RegionOutcome) -> Evidence:
    return (outcome.failure and outcome.failure.evidence) or outcome.evidence or Evidence()


def _server_of(outcome: RegionOutcome) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(outcome.url or "")
        return parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:  # a record that was made by hand
        return None, None
