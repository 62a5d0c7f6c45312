"""A result as JSON for a program: daily-js' four fields, and each outcome whole. Times are ISO 8601."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import attrs

from wsconn import ConnectivityResult


def to_json(result: ConnectivityResult) -> str:
    """Return `result` as one JSON object in ASCII; the keys are always all there, in the same order."""
    outcomes = [attrs.asdict(outcome, value_serializer=_plain) for outcome in result.outcomes]
    return json.dumps({**result.to_dict(), "outcomes": outcomes}, indent=2) + "\n"


def _plain(_record: object, _field: object, value: Any) -> Any:  # noqa: ANN401 - attrs hands over whatever a field holds
    return value.isoformat() if isinstance(value, datetime) else value
