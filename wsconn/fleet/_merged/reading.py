"""One report read: what a fleet wants of it, checked. It may be anybody's, so nothing in it is believed or followed.

`wsconn.reports.from_json` makes records of everything; that takes twenty times as long, and would be kept by nobody.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import attrs

from wsconn._json import check_depth
from wsconn._outcome import Cause, Status
from wsconn._text import LONGEST, sanitize
from wsconn.fleet._merged.limits import MOST_LABELS, MOST_REGIONS
from wsconn.fleet._merged.records import Ending
from wsconn.reports._analysis.issuers import organization
from wsconn.reports._json import DEBUG_SCHEMA, SCHEMA
from wsconn.reports._secrets import proxy_without_secrets

_WORD = re.compile(r"[a-z][a-z0-9_]{0,60}", re.ASCII)
_STATUSES = {str(status): status for status in Status}
# They say nothing about the way to a region.
_OF_THE_MACHINE = (Cause.LOCAL_LIMIT, Cause.INTERNAL_ERROR)
_EARLIEST, _LATEST = 0.0, 253_402_300_799.0  # 1970 to 9999: what a datetime can tell in any zone

Json = dict[str, Any]


@attrs.frozen(kw_only=True)
class Read:
    """A report: whose it is, when its round began, and how each region ended and what its round trip was.

    `rest` is what stands behind it, and is none.
    """

    host: str | None
    site: str | None
    labels: Mapping[str, str]
    wsconn: str | None
    system: str | None
    at: float
    outcomes: tuple[tuple[str, Ending, float | None], ...]
    rest: str


def read_report(text: bytes) -> Read:
    """Read a report of a check, or of the debugger. `ValueError` says where it is wrong."""
    parsed, rest = _parsed(text)
    told = _result_in(parsed)
    machine = _object(told.get("machine") or {}, "machine")
    return Read(
        host=_name(machine.get("host"), "machine.host"),
        site=_name(machine.get("site"), "machine.site"),
        labels=_labels(machine.get("labels") or {}),
        wsconn=_name(machine.get("wsconn"), "machine.wsconn"),
        system=_name(machine.get("system"), "machine.system"),
        at=_time(told.get("started_at"), "started_at"),
        outcomes=_outcomes(told.get("outcomes")),
        rest=rest,
    )


def _parsed(text: bytes) -> tuple[Json, str]:
    if not text.strip():
        raise ValueError("there is nothing in it")
    try:
        words = text.decode().strip()
        check_depth(words)
        told, end = _DECODER.raw_decode(words)
    except (ValueError, RecursionError) as error:  # bad JSON, bytes in no encoding, brackets without end
        raise ValueError(f"not JSON: {sanitize(str(error))}") from error
    return _object(told, "the report"), words[end:].strip()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def _result_in(told: Json) -> Json:
    if "debug_schema" in told:
        _check_schema(told, "debug_schema", DEBUG_SCHEMA)
        told = _object(told.get("result"), "result")
    if "fleet_schema" in told:
        raise ValueError("this is what wsconn merge writes, and no machine's report")
    _check_schema(told, "schema", SCHEMA)
    return told


def _check_schema(told: Json, name: str, newest: int) -> None:
    if name not in told:
        raise ValueError(f"not a report of wsconn's: it names no {name}")
    schema = told[name]
    if type(schema) is not int or not 1 <= schema <= newest:
        raise ValueError(f"{name}: {_found(schema)} is not known to this wsconn, which reads 1 to {newest}")


def _outcomes(told: Any) -> tuple[tuple[str, Ending, float | None], ...]:  # noqa: ANN401 - JSON
    if not isinstance(told, list):
        _unexpected("outcomes", "an array", told)
    if len(told) > MOST_REGIONS:
        raise ValueError(f"outcomes: {len(told)} regions; {MOST_REGIONS} are the most")
    found = [_outcome(one, place) for place, one in enumerate(told)]
    if len({region for region, _, _ in found}) < len(found):
        raise ValueError("outcomes: a region is there twice")
    return tuple(found)


def _outcome(told: Any, place: int) -> tuple[str, Ending, float | None]:  # noqa: ANN401 - JSON
    try:
        one = _object(told, "")
        region = _name(one.get("region"), "region") or _unexpected("region", "a name", one.get("region"))
        trip = one.get("round_trip")
        return region, _ending(one), None if trip is None else _seconds(trip, "round_trip")
    except ValueError as error:
        raise ValueError(f"outcomes[{place}].{error}") from error


def _ending(told: Json) -> Ending:
    word = told.get("status")
    status = _STATUSES.get(word) if isinstance(word, str) else None
    if status is None:
        _unexpected("status", f"one of {', '.join(_STATUSES)}", word)
    tls = _object(told.get("tls") or {}, "tls")
    if status is Status.FAILED:
        return _failed(told, tls)
    return _made(status, None, None, None, None, None, None, None, bool(tls))


def _failed(told: Json, tls: Json) -> Ending:
    failure = _object(told.get("failure"), "failure")
    seen = _object(failure.get("evidence") or {}, "failure.evidence")
    stage, cause = _word(failure.get("stage"), "failure.stage"), _word(failure.get("cause"), "failure.cause")
    if cause in _OF_THE_MACHINE or seen.get("never_began") is True:
        return _made(Status.ABORTED, stage, cause, None, None, None, None, None, False)
    return _made(
        Status.FAILED,
        stage,
        cause,
        _name(failure.get("os_error"), "failure.os_error"),
        _http_status(told.get("http_status")),
        _name(_object(seen.get("tls") or tls, "failure.evidence.tls").get("issuer"), "issuer", any_length=True),
        _name(told.get("proxy"), "proxy", any_length=True),
        _name(seen.get("failing_name_server") or seen.get("silent_name_server"), "failure.evidence.name_server"),
        bool(tls),
    )


@functools.lru_cache(maxsize=4096)
def _made(  # one object for all that ended alike: positional, as the cache wants it
    status: Status,
    stage: str | None,
    cause: str | None,
    os_error: str | None,
    http_status: int | None,
    issuer: str | None,
    proxy: str | None,
    name_server: str | None,
    encrypted: bool,
) -> Ending:
    return Ending(
        status=status,
        stage=stage,
        cause=cause,
        os_error=os_error,
        http_status=http_status,
        signer=issuer and organization(issuer),
        proxy=proxy and proxy_without_secrets(proxy),
        name_server=name_server,
        encrypted=encrypted,
    )


# --- values --------------------------------------------------------------------------------------------------------


def _object(value: Any, at: str) -> Json:  # noqa: ANN401 - JSON
    return value if isinstance(value, dict) else _unexpected(at, "an object", value)


def _name(value: Any, at: str, *, any_length: bool = False) -> str | None:  # noqa: ANN401 - JSON
    if value is None:
        return None
    if not isinstance(value, str):
        _unexpected(at, "a string", value)
    if len(value) > LONGEST and not any_length:
        raise ValueError(f"{at}: {len(value)} characters; {LONGEST} are the most")
    return _shown(value[:LONGEST])


@functools.lru_cache(maxsize=4096)
def _shown(name: str) -> str:
    return sanitize(name)


@functools.lru_cache(maxsize=4096)
def _is_word(word: str) -> bool:
    return bool(_WORD.fullmatch(word))


def _word(value: Any, at: str) -> str:  # noqa: ANN401 - JSON
    if not isinstance(value, str) or len(value) > LONGEST or not _is_word(value):
        _unexpected(at, "a word", value)
    return value


def _labels(told: Any) -> Mapping[str, str]:  # noqa: ANN401 - JSON
    labels = _object(told, "machine.labels")
    if len(labels) > MOST_LABELS:
        raise ValueError(f"machine.labels: {len(labels)} labels; {MOST_LABELS} are the most")
    return {
        _name(name, "machine.labels") or "": _name(value, f"machine.labels.{name[:LONGEST]}") or ""
        for name, value in labels.items()
    }


def _seconds(value: Any, at: str) -> float:  # noqa: ANN401 - JSON
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            seconds = float(value)
        except OverflowError:
            seconds = math.inf
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    return _unexpected(at, "seconds", value)


def _http_status(value: Any) -> int | None:  # noqa: ANN401 - JSON
    if value is None or (type(value) is int and 100 <= value <= 999):
        return value
    return _unexpected("http_status", "an HTTP status", value)


def _time(value: Any, at: str) -> float:  # noqa: ANN401 - JSON
    try:
        time = datetime.fromisoformat(value if isinstance(value, str) else "")
        seconds = time.timestamp() if time.tzinfo else -1.0
    except (ValueError, OverflowError):
        seconds = -1.0
    if _EARLIEST <= seconds <= _LATEST:
        return seconds
    return _unexpected(at, "a time in ISO 8601 with its offset from UTC", value)


def _unexpected(at: str, expected: str, value: object) -> NoReturn:
    raise ValueError(f"{at}: expected {expected}, found {_found(value)}")


def _found(value: object) -> str:
    kinds = {dict: "an object", list: "an array", type(None): "null"}
    if isinstance(value, str):
        return sanitize(repr(value[:LONGEST]))
    return kinds.get(type(value)) or sanitize(repr(value))
