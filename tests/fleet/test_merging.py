"""Many reports made one: what is read, what counts once, and what is left out and named."""

from __future__ import annotations

import codecs
import contextlib
import errno
import itertools
import json
import os
import pathlib
from typing import Any

import pytest

from tests.cli.command_line import posix
from tests.factories import EVERYTHING
from tests.fleet.fleets import BEGAN, OK, bad, merged, report, rounds
from tests.reports.diagnosed import DIAGNOSED
from tests.reports.hostile import HOSTILE, hostile
from wsconn import Status, fleet, reports
from wsconn.fleet._merged import limits, sources

ALL_OK = {"eu": OK, "us": OK}


# --- what is read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [None, 2], ids=["a line", "indented"])
def test_a_report_is_read_as_it_was_written(indent: int | None) -> None:
    """What a check writes comes out with the same statuses, stages, causes and round trips."""
    text = reports.to_json(EVERYTHING, machine=reports.this_machine({"kind": "kiosk"}), indent=indent)
    (host,) = merged([text]).hosts
    assert host.name == reports.this_machine().host
    assert host.labels == {"kind": "kiosk"}
    assert host.at == (EVERYTHING.started_at.timestamp(),)
    for outcome, end, trip in itertools.zip_longest(EVERYTHING.outcomes, host.rows[0], host.round_trips):
        assert end is not None
        assert trip == outcome.round_trip
        assert end.status in (outcome.status, Status.ABORTED)
        if outcome.failure:
            assert (end.stage, end.cause) == (outcome.failure.stage, outcome.failure.cause)


def test_a_debuggers_report_is_read_too() -> None:
    """It holds a check's result."""
    (host,) = merged([reports.to_json(DIAGNOSED)]).hosts
    assert len(host.rows[0]) == len(DIAGNOSED.result.outcomes)


@pytest.mark.parametrize("machine", [{}, {"wsconn": "0.1.0"}], ids=["none", "of schema 1"])
def test_a_report_that_names_no_host_is_called_as_its_file(machine: dict[str, str], tmp_path: pathlib.Path) -> None:
    """Reports of earlier versions did not say who made them."""
    told = json.loads(report(None, ALL_OK))
    told.update(machine=machine, schema=1)
    (tmp_path / "k-17.json").write_text(json.dumps(told))
    (tmp_path / "k-18.jsonl").write_text(f"{json.dumps(told)}\n{json.dumps({**told, 'duration': 1})}\n")
    made = merged([tmp_path])  # type: ignore[list-item]  # a path, which merge takes as well
    assert [host.name for host in made.hosts] == ["k-17", "k-18"]


@pytest.mark.parametrize(
    "between",
    ["\n", "\n\n", "\r\n", "\n \n"],
    ids=["lines", "blank lines", "Windows", "blanks"],
)
@pytest.mark.parametrize("indent", [None, 2], ids=["lines", "indented"])
def test_many_in_one_file(indent: int | None, between: str) -> None:
    """JSON lines, and what cat makes of many files."""
    texts = [json.dumps(json.loads(one), indent=indent) for one in rounds("k", *[ALL_OK] * 5)]
    assert merged([between.join(texts) + between]).reports == 5
    assert merged([between.join(texts)]).reports == 5


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)],
)
def test_what_windows_makes_of_a_file(encoding: str, mark: bytes) -> None:
    """PowerShell writes UTF-16, or a mark before UTF-8."""
    text = "\r\n".join(rounds("Küche", ALL_OK, ALL_OK))
    made = fleet.merge([mark + text.encode(encoding)])
    assert (made.reports, made.left_out, made.hosts[0].name) == (2, (), "Küche")


def test_a_folder(tmp_path: pathlib.Path) -> None:
    """Files of reports in it and in its folders are read; others, hidden ones and links are not."""
    (tmp_path / "vienna").mkdir()
    (tmp_path / "vienna" / "a.json").write_text(report("a", ALL_OK))
    (tmp_path / "b.JSONL").write_text("\n".join(rounds("b", ALL_OK, ALL_OK)))
    for name in ("notes.txt", ".c.json", "d.json.tmp"):
        (tmp_path / name).write_text(report("c", ALL_OK))
    outside = tmp_path.parent / f"{tmp_path.name}-outside.json"
    outside.write_text(report("outside", ALL_OK))
    if os.name == "posix":
        (tmp_path / "link.json").symlink_to(outside)
        os.mkfifo(tmp_path / "pipe.json")
    made = fleet.merge([tmp_path])
    assert [host.name for host in made.hosts] == ["a", "b"]
    assert (made.reports, made.left_out) == (3, ())


def test_a_thousand_folders_in_one_another(tmp_path: pathlib.Path) -> None:
    """However deep a report is, it is read."""
    folders = [*itertools.accumulate(["a"] * 1100, pathlib.Path.joinpath, initial=tmp_path)][1:]
    for folder in folders:
        folder.mkdir()
    deep = folders[-1] / "deep.json"
    deep.write_text(report("deep", ALL_OK))
    try:
        assert [host.name for host in fleet.merge([tmp_path]).hosts] == ["deep"]
    finally:  # pytest recurses, too
        deep.unlink()
        for folder in reversed(folders):
            folder.rmdir()


@posix
def test_a_folder_that_cannot_be_read_is_named(tmp_path: pathlib.Path) -> None:
    """Its reports are missing, and nobody would know: here its path is too long."""
    (tmp_path / "b.json").write_text(report("b", ALL_OK))
    with contextlib.ExitStack() as stack:
        base = None
        for part in [tmp_path, *["k" * 250] * 20]:
            if base is not None:
                os.mkdir(part, dir_fd=base)
            base = os.open(part, os.O_RDONLY, dir_fd=base)
            stack.callback(os.close, base)
    made = fleet.merge([tmp_path])
    assert (made.reports, [one.why for one in made.left_out]) == (1, [os.strerror(errno.ENAMETOOLONG)])


# --- what counts -----------------------------------------------------------------------------------------------------


def test_the_same_report_counts_once() -> None:
    """A file may be there twice, or in two folders."""
    texts = rounds("k", ALL_OK, ALL_OK)
    made = merged([*texts, *texts, texts[0]])
    assert (made.reports, made.duplicates, len(made.hosts[0].at)) == (2, 3, 2)


def test_order_does_not_matter() -> None:
    """Files come as they are named, and not as they were made."""
    texts = rounds("k", ALL_OK, {"eu": OK, "us": bad()}, ALL_OK, {"eu": bad(), "us": OK})
    assert merged(texts).hosts == merged(texts[::-1]).hosts == merged([*texts[2:], *texts[:2]]).hosts


def test_the_last_rounds_are_kept() -> None:
    """The newest, whatever the order; all that were read are counted."""
    texts = rounds("k", *[ALL_OK] * 9, {"eu": bad(), "us": OK})
    for order in (texts, texts[::-1]):
        (host,) = merged(order, last=3).hosts
        assert host.at == tuple(BEGAN.timestamp() + 300 * count for count in (7, 8, 9))
        assert host.reports == 10


def test_machines_are_told_apart_by_site_and_name() -> None:
    """The labels and versions are those of the newest report."""
    made = merged(
        [
            report("pi", ALL_OK, site="Graz", labels={"v": "1"}, minute=5),
            report("pi", ALL_OK, site="Graz", labels={"v": "0"}),
            report("pi", ALL_OK, site="Linz"),
            report("pi", ALL_OK),
        ]
    )
    assert [(host.site, host.name, len(host.at)) for host in made.hosts] == [
        ("Graz", "pi", 2),
        ("Linz", "pi", 1),
        (None, "pi", 1),
    ]
    assert made.hosts[0].labels == {"v": "1"}


def test_machines_may_test_different_regions() -> None:
    """What a machine does not test is not known of it, and no failure."""
    made = merged([report("a", {"eu": OK}), report("b", {"us": bad(), "eu": OK}), report("c", {"sa": OK})])
    assert made.regions == ("eu", "us", "sa")
    assert [(host.name, region) for host, region, _ in made.cells()] == [
        ("a", "eu"),
        ("b", "eu"),
        ("b", "us"),
        ("c", "sa"),
    ]


def test_a_cell_tells_since_when() -> None:
    """The change lies between two rounds; a round that was aborted changes nothing."""
    aborted = {"eu": {"status": "aborted"}}
    own = {"eu": bad(cause="local_limit")}
    history = [{"eu": OK}, {"eu": bad()}, aborted, own, {"eu": bad()}, {"eu": bad(cause="refused")}]
    ((_, _, cell),) = merged(rounds("k", *history, every=1)).cells()
    assert cell.ending.cause == "refused"
    assert (cell.since, cell.before) == (BEGAN.timestamp() + 60, BEGAN.timestamp())
    assert (cell.passed, cell.failed, cell.round_trip) == (1, 3, 0.02)


# --- what is left out ------------------------------------------------------------------------------------------------


def changed(**keys: Any) -> str:
    return json.dumps({**json.loads(report("k", ALL_OK)), **keys})


def outcome(**keys: Any) -> str:
    return changed(outcomes=[{"region": "eu", **OK, **keys}])


BROKEN: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "there is nothing in it"),
    "garbage": ("oops", "not JSON"),
    "no JSON": ("{oops", "not JSON"),
    "cut short": (report("k", ALL_OK)[:-20], "not JSON"),
    "not an object": ("[1, 2]", "expected an object"),
    "bytes": (b"\x80\x81", "not JSON"),
    "deep": ('{"a":' + "[" * 100_000, "not JSON"),
    "deep object": ('{"a":' * 100_000, "not JSON"),
    "many digits": ('{"schema":' + "9" * 5000 + "}", "not JSON"),
    "not a number": ('{"schema": NaN}', "NaN is no number"),
    "another's": ('{"version": 3}', "it names no schema"),
    "newer": (changed(schema=3), "schema: 3 is not known to this wsconn"),
    "no schema": (changed(schema="2"), "schema: '2' is not known"),
    "true": (changed(schema=True), "schema: True"),
    "a fleet's": ('{"fleet_schema": 1}', "what wsconn merge writes"),
    "newer debugger's": ('{"debug_schema": 7}', "debug_schema: 7"),
    "debugger's, empty": ('{"debug_schema": 1}', "result: expected an object"),
    "no time": (changed(started_at=None), "started_at: expected a time"),
    "no zone": (changed(started_at="2026-01-01T00:00:00"), "started_at: expected a time"),
    "before all time": (changed(started_at="0001-01-01T00:00:00+00:00"), "started_at"),
    "no outcomes": (changed(outcomes=None), "outcomes: expected an array"),
    "twice": (changed(outcomes=[{"region": "eu", **OK}] * 2), "a region is there twice"),
    "too many": (
        changed(outcomes=[{"region": f"r{number}", **OK} for number in range(limits.MOST_REGIONS + 1)]),
        "1001 regions; 1000 are the most",
    ),
    "no region": (outcome(region=""), "outcomes[0].region: expected a name"),
    "long region": (outcome(region="x" * 201), "outcomes[0].region: 201 characters"),
    "status": (outcome(status="fine"), "outcomes[0].status: expected one of"),
    "status of another type": (outcome(status=["passed"]), "outcomes[0].status"),
    "no failure": (outcome(status="failed"), "outcomes[0].failure: expected an object"),
    "a cause of words": (outcome(**bad(cause="it is <b>late</b>")), "failure.cause: expected a word"),
    "evidence": (outcome(**bad(evidence=3)), "failure.evidence: expected an object"),
    "round trip": (outcome(round_trip="fast"), "round_trip: expected seconds"),
    "endless": (outcome().replace("0.02", "1e999"), "round_trip: expected seconds"),
    "backwards": (outcome(round_trip=-1), "round_trip: expected seconds"),
    "HTTP status": (outcome(**bad(), http_status=10**9), "http_status: expected an HTTP status"),
    "machine": (changed(machine=[1]), "machine: expected an object"),
    "host": (changed(machine={"host": 17}), "machine.host: expected a string"),
    "long host": (changed(machine={"host": "k" * 201}), "machine.host: 201 characters"),
    "labels": (changed(machine={"labels": {str(n): "" for n in range(33)}}), "33 labels; 32 are the most"),
    "label": (changed(machine={"labels": {"kind": 7}}), "machine.labels.kind: expected a string"),
    "huge": ('{"a": "' + "x" * limits.MOST_BYTES + '"}', "longer than 4 MiB"),
}


@pytest.mark.parametrize(("text", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_report_is_named_and_left_out(text: str | bytes, why: str) -> None:
    """The others count; one line says where it is wrong, and holds nothing that a terminal would obey."""
    made = fleet.merge([report("good", ALL_OK), text])
    assert [host.name for host in made.hosts] == ["good"]
    (left_out,) = made.left_out
    assert left_out.place == "report 2"
    assert why in left_out.why
    assert len(left_out.why) < 400
    assert left_out.why.isprintable()


@pytest.mark.parametrize("kind", ["cut short", "no JSON", "newer", "huge", "another's", "garbage"])
def test_a_broken_line_costs_no_other(kind: str) -> None:
    """A machine that lost its power leaves half a line; the line it is on is told."""
    text = BROKEN[kind][0]
    assert isinstance(text, str)
    first, last = rounds("k", ALL_OK, ALL_OK)
    made = fleet.merge([f"{first}\n{text}\n{last}\n"])
    assert made.reports == 2
    (left_out,) = made.left_out
    assert left_out.place == ("report 1:2" if text.startswith("{") else "report 1:1")


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 64])
def test_where_a_file_is_cut_for_reading_does_not_matter(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report begins with a brace in the first column, wherever a block ends."""
    monkeypatch.setattr(sources, "_AT_ONCE", at_once)
    texts = [json.dumps(json.loads(one), indent=2) for one in rounds("k", ALL_OK, {"eu": bad(), "us": OK})]
    assert merged(["\n\n".join(texts)]).reports == 2


def test_only_the_first_that_are_broken_are_named() -> None:
    """A folder of something else does not fill the report."""
    made = fleet.merge(["\n".join(["{}"] * 150)])
    assert (len(made.left_out), made.more_left_out) == (100, 50)


def test_a_file_that_is_gone_is_left_out(tmp_path: pathlib.Path) -> None:
    """It may be moved while others are read."""
    made = fleet.merge([tmp_path / "gone.json", report("k", ALL_OK)])
    assert [one.place for one in made.left_out] == [str(tmp_path / "gone.json")]
    assert made.reports == 1


@pytest.mark.parametrize("limit", ["MOST_HOSTS", "MOST_CELLS", "MOST_NAMES"])
def test_a_fleet_has_limits(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond is left out and named; what is known by then stays."""
    monkeypatch.setattr("wsconn.fleet._merged.merging." + limit, 6)
    made = fleet.merge(report(f"k{n}", {f"r{n}{m}": OK for m in range(2)}) for n in range(9))
    assert 0 < made.reports < 9
    assert made.reports + len(made.left_out) == 9


MADE_UP = {f"x{number}": OK for number in range(limits.MOST_REGIONS)}


@pytest.mark.parametrize("honest", [1, 3], ids=["one machine", "three machines"])
@pytest.mark.parametrize("order", [1, -1], ids=["before them", "after them"])
def test_no_report_displaces_the_regions_of_others(honest: int, order: int) -> None:
    """A report with as many regions as a fleet may have costs no machine a region of its own, and it is said."""
    texts = [report("z", MADE_UP), *(one for n in range(honest) for one in rounds(f"k{n}", ALL_OK, {"eu": bad()}))]
    made = merged(texts[::order])
    assert {"eu", "us"} < {*made.regions}
    assert (len(made.regions), made.more_regions) == (limits.MOST_REGIONS, 2)
    cells = {(host.name, region): cell for host, region, cell in made.cells()}
    assert cells["k0", "eu"].ending.cause == "timeout"
    assert (cells["k0", "us"].round_trip, cells["z", "x5"].passed) == (0.02, 1)
    assert "1000 regions (2 more that few machines name are left out)" in fleet.to_text(made, width=200)
    assert fleet.from_json(fleet.to_json(made)) == made


def test_regions_that_few_name_go_first() -> None:
    """Those that more machines name are kept, in the order in which they were first seen; rows alike are one."""
    machines = [report("z", MADE_UP), *(report(f"k{n}", {f"r{m}": OK for m in range(40)}) for n in range(5))]
    made = merged([*machines, *rounds("y", *[{f"x{number}": OK for number in range(990)}] * 3)])
    assert made.regions == (*(f"x{number}" for number in range(960)), *(f"r{m}" for m in range(40)))
    (first, *others) = [host.rows[0] for host in made.hosts if host.name.startswith("k")]
    assert all(row is first for row in others)


def test_names_are_bounded_while_reports_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a report that comes then, the regions that are known count, and that others do not is said."""
    monkeypatch.setattr("wsconn.fleet._merged.merging.MOST_NAMES", 2)
    made = fleet.merge([report("a", ALL_OK), report("b", {"eu": bad(), "ap": OK})])
    assert {(host.name, region) for host, region, _ in made.cells()} == {("a", "eu"), ("a", "us"), ("b", "eu")}
    assert [one.why for one in made.left_out] == [
        "1 region of it: all reports name more than 10000, which are the most"
    ]


def test_memory_does_not_grow_with_rounds() -> None:
    """Rounds that are not kept leave nothing behind, and rounds that ended alike are one row."""
    merger_rounds = (report("k", ALL_OK, minute=minute) for minute in range(300))
    (host,) = merged(merger_rounds, last=20).hosts
    assert len(host.at) == 20
    assert len({id(row) for row in host.rows}) == 1


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_comes_out_escaped(text: str) -> None:
    """Names of hosts, sites, labels and regions, and what evidence holds, are anybody's."""
    told = json.loads(reports.to_json(hostile(text)))
    told["machine"].update(host=text, site=text, labels={text: text})
    made = fleet.merge([json.dumps(told)])
    assert made.left_out == ()
    (host,) = made.hosts
    names = [host.name, host.site or "", *host.labels, *host.labels.values(), *made.regions]
    assert all(name.isprintable() for name in names)


# --- misuse ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "error", "said"),
    [
        (0, ValueError, "last must be at least 1"),
        (10**6, ValueError, "at most 100000, not 1000000"),
        (True, TypeError, "last must be a number of rounds"),
        ("5", TypeError, "last must be a number of rounds, not '5'"),
    ],
)
def test_a_bad_last(last: Any, error: type[Exception], said: str) -> None:
    """It is said before anything is read."""
    with pytest.raises(error, match=said):
        fleet.merge([], last=last)


def test_what_is_no_report() -> None:
    """A dict is not what `to_json` writes."""
    with pytest.raises(TypeError, match="reports must be texts and paths, not a dict"):
        fleet.merge([{}])  # type: ignore[list-item]  # that is the point
