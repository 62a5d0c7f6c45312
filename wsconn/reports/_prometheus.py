"""A result as metrics in Prometheus' text format, for a textfile collector or a gateway.

https://prometheus.io/docs/instrumenting/exposition_formats/ has the rules; `_metrics` has the table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from wsconn.reports._analysis.findings import findings
from wsconn.reports._machine import Machine, this_machine
from wsconn.reports._metrics import GAUGES, Metric
from wsconn.reports._printable import printable
from wsconn.reports._subject import Subject, parts_of

T = TypeVar("T")


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
    return comments + "".join(gauge(metric, result) for metric in GAUGES)


def gauge(metric: Metric[T], measured: T) -> str:
    """Return a metric with its samples; one without any is left out, and a series is never told twice."""
    name = metric.name
    series = {name + _labels(metric.labels, values): _number(value) for values, value in metric.samples(measured)}
    if not series:
        return ""
    return f"# HELP {name} {metric.help}\n# TYPE {name} gauge\n" + "".join(
        f"{one} {value}\n" for one, value in series.items()
    )


def _labels(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    pairs = zip(names, values, strict=True)
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs) + "}" if names else ""


def _escaped(value: str) -> str:
    """Escape as the format has it; a line feed cannot occur any more, and a terminal may show the file too."""
    return printable(value).replace("\\", r"\\").replace('"', r"\"")


def _number(value: float) -> str:
    """Write a value as Go reads it, to the microsecond."""
    rounded = round(float(value), 6)
    if not math.isfinite(rounded):
        return str(rounded).replace("inf", "Inf").replace("nan", "NaN")
    return str(int(rounded)) if rounded.is_integer() else f"{rounded:.6f}".rstrip("0")
