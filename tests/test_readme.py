"""What a reader can copy from the README and the docs: it runs, and it prints what is written beside it.

The snippets of one page run in one child process, one after the other. No host under example.org answers, so the hosts
are replaced: `wss://down.example.org/` by a region of the lab that refuses, every other `wss://….example.org/` by a
healthy one. What a line ends with after `# -> ` must be printed, in that order.
"""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import textwrap

import pytest

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


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES if snippets(page)])
def test_snippets_print_what_is_written_beside_them(page: pathlib.Path) -> None:
    """Every Python block of a page runs, and says what the page says that it says."""
    code = "\n".join(snippets(page))
    with Lab() as lab:
        healthy, down = lab.add("healthy"), lab.add("down", fault=faults.REFUSED)
        ran = code.replace("wss://down.example.org/", down)
        ran = re.sub(r"wss://[a-z-]+\.example\.org/", healthy, ran)
        child = subprocess.run(
            [sys.executable, "-W", "error", "-c", ran],
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            timeout=BOUND_SECONDS,
            check=False,
        )
    assert (child.returncode, child.stderr) == (0, "")
    written = re.findall(r"# -> (.*)$", code, re.MULTILINE)
    assert [line for line in child.stdout.splitlines() if line in written] == written


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


def test_ci_runs_the_command_of_the_readme() -> None:
    """CI takes its command from the README, by the marker, so that the two cannot differ."""
    if not CI.exists():
        pytest.skip(f"there is no {CI.relative_to(ROOT)} here")
    script = CI.read_text("utf-8")
    assert "README.md" in script
    assert "<!-- tests -->" in script


@pytest.mark.parametrize("code", list(ExitCode), ids=lambda code: code.name.lower())
def test_exit_codes_are_those_of_the_command_line(code: ExitCode) -> None:
    """The README's table of exit codes says what `wsconn --help` says."""
    assert f"| {code.value} | {code.meaning} |" in README.read_text("utf-8")
