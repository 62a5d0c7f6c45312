"""A result as JSON for a program: the findings, daily-js' four fields, and each outcome whole. Times are ISO 8601.

`schema/result-2.json` in this package is its JSON Schema. A later version of wsconn may add keys and words; a change
that would break a reader makes schema 3. Schema 1 is of results without evidence. A debugger's report has a schema of
its own, `schema/debug-1.json`, and holds the result whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import attrs

from wsconn._debug.records import DebugReport
from wsconn._result import ConnectivityResult
from wsconn.reports._analysis.findings import findings
from wsconn.reports._machine import Machine, this_machine
from wsconn.reports._subject import Subject, parts_of

SCHEMA = 2
DEBUG_SCHEMA = 1


def to_json(
    result: Subject,
    *,
    machine: Machine | None = None,
    warning: str | None = None,
    tested_from: Sequence[str] = (),
    indent: int | None = 2,
) -> str:
    """Return `result` as one JSON object in ASCII; the keys are always all there, in the same order.

    `machine` is the one that the result is from: this one, where it is `None`. A `warning` is one key more, before the
    others, and so is `tested_from`, that machine's addresses. `indent` is as for `json.dumps`: `None` makes one line.
    """
    checked, debugged = parts_of(result)
    machine = machine or this_machine()
    first = {
        **({} if warning is None else {"warning": warning}),
        **({"tested_from": list(tested_from)} if tested_from else {}),
    }
    told = _debugged(debugged, machine) if debugged else _checked(checked, machine)
    return json.dumps({**first, **told}, indent=indent, allow_nan=False) + "\n"


def _checked(result: ConnectivityResult, machine: Machine) -> dict[str, Any]:
    return {
        "findings": findings(result),
        **result.to_dict(),
        "schema": SCHEMA,
        "started_at": result.started_at.isoformat(),
        "duration": result.duration,
        "machine": attrs.asdict(machine),
        "outcomes": _records(result.outcomes),
    }


def _debugged(report: DebugReport, machine: Machine) -> dict[str, Any]:
    return {
        "conclusions": _records(report.conclusions),
        "debug_schema": DEBUG_SCHEMA,
        "started_at": report.started_at.isoformat(),
        "duration": report.duration,
        "aborted": report.aborted,
        "experiments": _records(report.experiments),
        "holds": _records(report.holds),
        "result": _checked(report.result, machine),
    }


def _records(records: Iterable[Any]) -> list[dict[str, Any]]:
    return [attrs.asdict(record, value_serializer=_plain) for record in records]


def _plain(_record: object, _field: object, value: Any) -> Any:  # noqa: ANN401 - attrs hands over whatever a field holds
    return value.isoformat() if isinstance(value, datetime) else value
