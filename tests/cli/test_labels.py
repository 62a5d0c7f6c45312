"""What a report says of the machine that made it: its name, its site and its labels."""

from __future__ import annotations

import json
import pathlib

import pytest

from tests.cli.command_line import run
from tests.factories import EVERYTHING
from wsconn import reports
from wsconn._cli.exit_code import ExitCode

DEAD = "eu=ws://127.0.0.1:9/"


def test_json_says_who_made_it() -> None:
    """The host is the system's name for it, the site the environment's; of a label given twice the last counts."""
    labels = ["--label", "kind=kiosk", "--label", "floor=1", "--label", "floor=2"]
    told = json.loads(run("check", DEAD, "--format", "json", *labels, WSCONN_SITE=" Vienna ").stdout)["machine"]
    assert told["host"] == reports.this_machine().host
    assert (told["site"], told["labels"]) == ("Vienna", {"kind": "kiosk", "floor": "2"})


def test_each_round_says_it_too(tmp_path: pathlib.Path) -> None:
    """Lines of rounds are merged like whole reports."""
    file = tmp_path / "rounds.jsonl"
    watch = ["watch", DEAD, "--count", "2", "--interval", "0.01", "--label", "kind=kiosk", "--output", str(file)]
    run(*watch, WSCONN_SITE="Vienna")
    machines = [json.loads(line)["machine"] for line in file.read_text("utf-8").splitlines()]
    assert [(one["site"], one["labels"]) for one in machines] == [("Vienna", {"kind": "kiosk"})] * 2


@pytest.mark.parametrize("form", ["text", "markdown", "prometheus"])
def test_a_person_reads_site_and_labels(form: str) -> None:
    """They were given to be told; the machine's own name is told to programs alone."""
    said = run("check", DEAD, "--format", form, "--label", "kind=kiosk", WSCONN_SITE="Vienna").stdout
    assert "kind=kiosk" in said
    assert "Vienna" in said


def test_a_page_has_them() -> None:
    """They stand beside the versions, escaped."""
    page = reports.to_html(EVERYTHING, machine=reports.this_machine({"kind": "<b>"}))
    assert "kind=&lt;b&gt;" in page


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("kiosk", "--label 'kiosk': expected letters"),
        ("=kiosk", "expected letters"),
        ("kind=", "expected letters"),
        ("a b=c", "expected letters"),
        ("kind=a\x1bb", "expected letters"),
        ("kind=" + "x" * 201, "expected letters"),
        ("site=Vienna", "try WSCONN_SITE=Vienna"),
        ("'kind=kiosk'", "quotation mark"),
    ],
    ids=["no value", "no name", "empty", "blank", "control", "long", "site", "quoted"],
)
def test_bad_labels(label: str, said: str) -> None:
    """What a label must be is said before anything is tested."""
    child = run("check", DEAD, "--label", label)
    assert child.returncode == ExitCode.USAGE
    assert said in child.stderr
    assert len(child.stderr.splitlines()) == 1
