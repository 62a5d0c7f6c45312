"""Installs a wheel for an interpreter, and runs what a reader can copy against it."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
from typing import NamedTuple

from tests.release.building import ROOT, environment, run
from tests.sources import NO_SOURCES

EXTRAS = "all,dask"
COPIED = ("tests", "docs", "examples", "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "pyproject.toml")
TESTS = ("tests/pages/test_snippets.py", "tests/pages/test_readme.py", "tests/pages/test_examples.py")
PLUGIN = "tests/lab/test_pytest_plugin.py"
_WHERE = "import wsconn, sys, platform; print(platform.python_version(), wsconn.__version__, wsconn.__file__)"


class Row(NamedTuple):
    """An interpreter, and how the manual ended there."""

    python: str
    version: str
    ended: str
    passed: bool

    def __str__(self) -> str:
        return f"| CPython {self.python} | README and manual against wsconn {self.version} | {self.ended} |"


def tried(python: str, wheel: pathlib.Path, folder: pathlib.Path) -> Row:
    """Install the wheel for `python`, and run the snippets in a copy of tests and docs."""
    wanted = (f"wsconn[{EXTRAS}] @ {wheel.as_uri()}", "-r", str(ROOT / "tests" / "release" / "requirements.txt"))
    installed = environment(python, folder / "environment", *wanted)
    copy = folder / "copy"
    copy.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=NO_SOURCES)
        elif source.exists():
            shutil.copy(source, copy)
    number, version, where = run(installed, "-c", _WHERE, at=copy).split()
    if not pathlib.Path(where).is_relative_to(folder / "environment"):
        raise SystemExit(f"{where} is not what was installed")
    command = [installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", *TESTS, PLUGIN]
    path = os.pathsep.join((str(installed.parent), os.environ["PATH"]))
    done = subprocess.run(
        command, cwd=copy, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n")
    last = done.stdout.rstrip().rpartition("\n")[2]
    ended = re.sub(r" in \d.*|=", "", last).strip()
    return Row(python=number, version=version, ended=ended, passed=done.returncode == 0)
