"""The formats of a report: what is in them, that they read back, and that nothing a peer wrote comes out alive."""

from __future__ import annotations

import importlib.resources
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.factories import EVERYTHING, aborted, attempt, failed, passed, result
from tests.reports.diagnosed import DIAGNOSED
from tests.reports.golden import FILES, FOLDER, MACHINE
from tests.reports.hostile import HOSTILE, any_result, hostile
from wsconn import (
    Attempt,
    Cause,
    ConnectivityResult,
    Evidence,
    Failure,
    RegionOutcome,
    Stage,
    Status,
    Timings,
    TlsInfo,
    reports,
)
from wsconn.reports._printable import printable

FORMATS: dict[str, Callable[[ConnectivityResult], str]] = {
    "text": reports.to_text,
    "ascii text": lambda told: reports.to_text(told, width=60, signs=reports.ASCII_SIGNS),
    "markdown": lambda told: reports.to_markdown(told, machine=MACHINE),
    "json": lambda told: reports.to_json(told, machine=MACHINE),
    "prometheus": reports.to_prometheus,
    "html": lambda told: reports.to_html(told, machine=MACHINE),
}
each_format = pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
SCHEMA_1, SCHEMA = (
    json.loads(importlib.resources.files("wsconn.reports").joinpath(f"schema/result-{number}.json").read_text("utf-8"))
    for number in (1, 2)
)


# --- what is no result ---


@each_format
def test_what_is_no_result_is_refused(write: Callable[[Any], str]) -> None:
    """A `TypeError` says what was expected."""
    with pytest.raises(TypeError, match="result must be a ConnectivityResult or a DebugReport, not 'x'"):
        write("x")


@pytest.mark.parametrize(
    ("given_one", "said"),
    [("x", "not 'x'$"), (DIAGNOSED, "not a DebugReport; give its result$")],
    ids=["a text", "a debugger's report"],
)
def test_findings_are_those_of_a_result(given_one: Any, said: str) -> None:
    """A debugger's report holds a result, and has conclusions of its own."""
    with pytest.raises(TypeError, match=f"result must be a ConnectivityResult, {said}"):
        reports.findings(given_one)


# --- all formats -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_golden_files(name: str) -> None:
    """Each format is what it was; after a change on purpose `python -m tests.reports.golden` writes the files anew."""
    assert FILES[name]() == (FOLDER / name).read_text("utf-8")


@each_format
def test_report_begins_with_the_finding(write: Callable[[ConnectivityResult], str]) -> None:
    """Before anything else a report says what the failures share."""
    report = write(result(failed("eu", Stage.CONNECT, Cause.REFUSED), failed("us", Stage.CONNECT, Cause.REFUSED)))
    if write is FORMATS["html"]:
        report = report.partition("<h1>")[2]  # what comes before is not seen
    before, found, _ = " ".join(report.split()).partition("Both regions fail at connect: the connection is refused.")
    assert found
    assert before in ("", "finding ", "**", '{ "findings": [ "', "# Finding: ")


@each_format
def test_report_ends_as_a_file_does(write: Callable[[ConnectivityResult], str]) -> None:
    """Whatever is in it, a report is whole lines; even one of no region."""
    for told in (EVERYTHING, result(), result(aborted("eu")), result(passed("eu", url=None, timings=Timings()))):
        report = write(told)
        assert report.endswith("\n")
        assert not report.endswith("\n\n")


@each_format
def test_secrets_stay_out(write: Callable[[ConnectivityResult], str]) -> None:
    """User names, passwords and queries of URLs are not told, even where somebody put them into a record by hand."""
    proxy = "http://me:geheim@proxy.example:3128 (from https_proxy)"
    url = "wss://me:geheim@eu.example.org/a?token=geheim#geheim"
    tries = (attempt("192.0.2.1:443", Cause.REFUSED, url=url),)
    report = write(
        result(
            failed("eu", Stage.PROXY, Cause.PROXY_AUTH_REQUIRED, url=url, proxy=proxy, attempts=tries),
            failed("us", Stage.DISCOVERY, Cause.BAD_DISCOVERY, url=url.replace("wss", "https"), attempts=tries),
            failed("af", Stage.PROXY, Cause.CLOSED, evidence=Evidence(proxy=url, location=url, discovery=url)),
        )
    )
    assert "geheim" not in report


@each_format
def test_reports_are_pure(write: Callable[[ConnectivityResult], str]) -> None:
    """The same result makes the same report."""
    assert write(EVERYTHING) == write(EVERYTHING)


# --- hostile text ----------------------------------------------------------------------------------------------------


each_hostile_text = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())


@each_format
@each_hostile_text
def test_hostile_text_reaches_no_terminal(write: Callable[[ConnectivityResult], str], text: str) -> None:
    """No report holds a control character, a change of direction or half a character, whoever may show it."""
    report = write(hostile(text))
    assert report.replace("\n", "").isprintable()
    assert report.encode()


@each_hostile_text
def test_hostile_text_stays_text_in_markdown(text: str) -> None:
    """What a renderer makes of it is text: no link, picture, markup or HTML, and not a character is lost."""
    report = reports.to_markdown(hostile(text), machine=MACHINE)
    tokens = MarkdownIt("commonmark").enable("table").parse(report)
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in [*tokens, *inline]}
    assert kinds.isdisjoint(
        {"html_block", "html_inline", "link_open", "image", "em_open", "fence", "ordered_list_open"}
    )
    assert [token.tag for token in tokens if token.type == "heading_open"] in (["h3"] * 5, ["h3"] * 6)
    codes = {token.content.strip() for token in inline if token.type == "code_inline"}
    assert printable(text).strip() in codes
    assert cells(tokens) == [(cells_of_the_head, cells_of_the_head) for cells_of_the_head, _ in cells(tokens)]
    loose = " ".join(token.content for token in inline if token.type == "text")
    assert not re.search(r"://|www\.|@|#|\$|:smile", loose)  # what GitHub and others would look for there


def cells(tokens: list[Token]) -> list[tuple[int, float]]:
    """Return of each table how many cells its head has, and how many its rows have on average."""
    found: list[tuple[int, float]] = []
    kinds = [token.type for token in tokens]
    while "table_open" in kinds:
        table, kinds = kinds[: kinds.index("table_close")], kinds[kinds.index("table_close") + 1 :]
        found.append((table.count("th_open"), table.count("td_open") / (table.count("tr_open") - 1)))
    return found


@each_hostile_text
def test_hostile_text_stays_a_label(text: str) -> None:
    """Each line is a comment or a sample whose labels are closed strings, and there is no label but the three."""
    for line in reports.to_prometheus(hostile(text)).splitlines():
        if not line.startswith("# "):
            assert re.fullmatch(
                r'wsconn_\w+(\{((region|stage|cause)="(\\[\\"n]|[^"\\\n])*",?)+\})? (NaN|[+-]?Inf|-?[0-9.]+)', line
            )


@example("a | b")
@example("a \\| b")
@example("``")
@given(st.text(max_size=40))
def test_markdown_shows_any_text_unchanged(text: str) -> None:
    """A region's name, whatever it is, is one piece of code in one cell."""
    report = reports.to_markdown(result(passed(text)), machine=MACHINE)
    tokens = MarkdownIt("commonmark").enable("table").parse(report)
    codes = [child.content for token in tokens for child in token.children or () if child.type == "code_inline"]
    assert printable(text).strip() in [code.strip() for code in codes]
    assert cells(tokens)[0][0] == cells(tokens)[0][1]


# --- markdown --------------------------------------------------------------------------------------------------------


def test_markdown_has_what_a_ticket_needs() -> None:
    """Regions, failures with message and advice, versions, system, UTC time, and the proxy with its source."""
    report = reports.to_markdown(EVERYTHING, machine=MACHINE)
    for outcome in EVERYTHING.outcomes:
        assert f"`{outcome.region}`" in report
        if outcome.failure:
            assert outcome.failure.message in report.replace("`", "")
    for told in (MACHINE.wsconn, MACHINE.python, MACHINE.openssl, MACHINE.system):
        assert f"`{told}`" in report
    assert "2026-01-02 03:04:05 UTC" in report
    assert "1 region through the proxy `http://proxy.example.org:3128 (from https_proxy)`" in report
    assert "exempt `eu-west-1.example.org` from TLS inspection" in report


def test_time_is_utc_whatever_zone_a_record_has() -> None:
    """A hand-made record may have another zone; the report says UTC, and means it."""
    zone = timezone(timedelta(hours=2))
    told = attrs.evolve(EVERYTHING, started_at=datetime(2026, 1, 2, 5, 4, 5, tzinfo=zone))
    assert "2026-01-02 03:04:05 UTC" in reports.to_markdown(told)
    assert "2026-01-02 03:04:05 UTC" in reports.to_text(told)


def test_advice_that_is_the_same_for_all_is_told_once() -> None:
    """Ten regions that fail alike do not make ten paragraphs."""
    regions = [failed(f"r{number}", Stage.CONNECT, Cause.REFUSED) for number in range(10)]
    assert reports.to_markdown(result(*regions)).count("Do that.") == 1


def test_this_machine_tells_versions() -> None:
    """The present versions are told, each as people write them, and they are the default of a report."""
    machine = reports.this_machine()
    assert re.match(r"[A-Z]\w+ 3\.\d+\.\d+", machine.python)
    assert re.search(r"\d+\.\d+", machine.openssl)
    assert machine.system
    assert machine.python in reports.to_markdown(EVERYTHING)
    assert json.loads(reports.to_json(EVERYTHING))["machine"] == attrs.asdict(machine)


# --- text ------------------------------------------------------------------------------------------------------------


def test_text_keeps_its_columns_beside_wide_signs() -> None:
    """A name in Chinese takes two columns a sign; what stands beside it is where it is on the other rows."""
    report = reports.to_text(
        result(passed("東京", timings=Timings(resolve=0.001)), passed("eu", timings=Timings(resolve=0.001)))
    )
    wide, narrow = (line for line in report.splitlines() if line.startswith("✓ passed") and line.endswith("1 ms"))
    assert len(wide) + 2 == len(narrow)


def test_text_tells_the_same_advice_once() -> None:
    """What is to be done about one region is not told again for the next, even where it names another host."""
    hosts = [
        failed(
            name,
            Stage.CONNECT,
            Cause.TIMEOUT,
            advice=f"Open {name}.example.org port 443.",
            evidence=Evidence(stage=Stage.CONNECT, host=f"{name}.example.org", port=443),
        )
        for name in ("eu", "us")
    ]
    others = [failed(name, Stage.TLS, Cause.CLOSED) for name in ("af", "sa")]
    report = reports.to_text(result(*hosts, *others))
    advice = [line.split(maxsplit=1)[1] for line in report.splitlines() if line.startswith("  advice")]
    assert advice[:2] == ["Open eu.example.org port 443. (The same goes for us.example.org:443.)", "Do that."]


@pytest.mark.parametrize("name", ["text", "ascii text", "markdown", "html"])
def test_a_close_is_told(name: str) -> None:
    """A region that was closed at once has passed, and beside it stands with what code and for what reason."""
    told = (passed("eu", close_code=4401, close_reason="log in"), passed("us", close_code=1008), passed("af"))
    report = FORMATS[name](result(*told))
    assert report.count("closed at once by the server: 4401 (log in)") == 1
    assert report.count("closed at once by the server: 1008") == 1
    assert "1008 (" not in report
    assert report.count("closed at once by the server") == 2


@pytest.mark.parametrize("name", ["text", "ascii text", "markdown", "html"])
def test_a_close_without_a_code_may_be_a_wrong_path(name: str) -> None:
    """Some servers open the WebSocket at any path; the code that stands for none is not shown."""
    report = " ".join(FORMATS[name](result(passed("eu", close_code=1005), passed("us"))).split())
    assert report.count("closed at once by the server, without a code: some servers do that at a path") == 1
    assert "1005" not in report


@pytest.mark.parametrize(
    ("code", "told"),
    [(1008, "1008, policy violation"), (1011, "1011, internal error"), (1013, "1013, try again later")],
)
def test_a_close_without_a_reason_is_told_by_its_codes_name(code: int, told: str) -> None:
    """Few people know the registry of close codes by heart; what the server says itself is worth more."""
    assert told in reports.to_text(result(passed("eu", close_code=code)))
    spoken = reports.to_text(result(passed("eu", close_code=code, close_reason="log in")))
    assert f"{code} (log in)" in " ".join(spoken.split())
    assert told not in spoken


def test_a_closes_reason_is_bounded() -> None:
    """A record made by hand may hold a reason of any length; 200 characters of it are shown."""
    report = reports.to_text(result(passed("eu", close_code=1008, close_reason="x" * 1000)))
    assert report.count("x") == 199


LATE = Timings(resolve=0.001, connect=0.002, tls=0.003, upgrade=0.0765)
NO_MORE = failed("eu", Stage.TLS, Cause.TLS_CLIENT_CERTIFICATE_REQUIRED, timings=LATE, duration=0.083)


@pytest.mark.parametrize("name", ["text", "ascii text", "markdown", "html"])
def test_no_stage_is_timed_after_the_one_that_failed(name: str) -> None:
    """TLS 1.3 refuses a client when the request is out: what a person reads ends at TLS all the same."""
    report = FORMATS[name](result(NO_MORE))
    assert "3 ms" in report
    assert "76 ms" not in report
    assert not re.search(r"upgrade", report.partition("</head>")[2] or report)
    assert "0.0765" in reports.to_prometheus(result(NO_MORE))


LOADING = "waiting for this machine to load its root certificates and libraries"
LOOKING = "a second look at a certificate that did not pass"
BEFORE = "other URLs that were tried before"
OTHER_URL = (attempt("192.0.2.1:443", Cause.REFUSED, url="wss://other.example.org/"),)
DISCOVERED = (attempt("192.0.2.1:443", stage=Stage.DISCOVERY, url="https://gs.example.org/"),)
TOTALS: dict[str, tuple[tuple[RegionOutcome, ...], str | None]] = {
    "nothing": ((), None),
    "they add up": ((passed("eu", duration=0.055),), None),
    "a little of much": ((passed("eu", timings=Timings(connect=9.9), duration=10.0),), None),
    "roots": ((passed("eu", duration=0.055), passed("us", duration=0.19)), LOADING),
    "untrusted": ((failed("eu", Stage.TLS, Cause.TLS_UNTRUSTED, duration=0.1),), f"{LOADING}, and {LOOKING}"),
    "another URL": ((passed("eu", duration=0.2, attempts=OTHER_URL),), f"{LOADING}, and {BEFORE}"),
    "another URL, and no TLS": ((failed("eu", Stage.CONNECT, Cause.REFUSED, attempts=OTHER_URL),), BEFORE),
    "discovery is a stage": ((failed("eu", Stage.CONNECT, Cause.REFUSED, attempts=DISCOVERED),), LOADING),
}


@pytest.mark.parametrize(("outcomes", "said"), TOTALS.values(), ids=TOTALS.keys())
@pytest.mark.parametrize("name", ["markdown", "html"])
def test_totals_are_explained(name: str, outcomes: tuple[RegionOutcome, ...], said: str | None) -> None:
    """Where a region's total is more than its stages, the report says of what; where not, it does not."""
    report = " ".join(FORMATS[name](result(*outcomes)).split())
    _, found, rest = report.partition("What a total has beyond its stages is ")
    assert bool(found) is bool(said)
    assert rest.startswith(f"{said}." if said else "")


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_json_reads_back() -> None:
    """What is read is equal by value to what was written, and has the fields of daily-js at its top."""
    text = reports.to_json(EVERYTHING)
    assert reports.from_json(text) == EVERYTHING
    assert reports.from_json(text.encode()) == EVERYTHING
    told = json.loads(text)
    assert {key: told[key] for key in EVERYTHING.to_dict()} == EVERYTHING.to_dict()
    assert (told["schema"], told["findings"]) == (2, list(reports.findings(EVERYTHING)))
    assert text.isascii()


@given(any_result)
def test_any_result_reads_back_and_fits_the_schema(told: ConnectivityResult) -> None:
    """Every record makes JSON that the schema takes and that comes back as it was."""
    text = reports.to_json(told, machine=MACHINE)
    jsonschema.validate(json.loads(text), SCHEMA, cls=jsonschema.Draft202012Validator)
    assert reports.from_json(text) == told


def test_json_of_schema_1_reads_back() -> None:
    """A file that an earlier version has written has no evidence, and all else."""
    told = json.loads(reports.to_json(EVERYTHING))
    told["schema"] = 1
    for outcome in told["outcomes"]:
        if outcome["failure"]:
            del outcome["failure"]["evidence"]
    jsonschema.validate(told, SCHEMA_1, cls=jsonschema.Draft202012Validator)
    read = reports.from_json(json.dumps(told))
    failures = [outcome.failure for outcome in read.outcomes if outcome.failure]
    assert failures
    assert all(failure.evidence is None for failure in failures)
    assert [failure.message for failure in failures] == [o.failure.message for o in EVERYTHING.outcomes if o.failure]


def test_json_without_beginnings_reads_back() -> None:
    """A file of an earlier version that does not say when its regions began is read, and has `None` there."""
    told = json.loads(reports.to_json(EVERYTHING))
    for outcome in told["outcomes"]:
        del outcome["started_at"]
    assert reports.from_json(json.dumps(told)) == EVERYTHING


def test_schema_is_one() -> None:
    """The schema is a right one of 2020-12, and it names every field of every record and nothing more."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    records = {"outcome": RegionOutcome, "failure": Failure, "evidence": Evidence, "attempt": Attempt, "tls": TlsInfo}
    for name, record in records.items():
        fields = [field.name for field in attrs.fields(record)]
        assert list(SCHEMA["$defs"][name]["properties"]) == SCHEMA["$defs"][name]["required"] == fields
    assert list(SCHEMA["properties"]) == SCHEMA["required"] == list(json.loads(reports.to_json(EVERYTHING)))
    assert SCHEMA["$defs"]["outcome"]["properties"]["timings"]["required"] == list(Stage)


def spoilt(*path: str | int, value: Any) -> str:
    """Return the JSON of a result with one value replaced."""
    told: Any = json.loads(reports.to_json(EVERYTHING, machine=MACHINE))
    place = told
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(told)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "not JSON", id="empty"),
        pytest.param("{", "not JSON", id="half"),
        pytest.param("[" * 100_000, "not JSON", id="deep"),
        pytest.param(b"\xff\xfe\xfd", "not JSON", id="bytes"),
        pytest.param("[]", "expected a JSON object, found an array", id="array"),
        pytest.param("{}", "not a report of wsconn's: it names no schema", id="no-schema"),
        pytest.param(spoilt("schema", value=None), "schema: expected 1 to 2, found null", id="null-schema"),
        pytest.param(spoilt("schema", value=3), "schema: expected 1 to 2, found 3", id="newer"),
        pytest.param(spoilt("schema", value=True), "schema: expected 1 to 2, found True", id="true-is-not-one"),
        pytest.param(spoilt("outcomes", value={}), "outcomes: expected an array, found an object", id="no-array"),
        pytest.param(spoilt("outcomes", 1, value="x"), "outcomes[1]: expected an object, found 'x'", id="no-object"),
        pytest.param(
            spoilt("outcomes", 3, "failure", "cause", value="gremlins"),
            "outcomes[3].failure.cause: expected one of bad_discovery, dns_not_found",
            id="unknown-cause",
        ),
        pytest.param(spoilt("outcomes", 0, "status", value=[]), "outcomes[0].status: expected one of", id="no-word"),
        pytest.param(spoilt("outcomes", 0, "region", value=7), "outcomes[0].region: expected a string", id="no-string"),
        pytest.param(spoilt("duration", value="1"), "duration: expected a number, found '1'", id="no-number"),
        pytest.param(spoilt("duration", value=True), "duration: expected a number, found True", id="bool"),
        pytest.param(spoilt("duration", value=10**400), "duration: expected a number", id="huge"),
        pytest.param('{"schema": NaN}', "NaN is no number", id="nan"),
        pytest.param(
            spoilt("outcomes", 0, "timings", "tls", value="x"), "outcomes[0].timings.tls: expected", id="timing"
        ),
        pytest.param(
            spoilt("outcomes", 0, "http_status", value=1.5), "outcomes[0].http_status: expected an integer", id="status"
        ),
        pytest.param(spoilt("started_at", value="2026-01-02T03:04:05"), "started_at: expected a time", id="no-offset"),
        pytest.param(spoilt("started_at", value=7), "started_at: expected a time in ISO 8601", id="number"),
        pytest.param(spoilt("started_at", value="soon"), "started_at: expected a time in ISO 8601", id="no-time"),
        pytest.param(
            spoilt("outcomes", 0, "tls", "not_after", value="\x1b[31m"), r"found '\x1b[31m'", id="terminal-escape"
        ),
        pytest.param(spoilt("outcomes", 0, "attempts", 0, value={}), "outcomes[0].attempts[0].", id="missing"),
    ],
)
def test_json_that_is_none_is_told_with_its_place(text: str | bytes, said: str) -> None:
    """A file that somebody edited, or that is another's, is a ValueError that says where and what was expected."""
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        reports.from_json(text)
    assert str(caught.value).isprintable()


def test_json_of_a_later_minor_version_reads_back() -> None:
    """Keys that are not known are passed over, and those that have a default may be missing."""
    told = json.loads(reports.to_json(EVERYTHING))
    told["new"] = told["outcomes"][0]["new"] = told["outcomes"][0]["timings"]["new"] = {"a": 1}
    del told["outcomes"][0]["close_code"], told["machine"], told["findings"]
    assert reports.from_json(json.dumps(told)) == EVERYTHING


# --- Prometheus ------------------------------------------------------------------------------------------------------


def samples(told: ConnectivityResult) -> dict[str, str]:
    lines = [line for line in reports.to_prometheus(told).splitlines() if not line.startswith("#")]
    return dict(line.rsplit(" ", 1) for line in lines)


def test_prometheus_tells_what_can_be_alerted_on() -> None:
    """Up or not, why not, how long, and nothing of a region that was aborted."""
    told = samples(EVERYTHING)
    assert told['wsconn_region_up{region="us-east-1"}'] == "1"
    assert told['wsconn_region_up{region="eu-west-1"}'] == "0"
    assert told['wsconn_region_failure{region="eu-west-1",stage="tls",cause="tls_untrusted"}'] == "1"
    assert told['wsconn_region_stage_seconds{region="us-east-1",stage="connect"}'] == "0.345"
    assert told['wsconn_region_round_trip_seconds{region="us-east-1"}'] == "0.094"
    assert told["wsconn_check_timestamp_seconds"] == str(int(EVERYTHING.started_at.timestamp()))
    counts = [told[f"wsconn_check_{status}_regions"] for status in Status]
    assert counts == ["2", "5", "1"]
    assert 'wsconn_region_up{region="af-south-1"}' not in told


def test_prometheus_tells_each_series_once() -> None:
    """Two regions of one name, which only a record made by hand can have, do not spoil the file."""
    lines = reports.to_prometheus(result(passed("eu"), passed("eu"))).splitlines()
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0"), (0.1, "0.1"), (1e-9, "0"), (12.0000004, "12"), (float("nan"), "NaN"), (float("-inf"), "-Inf")],
)
def test_prometheus_numbers(value: float, written: str) -> None:
    """Numbers are written to the microsecond, and what is none as Prometheus spells it."""
    assert samples(result(passed("eu", round_trip=value)))['wsconn_region_round_trip_seconds{region="eu"}'] == written
