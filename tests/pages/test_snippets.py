"""What a reader can copy from the README and the docs runs, and prints what is written beside it.

The Python blocks of one page run in one process, one after the other; what a line ends with after `# -> ` must be
printed, in that order. Blocks of shell commands run in a shell; a line may say `# exits with 3`.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator

import pytest

import wsconn
from tests.pages.snippets import PAGES, README, Scene, Snippet, all_snippets, by_name, scene, snippets

BOUND_SECONDS = 60
RUNS_FOR_EVER_SECONDS = 2.0  # long enough for a round, then Ctrl-C
WIDEST_COLUMNS = 88  # what a page shows without a scroll bar
RUN = {"python", "sh", "toml", "json", "js"}  # js: in tests/components/test_other_languages.py
SHOWN = {"text"}  # what programs print
TESTED_ELSEWHERE = {
    "demo",
    "lab",
    "tests",
    "control",
}  # lines that belong together: test_readme.py, CI, and tests/components/test_other_languages.py
RESULTS = {0, 1, 3}  # exit codes that tell a result; all others are misuse or a fault


@pytest.fixture
def stage(tmp_path: pathlib.Path) -> Iterator[Scene]:
    with scene(tmp_path) as stage:
        yield stage


WITH_PYTHON = [page for page in PAGES if any(s.language == "python" and not s.reason for s in snippets(page))]


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in WITH_PYTHON])
def test_python_prints_what_is_written_beside_it(page: pathlib.Path, stage: Scene) -> None:
    """Every Python block of a page runs, and says what the page says that it says."""
    code = "\n".join(s.code for s in snippets(page) if s.language == "python" and not s.reason)
    if "from gevent" in code:
        pytest.importorskip("gevent", reason="gevent is not installed")
    child = subprocess.run(
        [sys.executable, "-c", stage.adapted(code)],
        capture_output=True,
        cwd=stage.folder,
        encoding="utf-8",
        env=stage.environment(page),
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert (child.returncode, child.stderr) == (0, ""), child.stdout
    written = re.findall(r"# -> (.*)$", code, re.MULTILINE)
    assert [line for line in child.stdout.splitlines() if line in written] == written


SHELL = [snippet for snippet in all_snippets("sh") if snippet.comment not in TESTED_ELSEWHERE]


@pytest.mark.skipif(os.name != "posix", reason="the blocks are for a POSIX shell")
@pytest.mark.parametrize("snippet", by_name(SHELL))
def test_shell_commands_tell_a_result(snippet: Snippet, stage: Scene) -> None:
    """Every command of a shell block is understood and ends with the code of a result, or the one that is noted."""
    child = subprocess.Popen(
        [shutil.which("sh") or "sh", "-c", stage.adapted(snippet.code)],
        cwd=stage.folder,
        env=stage.environment(snippet.page),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    endless = snippet.comment == "until Ctrl-C"
    try:
        said, _ = child.communicate(timeout=RUNS_FOR_EVER_SECONDS if endless else BOUND_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGINT)
        try:
            said, _ = child.communicate(timeout=BOUND_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            said, _ = child.communicate()
            pytest.fail(f"Ctrl-C does not end it: {said}")
        assert endless, said
        return
    assert not endless, said
    codes = [int(code) for code in (stage.folder / "codes").read_text().split()]
    assert len(codes) == len(re.findall(r"\bwsconn [a-z]", snippet.code)), said
    noted = [int(code) for code in re.findall(r"# exits with (\d+)", snippet.code)]
    assert codes == noted if noted else set(codes) <= RESULTS, said


@pytest.mark.parametrize("snippet", by_name(all_snippets("toml", "json")))
def test_files_of_regions_can_be_loaded(
    snippet: Snippet, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file of regions is one that the library takes, with the names that it shows."""
    for variable in re.findall(r'env = "(\w+)"', snippet.code):
        monkeypatch.setenv(variable, "a value")
    file = tmp_path / f"regions.{snippet.language}"
    file.write_text(snippet.code, "utf-8")
    document = (tomllib if snippet.language == "toml" else json).loads(snippet.code)
    named = [*document.get("template", {}).get("regions", []), *document.get("regions", {})]
    assert [region.name for region in wsconn.load_regions(file)] == named


@pytest.mark.parametrize("snippet", by_name([s for page in PAGES for s in snippets(page) if s.reason]))
def test_what_is_not_run_says_why(snippet: Snippet) -> None:
    """A block that cannot run here has its reason above it: a comment that no reader of the page sees."""
    assert len(snippet.reason.split()) >= 3


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.stem)) for page in PAGES])
def test_every_block_is_run_or_says_why_not(page: pathlib.Path) -> None:
    """There is no block in a language that nobody runs, and none that the pattern does not find."""
    found = snippets(page)
    directives = [s for s in found if s.language.startswith("{")]
    others = [s for s in found if s not in directives and not s.reason]
    assert {s.language for s in others} <= RUN | SHOWN
    if page != README:  # which is read elsewhere
        assert max((len(line) for s in others for line in s.code.splitlines()), default=0) <= WIDEST_COLUMNS
    assert page.read_text("utf-8").count("```") == 2 * len(found) + sum(s.code.count("```") for s in found)


def test_readme_has_code() -> None:
    """The README shows what it says."""
    assert sum(s.language == "python" for s in snippets(README)) >= 5
