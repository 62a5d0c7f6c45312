"""What the README says beside its snippets (which test_snippets.py runs): its commands, and its exit codes."""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.cli.command_line import environment, posix, running
from tests.pages.snippets import README, ROOT, scene
from wsconn._cli import ExitCode

CI = ROOT / ".ci" / "run"
BOUND_SECONDS = 60
_MARKED = r"^<!-- {} -->\n```sh\n(.*?)^```$"


def marked(marker: str) -> list[str]:
    """Return the lines of the README's shell block after an HTML comment."""
    blocks: list[str] = re.findall(_MARKED.format(marker), README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    return blocks[0].splitlines()


def in_child(environment: Mapping[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    """Run a module of Python as a program."""
    return subprocess.run(
        [sys.executable, "-m", *argv],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND_SECONDS,
        check=False,
    )


def test_command_line_can_be_copied(tmp_path: pathlib.Path) -> None:
    """The README's `wsconn check` ends with the code for what its example shows."""
    (line,) = re.findall(r"^wsconn check .*=wss.*$", README.read_text("utf-8"), re.MULTILINE)
    with scene(tmp_path) as stage:
        child = in_child(stage.environment(README), *shlex.split(stage.adapted(line)))
    assert child.returncode == ExitCode.WARNING
    assert len(child.stderr.splitlines()) == 2  # each region has settled


@posix
def test_lab_and_its_check_can_be_copied(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's `wsconn lab` writes the files that the README's next line reads."""
    serve, check = re.findall(r"^wsconn (?:lab|check --regions) .*\.pem$", README.read_text("utf-8"), re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    with running(*shlex.split(serve)[1:]) as child:
        assert child.stderr is not None
        assert child.stderr.readline() == "Serving 3 regions on this machine until Ctrl-C.\n"
        checked = in_child(environment(), *shlex.split(check))
    assert checked.returncode == ExitCode.WARNING
    assert "✓ passed   eu" in checked.stdout


def test_commands_are_those_of_the_command_line() -> None:
    """The README's table has each command once, as `wsconn --help` has it."""
    told = re.findall(r"^\| `wsconn (\w+)", README.read_text("utf-8"), re.MULTILINE)
    printed = re.findall(r"^    ([a-z]+)  ", in_child(environment(), "wsconn", "--help").stdout, re.MULTILINE)
    assert sorted(told) == sorted(printed)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        *((key, "docs/reference/region-files.md") for key in ("[defaults]", "{ env =", "connect_to", "source")),
        *((key, "docs/reference/region-files.md") for key in ("allow", "help")),
        ("WSCONN_PAC", "docs/how-to/pac.md"),
        ("wsconn.lab.served", "docs/how-to/pytest.md"),
        ("wsconn debug", "docs/how-to/who-is-in-the-way.md"),
    ],
)
def test_what_a_newcomer_looks_for_is_named(name: str, page: str) -> None:
    """The README names it in code, and links the page that explains it."""
    told = README.read_text("utf-8")
    assert f"`{name}" in told
    assert f"]({page})" in told
    assert (ROOT / page).exists()


@pytest.mark.parametrize(("marker", "ending"), [("demo", "/wsconn demo"), ("tests", "-m pytest -n 2")])
def test_set_up_commands_are_one_line_each(marker: str, ending: str) -> None:
    """A fresh machine is set up by a single line: an environment, the install, the run."""
    (line,) = marked(marker)
    steps = line.split(" && ")
    assert len(steps) == 3
    assert steps[0] == "python3 -m venv .venv"
    assert line.endswith(ending)


@pytest.mark.skipif(not CI.exists() or os.name != "posix", reason="CI is a script for bash, and only in a checkout")
def test_ci_runs_the_command_of_the_readme() -> None:
    """CI takes its command from the README, by the marker, so that the two cannot differ."""
    script = CI.read_text("utf-8")
    (function,) = re.findall(r"^readme_command\(\) \{.*\}$", script, re.MULTILINE)
    found = subprocess.run(
        ["bash", "-c", f"{function}\nreadme_command tests"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND_SECONDS,
        check=True,
    )
    assert found.stdout.splitlines() == marked("tests")
    assert 'bash -euo pipefail -c "$(readme_command tests)"' in script.splitlines()


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name.lower())
def test_exit_codes_are_those_of_the_command_line(code: ExitCode) -> None:
    """The README's table of exit codes says what `wsconn --help` says."""
    assert f"| {code.value} | {code.meaning} |" in README.read_text("utf-8")
