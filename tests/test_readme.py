"""What a reader can copy from the README and the docs: it runs, and it prints what is written beside it.

The snippets of one page run in one child process, one after the other. No host under example.org answers, so the hosts
are replaced: `wss://down.example.org/` by a region of the lab that refuses, every other `wss://….example.org/` by a
healthy one. What a line ends with after `# -> ` must be printed, in that order.
"""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import subprocess
import sys
import textwrap

import pytest
from command_line import posix, running

import wsconn
from wsconn._cli import ExitCode
from wsconn.lab import Lab, faults

ROOT = pathlib.Path(__file__).parents[1]
README = ROOT / "README.md"
CI = ROOT / ".ci" / "run"
PAGES = [README, *sorted((ROOT / "docs").glob("**/*.md"))]
BOUND_SECONDS = 60
_PYTHON = re.compile(r"^([ ]*)```python\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_MARKED = r"^<!-- {} -->\n```sh\n(.*?)^```$"


def snippets(page: pathlib.Path) -> list[str]:
    """Return the code of a page, block by block; blocks in a list are indented."""
    return [textwrap.dedent(code) for _, code in _PYTHON.findall(page.read_text("utf-8"))]


def marked(marker: str) -> list[str]:
    """Return the lines of the README's shell block after an HTML comment."""
    blocks: list[str] = re.findall(_MARKED.format(marker), README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    return blocks[0].splitlines()


def reachable(code: str, lab: Lab) -> str:
    """Put the lab's regions in the place of the hosts that are not there."""
    healthy, down = lab.add("healthy"), lab.add("down", fault=faults.REFUSED)
    return re.sub(r"wss://[a-z-]+\.example\.org/", healthy, code.replace("wss://down.example.org/", down))


def in_child(*args: str) -> subprocess.CompletedProcess[str]:
    """Run Python with every warning an error, and no proxy on the way to the lab."""
    return subprocess.run(
        [sys.executable, "-W", "error", *args],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "no_proxy": "127.0.0.1"},
        timeout=BOUND_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES if snippets(page)])
def test_snippets_print_what_is_written_beside_them(page: pathlib.Path) -> None:
    """Every Python block of a page runs, and says what the page says that it says."""
    code = "\n".join(snippets(page))
    with Lab() as lab:
        child = in_child("-c", reachable(code, lab))
    assert (child.returncode, child.stderr) == (0, "")
    written = re.findall(r"# -> (.*)$", code, re.MULTILINE)
    assert [line for line in child.stdout.splitlines() if line in written] == written


def test_file_of_regions_can_be_loaded(tmp_path: pathlib.Path) -> None:
    """The README's file is one that the library takes."""
    (content,) = re.findall(r"^```toml\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    file = tmp_path / "regions.toml"
    file.write_text(content, "utf-8")
    loaded = wsconn.load_regions(file)
    assert {region.name for region in loaded} == {"eu-central-1", "us-east-1", "ap-south-1"}


def test_command_line_can_be_copied() -> None:
    """The README's `wsconn check` is understood, and ends with the code for what its example shows."""
    (line,) = re.findall(r"^wsconn check .*=wss.*$", README.read_text("utf-8"), re.MULTILINE)
    with Lab() as lab:
        child = in_child("-m", *shlex.split(reachable(line, lab)))
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
        checked = in_child("-m", *shlex.split(check))
    assert checked.returncode == ExitCode.WARNING
    assert "✓ passed   eu" in checked.stdout


def test_commands_are_those_of_the_command_line() -> None:
    """The README's table has each command once, as `wsconn --help` has it."""
    told = re.findall(r"^\| `wsconn (\w+)", README.read_text("utf-8"), re.MULTILINE)
    printed = re.findall(r"^    ([a-z]+)  ", in_child("-m", "wsconn", "--help").stdout, re.MULTILINE)
    assert sorted(told) == sorted(printed)


def test_readme_has_code() -> None:
    """The pattern that finds the blocks finds all of them, indented ones too."""
    assert len(snippets(README)) == README.read_text("utf-8").count("```python") >= 5


@pytest.mark.parametrize(("marker", "ending"), [("demo", "/wsconn demo"), ("tests", "--cov-report=term-missing")])
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
