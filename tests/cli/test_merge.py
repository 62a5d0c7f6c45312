"""`wsconn merge`: what it reads, what it writes, and what it says of what it cannot read."""

from __future__ import annotations

import io
import json
import os
import pathlib
import re
import subprocess

import pytest

from tests.cli.command_line import BOUND_SECONDS, arguments, environment, posix, run
from tests.fleet.fleets import OK, bad, report, rounds
from wsconn import fleet
from wsconn._cli import fleet_formats
from wsconn._cli.exit_code import ExitCode
from wsconn.fleet._merged.formats import WRITERS

ALL_OK = {"eu": OK, "us": OK}
SA_FAILS = {**ALL_OK, "us": bad()}


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a folder of three machines' reports, and one that is broken."""
    made = tmp_path / "reports"
    made.mkdir()
    for name, ends in (("a", ALL_OK), ("b", SA_FAILS), ("c", ALL_OK)):
        (made / f"{name}.json").write_text(report(name, ends, site="Vienna"))
    (made / "broken.json").write_text("{oops")
    return made


def piped(text: bytes, *args: str) -> subprocess.CompletedProcess[bytes]:
    """Run `wsconn merge` with a text on stdin."""
    return subprocess.run(
        arguments("merge", *args),
        input=text,
        capture_output=True,
        env=environment(),
        timeout=BOUND_SECONDS,
        check=False,
    )


def test_a_folder_is_merged(folder: pathlib.Path) -> None:
    """The finding is first; a broken report is named on stderr, and costs no other."""
    child = run("merge", str(folder))
    assert child.returncode == ExitCode.WARNING
    assert child.stdout.startswith("  finding  ")
    assert "3 machines at 1 site" in child.stdout
    (line,) = child.stderr.splitlines()
    assert line.startswith(f"left out: {folder / 'broken.json'}: not JSON")


@pytest.mark.parametrize("pattern", ["*.json", "[ab].json", "**/?.json"])
def test_a_pattern_that_the_shell_left(folder: pathlib.Path, pattern: str) -> None:
    """On Windows programs have to look for the files themselves."""
    child = run("merge", str(folder / pattern), "--format", "json")
    assert json.loads(child.stdout)["reports"] == (2 if "ab" in pattern else 3)


def test_files_that_are_named_twice(folder: pathlib.Path) -> None:
    """A file, and the folder that it is in."""
    told = json.loads(run("merge", str(folder / "a.json"), str(folder), "--format", "json").stdout)
    assert (told["reports"], told["duplicates"]) == (3, 1)


def test_stdin_as_lines() -> None:
    """What `cat *.jsonl` gives."""
    text = "\n".join([*rounds("a", ALL_OK, ALL_OK), *rounds("b", ALL_OK), "oops"])
    child = piped(text.encode(), "-", "--format", "json")
    assert child.returncode == ExitCode.PASSED
    assert json.loads(child.stdout)["reports"] == 3
    assert b"left out: stdin:3: what stands behind the report is none: oops" in child.stderr


@pytest.mark.parametrize("name", fleet_formats.FLEET_FORMATS)
def test_every_format_by_its_suffix(folder: pathlib.Path, name: str, tmp_path: pathlib.Path) -> None:
    """The suffix says which one; the file has the same as stdout, and a person is told the findings."""
    for suffix in fleet_formats.FLEET_FORMATS[name].suffixes:
        output = tmp_path / f"fleet{suffix}"
        child = run("merge", str(folder), "--output", str(output))
        assert f"The report is in {output}." in child.stderr
        written = WRITERS[name](_summary(folder))
        shown = io.StringIO(output.read_bytes().decode(), newline="").read()
        assert re.sub(r"\S*broken", "broken", shown) == re.sub(r"\S*broken", "broken", written)


def _summary(folder: pathlib.Path) -> fleet._merged.summary.Summary:  # type: ignore[name-defined]  # a private module
    from wsconn.fleet._merged.summary import Summary

    return Summary(fleet.merge([folder]))


@pytest.mark.parametrize(
    ("ends", "fail_on", "code"),
    [
        (ALL_OK, "warning", ExitCode.PASSED),
        (SA_FAILS, "warning", ExitCode.WARNING),
        (SA_FAILS, "failed", ExitCode.PASSED),
        ({"us": bad()}, "failed", ExitCode.FAILED),
        ({"us": bad()}, "never", ExitCode.PASSED),
    ],
    ids=["passed", "warning", "accepted", "failed", "never"],
)
def test_the_exit_code_is_that_of_all(
    ends: dict[str, object], fail_on: str, code: ExitCode, tmp_path: pathlib.Path
) -> None:
    """As of a check: 0 where every machine passes everywhere, 1 where none passes anywhere, 3 in between."""
    file = tmp_path / "a.json"
    file.write_text(report("a", ends))  # type: ignore[arg-type]  # what `bad` returns
    assert run("merge", str(file), "--fail-on", fail_on).returncode == code


def test_last_is_what_the_library_has() -> None:
    """The parser has its own copy, so that it need not load it."""
    assert fleet.merge.__kwdefaults__ == {"last": fleet_formats.LAST}
    assert fleet_formats.FLEET_FORMATS.keys() == WRITERS.keys()


def test_last_counts_rounds(tmp_path: pathlib.Path) -> None:
    """Of each machine the newest are kept."""
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(rounds("a", SA_FAILS, ALL_OK, ALL_OK)))
    told = json.loads(run("merge", str(file), "--last", "2", "--format", "json").stdout)
    assert len(told["hosts"][0]["rounds"]) == 2


@posix
def test_a_pattern_means_no_pipe(tmp_path: pathlib.Path) -> None:
    """Nobody has named it, and it may have no end."""
    (tmp_path / "a.json").write_text(report("a", ALL_OK))
    os.mkfifo(tmp_path / "b.json")
    child = run("merge", str(tmp_path / "*.json"), "--format", "json")
    assert [host["name"] for host in json.loads(child.stdout)["hosts"]] == ["a"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "there are no reports to merge; try wsconn merge FOLDER (or -: stdin)"),
        ([""], "needs the name of a file"),
        (["nowhere.json"], "nowhere.json: there is no such file or folder"),
        (["*.jsonx"], "*.jsonx: no file matches"),
        (["x" * 5000], "x…: "),
        (["empty"], "empty: no file in it ends in .json, .jsonl, .ndjson"),
        (["broken.json"], "none of the reports could be read"),
        (["aborted.json"], "no report tells of a region that passed or failed"),
        (["a.json", "--last", "0"], "--last must be at least 1"),
        (["a.json", "--last", "many"], "--last must be a whole number, not 'many'"),
        (["a.json", "--format", "xml"], "--format: there is no 'xml'"),
        (["a.json", "--output", "empty"], "--output empty: is a directory"),
        (["a.json", "--label", "a=b"], "there is no '--label' here"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_merged(
    args: list[str], said: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that names the argument and the value; no traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.json").write_text(report("a", ALL_OK))
    (tmp_path / "broken.json").write_text("oops")
    (tmp_path / "aborted.json").write_text(report("a", {"eu": {"status": "aborted"}}))
    child = run("merge", *args)
    assert child.returncode == ExitCode.USAGE
    assert said in child.stderr.splitlines()[-1]
    assert "Traceback" not in child.stderr
