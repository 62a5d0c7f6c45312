"""A result, or a debugger's report, read back from JSON. What is wrong there is told with its place, as in
`outcomes[3].failure.cause`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NoReturn, TypeVar, overload

import attrs

from wsconn._debug.records import (
    Addressee,
    Certainty,
    Conclusion,
    DebugReport,
    Experiment,
    Hold,
    HoldEnd,
    RoundTrip,
)
from wsconn._json import read_json
from wsconn._outcome import Attempt, Cause, Evidence, Failure, RegionOutcome, Stage, Status, Timings, TlsInfo
from wsconn._result import ConnectivityResult
from wsconn._text import sanitize
from wsconn.reports._json import DEBUG_SCHEMA, SCHEMA

T = TypeVar("T")
Read = Callable[[Any, str], T]  # takes a value and its place, returns what that stands for, or raises ValueError


@overload
def from_json(text: str | bytes, record: type[ConnectivityResult] = ...) -> ConnectivityResult: ...


@overload
def from_json(text: str | bytes, record: type[DebugReport]) -> DebugReport: ...


def from_json(text: str | bytes, record: type[Any] = ConnectivityResult) -> Any:  # as the overloads say
    """Return the record that `to_json` has written: equal to the one that it was given.

    Both schemas of a result are read; one of schema 1 has no evidence. Keys that this version does not know are passed
    over. What the file says beside the outcomes and their time (the verdict, the lists, the findings) follows from them
    and is not read.

    Args:
        text: What `to_json` wrote.
        record: `ConnectivityResult`, or `DebugReport` for a debugger's.

    Raises:
        ValueError: For what is no such JSON; the message says where and what was expected.
    """
    told = _parsed(text)
    if record is DebugReport:
        _check_schema(told, "debug_schema", DEBUG_SCHEMA)
    elif "debug_schema" in told:
        raise ValueError("debug_schema: this is a debugger's report, which from_json(text, wsconn.DebugReport) reads")
    else:
        _check_schema(told, "schema", SCHEMA)
    return record(**_fields(told, "", record))


def _check_schema(told: Mapping[str, Any], name: str, newest: int) -> None:
    if name not in told:
        raise ValueError(f"not a report of wsconn's: it names no {name}")
    schema = told[name]
    if schema not in range(1, newest + 1) or isinstance(schema, bool):
        known = "1" if newest == 1 else f"1 to {newest}"
        raise ValueError(f"{name}: expected {known}, found {_found(schema)}; a newer wsconn may be able to read it")


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        told = read_json(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:  # bad JSON, bytes in no encoding, brackets without end
        raise ValueError(f"not JSON as to_json writes it: {sanitize(str(error))}") from error
    if not isinstance(told, dict):
        raise ValueError(f"expected a JSON object, found {_found(told)}")
    return told


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


# --- values --------------------------------------------------------------------------------------------------------


def _text(value: Any, at: str) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else _unexpected(at, "a string", value)


def _number(value: Any, at: str) -> float:  # noqa: ANN401 - JSON
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            pass
    return _unexpected(at, "a number", value)


def _integer(value: Any, at: str) -> int:  # noqa: ANN401 - JSON
    return value if isinstance(value, int) and not isinstance(value, bool) else _unexpected(at, "an integer", value)


def _flag(value: Any, at: str) -> bool:  # noqa: ANN401 - JSON
    return value if isinstance(value, bool) else _unexpected(at, "true or false", value)


def _time(value: Any, at: str) -> datetime:  # noqa: ANN401 - JSON
    try:
        time = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        time = datetime.min
    return time if time.tzinfo else _unexpected(at, "a time in ISO 8601 with its offset from UTC", value)


def _word(words: type[T]) -> Read[T]:
    def read(value: Any, at: str) -> T:  # noqa: ANN401 - JSON
        try:
            return words(value)  # type: ignore[call-arg]  # a StrEnum is called with the value of a member
        except ValueError:
            return _unexpected(at, f"one of {', '.join(words)}", value)  # type: ignore[arg-type]  # its members are str

    return read


def _or_none(read: Read[T]) -> Read[T | None]:
    return lambda value, at: None if value is None else read(value, at)


def _all(read: Read[T]) -> Read[tuple[T, ...]]:
    def read_all(value: Any, at: str) -> tuple[T, ...]:  # noqa: ANN401 - JSON
        if not isinstance(value, list):
            _unexpected(at, "an array", value)
        return tuple(read(item, f"{at}[{index}]") for index, item in enumerate(value))

    return read_all


def _record(record: type[T]) -> Read[T]:
    return lambda value, at: record(**_fields(value, f"{at}.", record))


def _fields(value: Any, at: str, record: type[Any]) -> dict[str, Any]:  # noqa: ANN401 - JSON
    if not isinstance(value, dict):
        _unexpected(at.rstrip("."), "an object", value)
    for field in attrs.fields(record):
        if field.default is attrs.NOTHING and field.name not in value:
            raise ValueError(f"{at}{field.name}: is missing")
    kinds: dict[str, str] = record.__annotations__
    return {name: _READ[kind](value[name], f"{at}{name}") for name, kind in kinds.items() if name in value}


def _unexpected(at: str, expected: str, value: object) -> NoReturn:
    raise ValueError(f"{at}: expected {expected}, found {_found(value)}")


def _found(value: object) -> str:
    kinds = {dict: "an object", list: "an array", type(None): "null"}
    return kinds.get(type(value)) or sanitize(repr(value))


# --- records -------------------------------------------------------------------------------------------------------

_NEEDED: Mapping[str, Read[Any]] = {
    "str": _text,
    "float": _number,
    "int": _integer,
    "bool": _flag,
    "datetime": _time,
    "Stage": _word(Stage),
    "Cause": _word(Cause),
    "Status": _word(Status),
    "Certainty": _word(Certainty),
    "Addressee": _word(Addressee),
    "HoldEnd": _word(HoldEnd),
    **{record.__name__: _record(record) for record in (Evidence, Failure, Timings, TlsInfo)},
    "tuple[str, ...]": _all(_text),
    "tuple[Attempt, ...]": _all(_record(Attempt)),
    "tuple[RegionOutcome, ...]": _all(_record(RegionOutcome)),
    "ConnectivityResult": _record(ConnectivityResult),
    "tuple[Experiment, ...]": _all(_record(Experiment)),
    "tuple[Conclusion, ...]": _all(_record(Conclusion)),
    "tuple[Hold, ...]": _all(_record(Hold)),
    "tuple[RoundTrip, ...]": _all(_record(RoundTrip)),
}
# How a field is read, by its type as the record's class has it.
_READ = {**_NEEDED, **{f"{kind} | None": _or_none(read) for kind, read in _NEEDED.items()}}
