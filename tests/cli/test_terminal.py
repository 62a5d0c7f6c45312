"""The command line at a terminal, as a person sees it: the screen of a real pseudo-terminal, read as text."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
from collections.abc import Callable

import pytest

from tests.cli.command_line import BOUND_SECONDS, WITHOUT_RICH, authority, named, posix
from wsconn import reports
from wsconn._cli import ExitCode
from wsconn.lab import Lab, faults

pytestmark = posix
if os.name == "posix":  # there is no `pty` elsewhere
    from tests.cli.terminal import Terminal, in_terminal

LONG = ("--timeout", str(2 * BOUND_SECONDS))
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
WORDS = re.compile(rb"\x1b\[\?25[lh]")  # the cursor is hidden and shown


def has(*words: str) -> Callable[[list[str]], bool]:
    """Return a look that finds each of these somewhere on the screen."""
    return lambda lines: all(any(word in line for line in lines) for word in words)


def row(lines: list[str], region: str) -> str:
    """Return the row of a region in the live table; there is one and no more."""
    (found,) = [line for line in lines if line[2:].startswith(f"{region} ")]
    return found


@pytest.fixture
def three(lab: Lab) -> Lab:
    """A lab with a region that passes, one that fails and one that does neither."""
    lab.add("eu-west-1")
    lab.add("us-east-1", fault="http-503")
    lab.add("af-south-1", fault=faults.SWALLOWED_FRAMES)
    return lab


STANDS = has("✓ eu-west-1", "✗ us-east-1", "▸ af-south-1", "2 of 3, 1 failed")


def waits_for_frames(lines: list[str]) -> bool:
    """Tell whether two have settled and the third has come as far as it will."""
    return STANDS(lines) and any(re.match("▸ af-south-1 +frames", line) for line in lines)


# --- the live table ------------------------------------------------------------------------------------------------


def test_live_table(three: Lab) -> None:
    """Each region has a row with what it is at and the times so far, and the whole has a bar."""
    with in_terminal("check", *named(three), *LONG) as terminal:
        lines = terminal.wait_for(waits_for_frames)
        head = lines[0].split()
        assert head == ["region", "now", "resolve", "connect", "upgrade", "frames", "total"]
        assert re.fullmatch(r"✓ eu-west-1 +passed( +\d+){4} +\d+ ms", row(lines, "eu-west-1"))
        assert re.fullmatch(r"✗ us-east-1 +http_status( +\d+){3} +\d+ ms", row(lines, "us-east-1"))
        assert re.fullmatch(r"▸ af-south-1 +frames( +\d+){4} +\d+ ms", row(lines, "af-south-1"))
        bar = next(line for line in lines if "2 of 3" in line)
        assert re.fullmatch(rf"━+─+  2 of 3, 1 failed  \d+\.\d s of {LONG[1]} s  Ctrl-C ends it", bar)
        assert terminal.cursor_is_hidden()


def test_times_of_a_region_under_way_go_on(three: Lab) -> None:
    """A stage that takes its time is seen to take it."""

    def frames(lines: list[str]) -> int:
        return int(row(lines, "af-south-1").split()[-3])

    with in_terminal("check", *named(three), *LONG) as terminal:
        before = frames(terminal.wait_for(waits_for_frames))
        terminal.wait_for(lambda lines: frames(lines) > before + 200)


def test_numbers_stand_under_each_other(three: Lab) -> None:
    """Each column of times ends where its head does."""
    with in_terminal("check", *named(three), *LONG) as terminal:
        lines = terminal.wait_for(waits_for_frames)
    head, rows = lines[0], [row(lines, name) for name in three.regions]
    for stage in ("resolve", "connect", "upgrade"):
        end = head.index(stage) + len(stage)
        assert all(line[end - 1].isdigit() and line[end] == " " for line in rows), (stage, lines)


def test_ctrl_c_shows_what_there_is(three: Lab) -> None:
    """The table makes room for the report; the code says that it is not a whole one; the cursor is back."""
    with in_terminal("check", *named(three), *LONG, lines=40) as terminal:
        terminal.wait_for(STANDS)
        terminal.type("\x03")
        assert terminal.end() == ExitCode.INTERRUPTED
        report = terminal.lines
        assert not terminal.cursor_is_hidden()
    assert has("✓ passed   eu-west-1", "✗ failed   us-east-1", "○ aborted  af-south-1")(report)
    assert has("The test was ended early. Of 3 regions, 1 passed")(report)
    assert not has("Ctrl-C ends it")(report)


def test_report_takes_the_place_of_the_table(lab: Lab) -> None:
    """Nothing of the table is left above or below the report."""
    lab.add("eu-west-1", latency=0.4)
    with in_terminal("check", *named(lab)) as terminal:
        terminal.wait_for(has("▸ eu-west-1"))
        assert terminal.end() == ExitCode.PASSED
        lines = [line for line in terminal.all_lines if line]
    assert lines[0].split()[:2] == ["finding", "The"]
    assert sum("eu-west-1" in line for line in lines) == 2  # the finding, the row
    assert lines[-1].strip().startswith("Tested ")


def test_more_rows_than_the_terminal_is_high(lab: Lab) -> None:
    """Those that a person waits for stay, then those that failed; a line tells of the others; nothing is scrolled."""
    for number in range(20):
        lab.add(f"good-{number}")
    lab.add("bad", fault="http-403")
    lab.add("slow", fault=faults.MUTE)
    with in_terminal("check", *named(lab), *LONG, lines=10) as terminal:
        lines = terminal.wait_for(has("✗ bad", "▸ slow", "21 of 22"))
        assert len([line for line in lines if line.startswith("✓ good-")]) == 3
        assert "  and 17 passed" in lines
        assert terminal.all_lines == lines
        assert lines[-1] == ""  # the last line is the cursor's
        terminal.type("\x03")
        terminal.end()


def test_waiting_regions_are_told_from_those_under_way(lab: Lab) -> None:
    """With one worker all but the first wait; they have no times."""
    lab.add("first", fault=faults.MUTE)
    lab.add("second")
    with in_terminal("check", *named(lab), *LONG, "--max-workers", "1") as terminal:
        lines = terminal.wait_for(has("▸ first", "upgrade"))
        assert row(lines, "second").split() == ["·", "second", "waiting"]


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_table_fits_the_terminal(three: Lab, columns: int) -> None:
    """Names and what a region is at are there at any width, and no line is wrapped; stages go where they must."""
    with in_terminal("check", *named(three), *LONG, columns=columns) as terminal:
        lines = terminal.wait_for(has("✓ eu-west-1", "✗ us-east-1", "▸ af-south-1", "2 of 3"))
    assert [line[:12].rstrip() for line in lines[:4]] == ["  region", "✓ eu-west-1", "✗ us-east-1", "▸ af-south-1"]
    assert row(lines, "us-east-1").split()[2] == "http_status"
    assert row(lines, "us-east-1").endswith(" ms")
    assert max(map(len, lines)) < columns
    assert ("frames" in lines[0]) is (columns > 40)
    assert ("resolve" in lines[0]) is (columns > 60)
    assert lines[4] == ""
    assert "2 of 3" in lines[5]
    assert not any(lines[6:])


def test_narrower_still(three: Lab) -> None:
    """At 22 columns there is a name, a word and the time, cut where they must be."""
    with in_terminal("check", *named(three), *LONG, columns=22) as terminal:
        lines = terminal.wait_for(has("✓ eu-we", "✗ us-ea", "▸ af-so"))
    assert max(map(len, lines)) < 22
    assert lines[4] == lines[6] == ""


@pytest.mark.parametrize("columns", [40, 120])
def test_resize_in_mid_run(three: Lab, columns: int) -> None:
    """After a change of the window there is one table, and it fits; the report fits too."""
    with in_terminal("check", *named(three), *LONG, lines=60) as terminal:
        terminal.wait_for(STANDS)
        terminal.resize(columns, 60)
        fits = range(1, 40) if columns == 40 else range(100, 120)
        lines = terminal.wait_for(lambda lines: max(map(len, lines)) in fits and has("2 of 3")(lines))
        assert sum("region " in line for line in lines) == 1
        assert sum("af-south-1" in line for line in lines) == 1
        terminal.type("\x03")
        assert terminal.end() == ExitCode.INTERRUPTED
        assert not has("Ctrl-C")(terminal.lines)


def test_names_from_a_file_are_escaped_and_take_their_columns(lab: Lab) -> None:
    """A name that turns the line round is shown as what it is; one in Chinese takes two columns a sign."""
    lab.add("東京-1")
    lab.add("a‮b", fault=faults.MUTE)
    with in_terminal("check", *named(lab), *LONG) as terminal:
        lines = terminal.wait_for(has(r"▸ a\u202eb upgrade", "✓ 東"))
        assert "‮".encode() not in terminal.written
    tokyo = next(line for line in lines if line.startswith("✓"))
    # pyte has an empty cell behind each wide sign, and `display` leaves it out.
    assert tokyo.index("passed") + 2 == next(line for line in lines if "u202e" in line).index("upgrade")


# --- colour --------------------------------------------------------------------------------------------------------


def test_colour_is_beside_a_word_and_a_sign(three: Lab) -> None:
    """Words and signs are in colour at a terminal, in the table as in the report."""
    with in_terminal("check", *named(three), *LONG) as terminal:
        terminal.wait_for(STANDS)
        terminal.type("\x03")
        terminal.end()
        assert b"\x1b[32m\xe2\x9c\x93 " in terminal.written
        assert b"\x1b[31m\xe2\x9c\x97 failed\x1b[0m   us-east-1" in terminal.written


@pytest.mark.parametrize("changes", [{"NO_COLOR": "1"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}], ids=["no", "both"])
def test_no_color(three: Lab, changes: dict[str, str]) -> None:
    """The table is there, and nothing of it is in colour; who wants both wants none."""
    with in_terminal("check", *named(three), *LONG, **changes) as terminal:
        terminal.wait_for(STANDS)
        terminal.type("\x03")
        terminal.end()
        colours = {found[2:-1] for found in COLOUR.findall(terminal.written)}
    assert not {code for code in colours if re.search(rb"(^|;)[349]\d", code)}


def test_force_color_in_a_pipe(three: Lab) -> None:
    """The report is in colour where that is asked for; a table that moves the cursor is not for a pipe."""
    child = piped("check", *named(three), "--timeout", "1", FORCE_COLOR="1")
    assert "\x1b[31m✗ failed\x1b[0m   us-east-1" in child.stdout
    assert "\x1b" not in child.stderr
    assert "\x1b[" not in COLOUR.sub(b"", child.stdout.encode()).decode()


def piped(*args: str, **changes: str) -> subprocess.CompletedProcess[str]:
    from tests.cli.command_line import run

    return run(*args, **changes)


# --- terminals that can do less ------------------------------------------------------------------------------------


def lines_without_escapes(terminal: Terminal) -> list[str]:
    assert b"\x1b" not in terminal.written
    return terminal.all_lines


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        pytest.param("", {"TERM": "dumb"}, id="dumb"),
        pytest.param("", {"TERM": "unknown"}, id="unknown"),
        pytest.param(WITHOUT_RICH, {}, id="without-rich"),
        pytest.param(WITHOUT_RICH, {"FORCE_COLOR": "1"}, id="without-rich-in-colour"),
    ],
)
def test_terminal_without_a_table_gets_lines(three: Lab, code: str, changes: dict[str, str]) -> None:
    """It is told how long it may take, then each region as it settles, then the report; there is no escape in it."""
    with in_terminal("check", *named(three), "--timeout", "3", lines=50, code=code, **changes) as terminal:
        terminal.wait_for(has("✓ passed   eu-west-1", "✗ failed   us-east-1"))
        assert terminal.end() == ExitCode.WARNING
        lines = lines_without_escapes(terminal)
    assert lines[0] == "Testing; each region has 3 s. Ctrl-C ends it and shows what is known by then."
    settled = [line.split()[:3] for line in lines[1:4]]
    assert sorted(settled[:2]) == [["✓", "passed", "eu-west-1"], ["✗", "failed", "us-east-1"]]
    assert settled[2] == ["✗", "failed", "af-south-1"]
    assert lines[4].startswith("  finding  ")


def test_verbose_at_a_terminal_is_lines(three: Lab) -> None:
    """Who wants the stages wants to keep them: they are not drawn over."""
    with in_terminal("check", "-v", *named(three), *LONG) as terminal:
        terminal.wait_for(has("af-south-1  upgrade ", "✓ passed   eu-west-1"))
        terminal.type("\x03")
        assert terminal.end() == ExitCode.INTERRUPTED


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1"])
def test_locale_without_the_signs(three: Lab, encoding: str) -> None:
    """What the encoding does not have is written otherwise, in the table as in the report, and columns keep."""
    with in_terminal("check", *named(three), *LONG, PYTHONIOENCODING=encoding) as terminal:
        lines = terminal.wait_for(has("+ eu-west-1", "x us-east-1", "> af-south-1", "2 of 3, 1 failed"))
        assert re.fullmatch(r"#+\.+  2 of 3, 1 failed  .*", next(line for line in lines if "2 of 3" in line))
        terminal.type("\x03")
        terminal.end()
        assert has("+ passed   eu-west-1", "x failed   us-east-1", "- aborted  af-south-1")(terminal.lines)
        assert terminal.written.isascii()
        assert rb"\u" not in terminal.written


def test_real_locale_without_utf_8(three: Lab) -> None:
    """With the locale C, and Python told not to make UTF-8 of it, it is the same."""
    import locale

    changes = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
    assert locale.getencoding()  # the child's is ASCII, whatever this one's
    with in_terminal("check", *named(three), *LONG, **changes) as terminal:
        terminal.wait_for(has("+ eu-west-1", "x us-east-1", "> af-south-1"))
        assert terminal.written.isascii()


# --- where the report is elsewhere ---------------------------------------------------------------------------------


def test_report_piped_away_under_the_table(three: Lab) -> None:
    """The table is on stderr, so stdout can go elsewhere; the person is told what was found."""
    reader, writer = os.pipe()
    try:
        with in_terminal("check", *named(three), "--timeout", "3", "--format", "json", stdout=writer) as terminal:
            os.close(writer)
            terminal.wait_for(STANDS)
            with os.fdopen(os.dup(reader)) as pipe:
                told = pipe.read()
            assert terminal.end() == ExitCode.WARNING
            lines = [line for line in terminal.all_lines if line]
    finally:
        os.close(reader)
    assert told.startswith("{")
    assert "\x1b" not in told
    assert lines
    assert "fail" in lines[0]
    assert not has("Ctrl-C")(lines)


def test_text_piped_into_a_pager_is_not_said_twice(three: Lab) -> None:
    """What the pager shows begins with the finding; on stderr it would scroll that away."""
    reader, writer = os.pipe()
    try:
        with in_terminal("check", *named(three), "--timeout", "3", stdout=writer) as terminal:
            os.close(writer)
            with os.fdopen(os.dup(reader)) as pipe:
                report = pipe.read()
            assert terminal.end() == ExitCode.WARNING
            assert [line for line in terminal.all_lines if line] == []
    finally:
        os.close(reader)
    assert report.startswith("  finding  ")


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_rows_of_the_report_are_not_wrapped(lab: Lab, columns: int, tmp_path: pathlib.Path) -> None:
    """Each region has a line; the columns that have no room are those of the first stages, as in the live table."""
    ca_file = authority(lab, tmp_path) if lab.add("ap-southeast-1", tls=True, latency=0.1) else ""
    with in_terminal("check", "-q", *named(lab), "--ca-file", ca_file, columns=columns, lines=40) as terminal:
        assert terminal.end() == ExitCode.PASSED
        lines = terminal.lines
    (head,) = [line for line in lines if line.split()[:1] == ["region"]]
    (row,) = [line for line in lines if line.startswith("✓ passed   ap-")]
    assert row.endswith(" ms")
    assert head.endswith("frames")
    assert max(map(len, lines)) <= columns
    assert ("resolve" in head) is (columns == 80)


def test_quiet_at_a_terminal_is_the_report_alone(three: Lab) -> None:
    """There is no table, and the first line is the report's."""
    with in_terminal("check", "-q", *named(three), "--timeout", "1") as terminal:
        terminal.end()
        assert terminal.all_lines[0].startswith("  finding  ")
        assert b"\x1b[?25l" not in terminal.written


def test_words_are_not_broken_at_the_edge(three: Lab, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the report is in a file the findings are said, and wrapped between words."""
    monkeypatch.chdir(tmp_path)
    options = ("--timeout", "1", "--format", "json", "--output", "report.json")
    with in_terminal("check", *named(three), *options, lines=40, columns=60) as terminal:
        assert terminal.end() == ExitCode.WARNING
        words = " ".join(terminal.all_lines).split()
    findings = reports.findings(reports.from_json((tmp_path / "report.json").read_text("utf-8")))
    assert words == " ".join([*findings, "The report is in report.json."]).split()


def test_demo(lab: Lab) -> None:
    """The demo is what a new user sees first: a table of 25 regions, the report, and whether all was as set up."""
    with in_terminal("demo", lines=40) as terminal:
        terminal.wait_for(has("▸ af-south-1     connect", "✗ sa-east-1      http_status", "✓ eu-central-1   passed"))
        assert terminal.end() == ExitCode.PASSED
        assert terminal.all_lines[0] == "25 regions on this machine, 9 of them broken on purpose:"
        assert terminal.all_lines[1].startswith("  finding  ")
        assert has("demo: as set up: 16 healthy regions passed")(terminal.lines)


# --- watch ---------------------------------------------------------------------------------------------------------


def test_watch_keeps_a_table(lab: Lab) -> None:
    """A row per region with the statistics, drawn anew after each round; Ctrl-C shows the summary."""
    lab.add("eu-west-1", latency=0.02)
    lab.add("us-east-1", fault="http-503")
    with in_terminal("watch", *named(lab), "--interval", "0.3") as terminal:
        lines = terminal.wait_for(has("round 3"))
        assert lines[0].split() == ["region", "loss", "last", "least", "mean", "most", "dev", "recent", "last", "cause"]
        eu, us = row_of(lines, "eu-west-1"), row_of(lines, "us-east-1")
        assert re.fullmatch(r"eu-west-1 +0%( +\d+\.\d){5}  [▁▂▃▄▅▆▇█]+", eu)
        assert re.fullmatch(r"us-east-1 +100% +✗+ +http_status", us)
        terminal.type("\x03")
        assert terminal.end() == ExitCode.INTERRUPTED
        assert has("! warning  1 of 2 regions never passed.")(terminal.lines)
        assert not has("Ctrl-C ends it")(terminal.lines)
        assert not terminal.cursor_is_hidden()


def test_watch_leaves_lost_exports_above_its_table(lab: Lab) -> None:
    """Each is a line that stays, one after the other, and the table is drawn below them, once."""
    lab.add("eu-west-1")
    options = ("--interval", "0.3", "--otlp", "http://127.0.0.1:9")
    with in_terminal("watch", *named(lab), *options, columns=120) as terminal:
        lines = terminal.wait_for(has("OTLP: an export was lost, 2 so far", "Ctrl-C ends it"))
        told = [int(line.split()[5]) for line in lines if line.startswith("OTLP: an export was lost, ")]
        assert told == list(range(1, len(told) + 1))
        assert [line.split()[0] for line in lines if line and "OTLP" not in line][:2] == ["region", "eu-west-1"]
        terminal.type("\x03")
        assert terminal.end() == ExitCode.INTERRUPTED


def row_of(lines: list[str], region: str) -> str:
    (found,) = [line for line in lines if line.startswith(f"{region} ")]
    return found


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_watch_fits_the_terminal(lab: Lab, columns: int) -> None:
    """Name, loss, mean and the cause are there at any width."""
    lab.add("ap-southeast-1")
    lab.add("us-east-1", fault="http-503")
    with in_terminal("watch", *named(lab), "--interval", "0.2", columns=columns) as terminal:
        lines = terminal.wait_for(has("round 3", "http_status"))
        terminal.type("\x03")
        terminal.end()
        assert max(map(len, terminal.all_lines)) <= columns
    assert max(map(len, lines)) < columns
    assert {"region", "loss", "mean"} <= set(lines[0].split())
    assert row_of(lines, "us-east-1").endswith(" http_status")
    assert row_of(lines, "ap-southeast-1")
    assert ("dev" in lines[0]) is (columns > 60)


def test_watch_of_more_regions_than_the_terminal_is_high(lab: Lab) -> None:
    """Those that were lost stay, and a line tells of the others."""
    for number in range(20):
        lab.add(f"good-{number}")
    lab.add("bad", fault="http-403")
    with in_terminal("watch", *named(lab), "--interval", "0.3", lines=8) as terminal:
        lines = terminal.wait_for(has("round 2", "bad "))
        assert "and 18 more" in lines
        assert terminal.all_lines == lines
        terminal.type("\x03")
        terminal.end()


def test_watch_writes_its_lines_of_json_undisturbed(lab: Lab) -> None:
    """Where they go to the terminal, no table is drawn over them."""
    lab.add("eu")
    with in_terminal("watch", *named(lab), "--interval", "0.1", "--count", "2", "--format", "json") as terminal:
        assert terminal.end() == ExitCode.PASSED
        assert b"\x1b" not in terminal.written
        assert terminal.written.count(b'{"findings"') == 2
