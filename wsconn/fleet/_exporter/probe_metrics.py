"""The metrics of one probe: blackbox_exporter's names, so that its dashboards and alerts fit, and what it lacks.

Names and meanings are those of its websocket prober and its HTTP prober. `processing` is theirs too: here it is the
request for the WebSocket and the answer, TLS apart.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator

import attrs

from wsconn._outcome import RegionOutcome, Stage, Status
from wsconn.reports._metrics import Metric, Sample

PHASES = {stage: str(stage) for stage in Stage} | {Stage.UPGRADE: "processing"}
_TLS = {"TLSv1": "TLS 1.0", "TLSv1.1": "TLS 1.1", "TLSv1.2": "TLS 1.2", "TLSv1.3": "TLS 1.3"}  # as Go calls them
_OPENED = 101
_FNV_OFFSET, _FNV_PRIME = 2166136261, 16777619  # of the 32-bit FNV-1a hash


@attrs.frozen
class Probed:
    """A probe that is over: what became of it, and the seconds that it had."""

    outcome: RegionOutcome
    timeout: float


def _of(value: Callable[[RegionOutcome], float]) -> Callable[[Probed], Iterator[Sample]]:
    def samples(probed: Probed) -> Iterator[Sample]:
        yield (), value(probed.outcome)

    return samples


def _phases(probed: Probed) -> Iterator[Sample]:
    for stage, phase in PHASES.items():
        seconds: float | None = getattr(probed.outcome.timings, stage)
        if seconds is not None:
            yield (phase,), seconds


def _status(outcome: RegionOutcome) -> float:
    """Return the server's status; a refusal by a proxy is none."""
    of_proxy = outcome.failure is not None and outcome.failure.stage in (Stage.PROXY, Stage.DISCOVERY)
    return 0 if of_proxy or outcome.http_status is None else outcome.http_status


def _expiry(probed: Probed) -> Iterator[Sample]:
    tls = probed.outcome.tls
    if tls and tls.not_after:
        yield (), tls.not_after.timestamp()


def _tls_version(probed: Probed) -> Iterator[Sample]:
    tls = probed.outcome.tls
    if tls and tls.version in _TLS:
        yield (_TLS[tls.version],), 1


def _failure(probed: Probed) -> Iterator[Sample]:
    failure = probed.outcome.failure
    if failure:
        yield (failure.stage, failure.cause), 1


def _round_trip(probed: Probed) -> Iterator[Sample]:
    if probed.outcome.round_trip is not None:
        yield (), probed.outcome.round_trip


def _address(outcome: RegionOutcome) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    host = (outcome.address or "").rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _family(outcome: RegionOutcome) -> float:
    address = _address(outcome)
    return address.version if address else 0


def _hash(outcome: RegionOutcome) -> float:
    address = _address(outcome)
    if address is None:
        return 0
    found = _FNV_OFFSET
    for byte in address.packed:
        found = (found ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return found


PROBE: tuple[Metric[Probed], ...] = (
    Metric(
        name="probe_success",
        help="Whether the target can be reached: 1 or 0.",
        samples=_of(lambda outcome: float(outcome.status is Status.PASSED)),
    ),
    Metric(
        name="probe_duration_seconds",
        unit="seconds",
        help="How long the probe took.",
        samples=_of(lambda outcome: outcome.duration),
    ),
    Metric(
        name="probe_timeout_seconds",
        unit="seconds",
        help="How long it might have taken.",
        samples=lambda probed: [((), probed.timeout)],
    ),
    Metric(
        name="probe_dns_lookup_time_seconds",
        unit="seconds",
        help="How long the lookup of the name took.",
        samples=_of(lambda outcome: outcome.timings.resolve or 0.0),
    ),
    Metric(
        name="probe_ip_protocol",
        help="The version of IP that was connected by: 4 or 6, or 0 where none was.",
        samples=_of(_family),
    ),
    Metric(
        name="probe_ip_addr_hash",
        help="A hash of the address that was connected to, which shows when it changes.",
        samples=_of(_hash),
    ),
    Metric(
        name="probe_websocket_status_code",
        help="The status of the server's answer; 0 where there was none.",
        samples=_of(_status),
    ),
    Metric(
        name="probe_websocket_connection_upgraded",
        help="Whether the WebSocket opened: 1 or 0.",
        samples=_of(lambda outcome: float(outcome.http_status == _OPENED)),
    ),
    Metric(
        name="probe_websocket_duration_seconds",
        unit="seconds",
        help="How long each phase took.",
        labels=("phase",),
        samples=_phases,
    ),
    Metric(
        name="probe_ssl_earliest_cert_expiry",
        help="When the server's certificate expires, in seconds since 1970.",
        samples=_expiry,
    ),
    Metric(
        name="probe_tls_version_info",
        help="The version of TLS; always 1.",
        labels=("version",),
        samples=_tls_version,
    ),
    Metric(
        name="wsconn_failure_info",
        help="Why the target cannot be reached; always 1.",
        labels=("stage", "cause"),
        samples=_failure,
    ),
    Metric(
        name="wsconn_probe_round_trip_seconds",
        unit="seconds",
        help="From ping to pong.",
        samples=_round_trip,
    ),
)
