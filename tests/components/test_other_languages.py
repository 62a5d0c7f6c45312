"""The page on Node and other languages: its files are run by the real `node`, its shell commands by a shell."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import pytest

from tests.components.programs import HOME, free_port
from tests.pages.snippets import ROOT, Snippet, snippets

PAGE = ROOT / "docs" / "how-to" / "other-languages.md"
MODULES = HOME / "node" / "node_modules"
BOUND_SECONDS = 120

pytestmark = [
    pytest.mark.components,
    pytest.mark.skipif(not MODULES.exists() or not PAGE.exists(), reason="tests/components/install has not run"),
]


def files() -> dict[str, Snippet]:
    """Return the blocks of the page that are files, by their names."""
    return {block.comment.removeprefix("file: "): block for block in snippets(PAGE) if block.language == "js"}


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder as the page leads to it: its files, npm's `ws`, and `wsconn` on PATH."""
    for name, block in files().items():
        (tmp_path / name).write_text(block.code, "utf-8")
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "wsconn"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wsconn "$@"\n')
    command.chmod(0o755)
    return tmp_path


def run(folder: pathlib.Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command there; it and its children end with it, or are ended."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    path = os.pathsep.join((str(folder / "bin"), os.environ["PATH"]))
    child = subprocess.Popen(
        command,
        cwd=folder,
        env={**kept, "PATH": path, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = child.communicate(timeout=BOUND_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
    return subprocess.CompletedProcess(command, child.returncode, said)


def test_a_call_moves_on_and_comes_back(folder: pathlib.Path) -> None:
    """The page's test passes, all of it, and ends its lab."""
    done = run(folder, "node", "--test")
    assert done.returncode == 0, done.stdout
    assert len(re.findall(r"^# pass 2$", done.stdout, re.MULTILINE)) == 1, done.stdout


def test_the_test_would_see_a_call_that_stays(folder: pathlib.Path) -> None:
    """Where the client does not move on, it fails: it is no test that passes anyway."""
    for name, before, after in (
        ("call.mjs", "if (this.left) return;", "if (this.left || joined) return;"),
        ("call.test.mjs", "timeout = 10_000", "timeout = 1_000"),
    ):
        text = (folder / name).read_text("utf-8")
        assert before in text
        (folder / name).write_text(text.replace(before, after), "utf-8")
    done = run(folder, "node", "--test")
    assert done.returncode == 1, done.stdout
    assert "# pass 1\n" in done.stdout


def test_a_fault_that_is_misspelt_is_told(folder: pathlib.Path) -> None:
    """The helper raises what the lab says of it, at the start and later."""
    program = (
        'import { startLab } from "./lab.mjs";\n'
        'const lab = await startLab("eu=healthy");\n'
        'try { await lab.put("eu", "expierd"); } catch (error) { console.log(error.message); }\n'
        "lab.stop();\n"
        'try { await startLab("eu=expierd"); } catch (error) { console.log(error.message); }\n'
    )
    (folder / "misspelt.mjs").write_text(program)
    done = run(folder, "node", "misspelt.mjs")
    assert "there is no fault 'expierd'; try expired\n" in done.stdout
    assert "wsconn lab: there is no fault 'expierd'; try expired\n" in done.stdout
    assert "wsconn lab has ended" in done.stdout
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_shell_commands(folder: pathlib.Path) -> None:
    """They break the region, heal it, and end the lab."""
    (block,) = [block for block in snippets(PAGE) if block.comment == "control"]
    done = run(folder, "sh", "-eu", "-c", f"{block.code.replace('8765', str(free_port()))}\nwait")
    assert re.findall(r'"fault": "([\w-]+)"', done.stdout) == ["healthy", "healthy", "http-503", "healthy"]
    assert not (folder / "ready.json").exists()
