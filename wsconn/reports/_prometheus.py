"""A result as metrics in Prometheus' text format, for a textfile collector or a gateway.

https://prometheus.io/docs/instrumenting/exposition_formats/ has the rules, .../practices/naming/ those of the names. No
label holds an address, a message or a version: each value of one makes a series of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from wsconn._outcome import RegionOutcome, Stage, Status
from wsconn._result import ConnectivityResult
from wsconn.reports._analysis.findings import findings
from wsconn.reports._machine import Machine, this_machine
from wsconn.reports._printable import printable
from wsconn.reports._subject import Subject, parts_of

_Sample = tuple[dict[str, str], float]


def to_prometheus(
    result: Subject,
    *,
    machine: Machine | None = None,
    warning: str | None = None,
    tested_from: Sequence[str] = (),
) -> str:
    """Return `result` as gauges; what is not known (of an aborted region above all) has no sample.

    A `warning`, site and labels of the `machine` that it is from (this one, where it is `None`), that machine's
    addresses (`tested_from`) and the findings are comments before them. Of a debugger's
    report it tells the check alone.
    """
    result, _ = parts_of(result)
    comments = "" if warning is None else f"# Warning: {printable(warning)}.\n"
    known_by = (machine or this_machine()).known_by
    comments += f"# Machine: {printable(', '.join(known_by))}\n" if known_by else ""
    comments += f"# Tested from: {printable(', '.join(tested_from))}\n" if tested_from else ""
    comments += "".join(f"# Finding: {finding}\n" for finding in findings(result))
    return comments + "".join(_of_the_check(result)) + "".join(_of_the_regions(result.outcomes))


def _of_the_check(result: ConnectivityResult) -> Iterator[str]:
    for name, about, value in (
        ("timestamp_seconds", "When the check began, in seconds since 1970.", result.started_at.timestamp()),
        ("duration_seconds", "How long the check took.", result.duration),
        ("passed_regions", "How many regions can be reached.", len(result.passed_regions)),
        ("failed_regions", "How many regions cannot be reached.", len(result.failed_regions)),
        (
            "aborted_regions",
            "How many regions had not settled when the check was aborted.",
            len(result.aborted_regions),
        ),
    ):
        yield _gauge(f"wsconn_check_{name}", about, [({}, value)])


def _of_the_regions(outcomes: tuple[RegionOutcome, ...]) -> Iterator[str]:
    yield _gauge(
        "wsconn_region_up",
        "Whether the region can be reached: 1 or 0.",
        [(_of(o), float(o.status is Status.PASSED)) for o in outcomes if o.status is not Status.ABORTED],
    )
    yield _gauge(
        "wsconn_region_failure",
        "Why the region cannot be reached; always 1.",
        [({**_of(o), "stage": o.failure.stage, "cause": o.failure.cause}, 1) for o in outcomes if o.failure],
    )
    yield _gauge(
        "wsconn_region_duration_seconds",
        "How long the region took, all stages and addresses together.",
        [(_of(o), o.duration) for o in outcomes],
    )
    yield _gauge(
        "wsconn_region_stage_seconds",
        "How long a stage took on the way tried last, the failing stage included.",
        [sample for o in outcomes for sample in _stages(o)],
    )
    yield _gauge(
        "wsconn_region_round_trip_seconds",
        "From ping to pong.",
        [(_of(o), o.round_trip) for o in outcomes if o.round_trip is not None],
    )
    yield _gauge(
        "wsconn_region_certificate_expiry_timestamp_seconds",
        "When the certificate that was seen expires, in seconds since 1970.",
        [(_of(o), o.tls.not_after.timestamp()) for o in outcomes if o.tls and o.tls.not_after],
    )


def _of(outcome: RegionOutcome) -> dict[str, str]:
    return {"region": outcome.region}


def _stages(outcome: RegionOutcome) -> Iterator[_Sample]:
    for stage in Stage:
        seconds: float | None = getattr(outcome.timings, stage)
        if seconds is not None:
            yield {**_of(outcome), "stage": stage}, seconds


def _gauge(name: str, about: str, samples: Iterable[_Sample]) -> str:
    """Return a metric with its samples; one without any is left out, and a series is never told twice."""
    series = {name + _labels(labels): _number(value) for labels, value in samples}
    if not series:
        return ""
    return f"# HELP {name} {about}\n# TYPE {name} gauge\n" + "".join(
        f"{one} {value}\n" for one, value in series.items()
    )


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}" if labels else ""


def _escaped(value: str) -> str:
    """Escape as the format has it; a line feed cannot occur any more, and a terminal may show the file too."""
    return printable(value).replace("\\", r"\\").replace('"', r"\"")


def _number(value: float) -> str:
    """Write a value as Go reads it, to the microsecond."""
    rounded = round(float(value), 6)
    if not math.isfinite(rounded):
        return str(rounded).replace("inf", "Inf").replace("nan", "NaN")
    return str(int(rounded)) if rounded.is_integer() else f"{rounded:.6f}".rstrip("0")
