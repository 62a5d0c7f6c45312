"""A fleet as JSON for a program, and read back: the findings, and the matrix of machines and regions over time.

`schema/fleet-1.json` in this package is its JSON Schema. What is alike is there once: `endings` are the ways in which a
region ended, `rows` have one for each region (by its number, or null), and a machine's rounds name their row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import attrs

from wsconn._json import read_json
from wsconn._outcome import Status
from wsconn._text import sanitize
from wsconn.fleet._merged.findings import FleetFinding
from wsconn.fleet._merged.records import Ending, FleetHost, FleetReport, LeftOut, Row, moment
from wsconn.fleet._merged.summary import Summary

SCHEMA = 1


def to_json(report: FleetReport, *, indent: int | None = None) -> str:
    """Return a fleet's report as one JSON object in ASCII. `indent` is as for `json.dumps`."""
    return document(Summary(report), indent=indent)


def document(summary: Summary, *, indent: int | None = None) -> str:
    """Write it."""
    report = summary.report
    rows: dict[int, int] = {}
    kept: list[Row] = []
    for host in report.hosts:
        for row in host.rows:
            if id(row) not in rows:
                rows[id(row)] = len(kept)
                kept.append(row)
    endings = {end: number for number, end in enumerate(dict.fromkeys(end for row in kept for end in row if end))}
    told = {
        "findings": [_finding(finding) for finding in summary.findings],
        "fleet_schema": SCHEMA,
        "reports": report.reports,
        "duplicates": report.duplicates,
        "last": report.last,
        "left_out": [attrs.asdict(one) for one in report.left_out],
        "more_left_out": report.more_left_out,
        "more_regions": report.more_regions,
        "regions": report.regions,
        "endings": [attrs.asdict(end) for end in endings],
        "rows": [[None if end is None else endings[end] for end in row] for row in kept],
        "hosts": [_host(host, rows) for host in report.hosts],
    }
    return json.dumps(told, indent=indent, allow_nan=False) + "\n"


def _finding(finding: FleetFinding) -> dict[str, Any]:
    told = attrs.asdict(finding, filter=lambda field, _: field.name != "marked", recurse=False)
    for name in ("since", "until"):
        told[name] = told[name] and told[name].isoformat()
    return {"sentence": finding.sentence, **told}


def _host(host: FleetHost, rows: Mapping[int, int]) -> dict[str, Any]:
    told = attrs.asdict(host, filter=lambda field, _: field.name not in ("at", "rows", "round_trips"))
    rounds = [{"at": moment(at).isoformat(), "row": rows[id(row)]} for at, row in zip(host.at, host.rows, strict=True)]
    return {**told, "rounds": rounds, "round_trips": host.round_trips}


def from_json(text: str | bytes) -> FleetReport:
    """Return the fleet's report that `to_json` has written: equal to the one that it was given.

    Raises:
        ValueError: For what is no such JSON; the message says where it is wrong.
    """
    try:
        told = read_json(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON as wsconn merge writes it: {sanitize(str(error))}") from error
    if not isinstance(told, dict) or "fleet_schema" not in told:
        raise ValueError("not a fleet's report: it names no fleet_schema")
    if type(told["fleet_schema"]) is not int or told["fleet_schema"] != SCHEMA:
        raise ValueError(f"fleet_schema: expected {SCHEMA}, found {_found(told['fleet_schema'])}")
    place = "the report"
    try:
        return _report(told)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError) as error:
        raise ValueError(f"{place}: {sanitize(f'{type(error).__name__}: {error}')}") from error


def _report(told: Mapping[str, Any]) -> FleetReport:
    endings = [_ending(end) for end in _list(told["endings"], "endings")]
    rows = [
        tuple(None if place is None else endings[_place(place, len(endings), "rows")] for place in _list(row, "rows"))
        for row in _list(told["rows"], "rows")
    ]
    return FleetReport(
        regions=tuple(_text(region, "regions") for region in _list(told["regions"], "regions")),
        hosts=tuple(_read_host(host, rows) for host in _list(told["hosts"], "hosts")),
        reports=_number(told["reports"], "reports"),
        duplicates=_number(told["duplicates"], "duplicates"),
        left_out=tuple(
            LeftOut(_text(one["place"], "left_out.place"), _text(one["why"], "left_out.why"))
            for one in _list(told["left_out"], "left_out")
        ),
        more_left_out=_number(told["more_left_out"], "more_left_out"),
        more_regions=_number(told["more_regions"], "more_regions"),
        last=_number(told["last"], "last"),
    )


def _ending(told: Mapping[str, Any]) -> Ending:
    status = told["http_status"]
    return Ending(
        status=Status(told["status"]),
        http_status=None if status is None else _number(status, "endings.http_status"),
        encrypted=told["encrypted"] is True,
        **{name: _or_none(told[name], name) for name in _ENDING_TEXTS},
    )


_ENDING_TEXTS = ("stage", "cause", "os_error", "signer", "proxy", "name_server")


def _read_host(told: Mapping[str, Any], rows: list[Row]) -> FleetHost:
    rounds = _list(told["rounds"], "hosts.rounds")
    trips = _list(told["round_trips"], "hosts.round_trips")
    return FleetHost(
        name=_text(told["name"], "hosts.name"),
        site=_or_none(told["site"], "hosts.site"),
        labels={_text(name, "labels"): _text(value, "labels") for name, value in told["labels"].items()},
        wsconn=_or_none(told["wsconn"], "hosts.wsconn"),
        system=_or_none(told["system"], "hosts.system"),
        reports=_number(told["reports"], "hosts.reports"),
        at=tuple(datetime.fromisoformat(one["at"]).timestamp() for one in rounds),
        rows=tuple(rows[_place(one["row"], len(rows), "hosts.rounds.row")] for one in rounds),
        round_trips=tuple(None if trip is None else float(trip) for trip in trips),
    )


def _list(value: Any, at: str) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else _unexpected(at, "an array", value)


def _text(value: Any, at: str) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else _unexpected(at, "a string", value)


def _or_none(value: Any, at: str) -> str | None:  # noqa: ANN401 - JSON
    return None if value is None else _text(value, at)


def _number(value: Any, at: str) -> int:  # noqa: ANN401 - JSON
    return value if type(value) is int and value >= 0 else _unexpected(at, "a number", value)


def _place(value: Any, count: int, at: str) -> int:  # noqa: ANN401 - JSON
    number = _number(value, at)
    return number if number < count else _unexpected(at, f"a number below {count}", value)


def _unexpected(at: str, expected: str, value: object) -> NoReturn:
    raise ValueError(f"{at}: expected {expected}, found {_found(value)}")


def _found(value: object) -> str:
    kinds = {dict: "an object", list: "an array", type(None): "null"}
    return kinds.get(type(value)) or sanitize(repr(value))
