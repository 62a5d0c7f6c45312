"""What a fleet is written as: that it reads back, fits its schema, is escaped, and stays small."""

from __future__ import annotations

import csv
import io
import json
import pathlib
import re
from collections.abc import Callable

import jsonschema
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

import wsconn.fleet
from tests.fleet.fleets import OK, bad, intercepted, merged, report, rounds
from tests.reports.hostile import HOSTILE
from tests.reports.page import Page
from wsconn import fleet
from wsconn.fleet import FleetReport
from wsconn.fleet._merged.aws import AWS_REGIONS
from wsconn.fleet._merged.formats import WRITERS

SCHEMA = json.loads((pathlib.Path(wsconn.fleet.__file__).parent / "schema" / "fleet-1.json").read_text("utf-8"))
FORMATS: dict[str, Callable[[FleetReport], str]] = {
    "text": fleet.to_text,
    "json": fleet.to_json,
    "markdown": fleet.to_markdown,
    "html": fleet.to_html,
    "csv": fleet.to_csv,
    "prometheus": fleet.to_prometheus,
}
NOTHING = FleetReport(regions=(), hosts=())


def some() -> FleetReport:
    """Return a fleet with a bit of everything."""
    return fleet.merge(
        [
            *rounds("k-1", {"eu-central-1": OK, "own": OK}, {"eu-central-1": bad(), "own": OK}, site="Vienna"),
            *rounds(
                "k-2", {"eu-central-1": OK}, {"eu-central-1": intercepted()}, site="Graz", labels={"kind": "kiosk"}
            ),
            report("k-3", {"eu-central-1": {"status": "aborted"}, "us-east-1": OK}),
            "oops",
        ]
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_every_fleet(name: str) -> None:
    """One with everything, and one with nothing at all."""
    for made in (some(), NOTHING):
        assert FORMATS[name](made).strip()
    assert FORMATS.keys() == WRITERS.keys()


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_a_person_reads_the_finding_first(name: str) -> None:
    """Then the rest; what was left out is named, and that times are by the machines' clocks."""
    made = some()
    told = " ".join(re.sub(r"<[^>]*>|[`*]", "", FORMATS[name](made)).split())
    first = re.escape(fleet.findings(made)[0].sentence)
    assert re.search(first, told)
    assert not re.search(f"k-2.*{first}", told.partition("passed: ")[0])
    for said in ("Vienna", "Graz", "eu-central-1", "report 6", "by the machines' own clocks", "3 machines at 2 sites"):
        assert said in told


# --- JSON ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [some(), NOTHING], ids=["some", "nothing"])
def test_json_reads_back(made: FleetReport) -> None:
    """Equal to what was written, as its schema has it; findings follow from it."""
    text = fleet.to_json(made)
    jsonschema.validate(json.loads(text), SCHEMA, format_checker=jsonschema.FormatChecker())
    again = fleet.from_json(text)
    assert again == made
    assert fleet.findings(again) == fleet.findings(made)
    assert text.isascii()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fleet_schema": 2}, "fleet_schema: expected 1, found 2"),
        ({"hosts": 7}, "hosts: expected an array, found 7"),
        ({"hosts": [{}]}, "KeyError"),
        ({"rows": [[99]]}, "rows: expected a number below"),
        ({"rows": [[-1]]}, "rows: expected a number"),
        ({"regions": [1]}, "regions: expected a string"),
        ({"endings": [{"status": "fine"}]}, "the report"),
        ({"reports": True}, "reports: expected a number"),
    ],
    ids=str,
)
def test_bad_json_is_told(change: dict[str, object], said: str) -> None:
    """With the place, and never by another exception."""
    with pytest.raises(ValueError, match=re.escape(said)):
        fleet.from_json(json.dumps({**json.loads(fleet.to_json(some())), **change}))


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"schema": 2}'], ids=range(5))
def test_what_is_no_fleet(text: str) -> None:
    """A machine's own report is none."""
    with pytest.raises(ValueError, match=r"not JSON|fleet_schema"):
        fleet.from_json(text)


# --- CSV and Prometheus ----------------------------------------------------------------------------------------------


def test_csv_has_a_line_for_each_cell() -> None:
    """What is not known has none."""
    lines = list(csv.DictReader(io.StringIO(fleet.to_csv(some()))))
    assert [(line["host"], line["region"], line["status"], line["cause"]) for line in lines] == [
        ("k-2", "eu-central-1", "failed", "tls_untrusted"),
        ("k-1", "eu-central-1", "failed", "timeout"),
        ("k-1", "own", "passed", ""),
        ("k-3", "us-east-1", "passed", ""),
    ]
    assert lines[0]["signer"] == "Fortinet"
    assert lines[0]["since"] == "2026-03-01T12:05:00+00:00"


def test_a_spreadsheet_computes_nothing() -> None:
    """A name that begins like a formula is shown as it is."""
    made = merged([report("=cmd|' /C calc'!A0", {"+1": OK, "@x": OK, "a-b; =c;d": OK})])
    lines = [*csv.reader(io.StringIO(fleet.to_csv(made)))][1:]
    assert {line[1] for line in lines} == {"'=cmd|' /C calc'!A0"}
    assert [line[2] for line in lines] == ["'+1", "'@x", "a-b; '=c;d"]


def test_metrics_name_no_machine() -> None:
    """Labels are region, site, stage and cause: ten thousand machines make no ten thousand series."""
    told = fleet.to_prometheus(some())
    series = "\n".join(line for line in told.splitlines() if not line.startswith("#"))
    assert 'wsconn_fleet_machines{site="Vienna"} 1' in series
    assert 'wsconn_fleet_region_failures{region="eu-central-1",stage="connect",cause="timeout"} 1' in series
    assert {name for labels in re.findall(r"{(.*?)} ", series) for name in re.findall(r"(\w+)=", labels)} == {
        *("region", "site", "stage", "cause"),
    }


# --- HTML ------------------------------------------------------------------------------------------------------------


def fleet_of(machines: int, sites: int, *, alike: bool) -> FleetReport:
    """Return machines with 25 regions of AWS, all alike or each of its own kind."""
    regions = sorted(AWS_REGIONS)[:25]
    return merged(
        report(
            f"kiosk-{number:05}",
            {
                region: bad(*(("tls", "tls_failed") if place % 2 else ())) if not alike and number >> place & 1 else OK
                for place, region in enumerate(regions)
            },
            site=f"site-{number % sites:05}",
        )
        for number in range(machines)
    )


@pytest.mark.parametrize(("sites", "alike"), [(20, True), (20, False), (1000, False)], ids=["alike", "each", "sites"])
def test_the_page_stays_small(sites: int, alike: bool) -> None:
    """170 bytes a machine and what 100 sites take: 10,000 of them, no two alike, are below 2 MB."""
    machines = 1000
    grown = len(fleet.to_html(fleet_of(machines, sites, alike=alike)).encode())
    assert grown < 170 * machines + 250_000


def test_the_page_begins_with_the_finding() -> None:
    """Then come sites and regions, the map, and the table beside it."""
    page = fleet.to_html(some())
    headings = ("<h1>", '<h2 id="sites"', '<h2 id="map"', '<h2 id="regions"')
    places = [page.index(heading) for heading in headings]
    assert places == sorted(places)
    assert "Frankfurt" in page
    assert "<script" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("late", [0.0, 0.2], ids=["on time", "some late"])
def test_rounds_without_a_gap_are_shown_without_one(late: float) -> None:
    """A round that comes a moment early or late leaves no span empty; one that is missing does."""
    minutes = [5 * number + late * (number % 3 == 1) for number in range(40)]
    made = [report("k", {"eu": OK}, minute=minute) for minute in minutes]
    assert '<rect class="none"' not in fleet.to_html(merged(made))
    assert '<rect class="none"' in fleet.to_html(merged([*made[:20], *made[21:]]))


def named(text: str) -> FleetReport:
    """Return a fleet in which host, site, label, region, proxy and issuer are a text."""
    end = bad("tls", "tls_untrusted", evidence={"tls": {"issuer": f"O={text}"}}, proxy=text)
    hosts = [report(f"{text}{n}", {text: end}, site=text, labels={text: text}) for n in range(3)]
    others = [report(f"ok{n}", {text: OK}, site="b") for n in range(2)]
    return fleet.merge([*hosts, *others])


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_hostile_comes_out_alive(name: str, text: str) -> None:
    """Whatever a report names comes out as text, on one line."""
    told = FORMATS[name](named(text))
    assert all(line.isprintable() for line in told.replace("\r\n", "\n").split("\n"))
    if name == "html":
        assert Page(told).kinds() == Page(fleet.to_html(named("harmless"))).kinds()
    if name == "markdown":
        kinds = {token.type for token in _tokens(told)}
        assert kinds == {token.type for token in _tokens(fleet.to_markdown(named("harmless")))}


def _tokens(markdown: str) -> list[Token]:
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return [*tokens, *(child for token in tokens for child in token.children or ())]
