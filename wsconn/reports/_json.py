"""A result as JSON for a program: the findings, daily-js' four fields, and each outcome whole. Times are ISO 8601.

`schema/result-2.json` in this package is its JSON Schema. A later version of wsconn may add keys and words; a change
that would break a reader makes schema 3. Schema 1 is of results without evidence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs

from wsconn._result import ConnectivityResult
from wsconn.reports._analysis.findings import findings
from wsconn.reports._machine import Machine, this_machine
from wsconn.reports._secrets import without_secrets

SCHEMA = 2


def to_json(
    result: ConnectivityResult,
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
    result = without_secrets(result)
    told = {
        **({} if warning is None else {"warning": warning}),
        **({"tested_from": list(tested_from)} if tested_from else {}),
        "findings": findings(result),
        **result.to_dict(),
        "schema": SCHEMA,
        "started_at": result.started_at.isoformat(),
        "duration": result.duration,
        "machine": attrs.asdict(machine or this_machine()),
        "outcomes": [attrs.asdict(outcome, value_serializer=_plain) for outcome in result.outcomes],
    }
    return json.dumps(told, indent=indent, allow_nan=False) + "\n"


def _plain(_record: object, _field: object, value: Any) -> Any:  # noqa: ANN401 - attrs hands over whatever a field holds
    return value.isoformat() if isinstance(value, datetime) else value
