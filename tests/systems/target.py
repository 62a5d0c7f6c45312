"""A Python on another system: how a command reaches it, what it is, and what the suite says there."""

from __future__ import annotations

import ast
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = ROOT / ".components" / "systems"  # what is set up here, a folder for each; a checkout's own
SECONDS = 3600.0  # for a suite, on a busy machine or an emulated one
_DEMO_SECONDS = 300.0
_ABOUT = "tests/systems/about.py"
_OPTIONS = ("-q", "-p", "no:cacheprovider")


class Counts(NamedTuple):
    """How the tests of a run ended. Those that were left out are counted by their reason."""

    passed: int
    failed: int
    left_out: Mapping[str, int]


class Target(NamedTuple):
    """A Python on another system. `command` starts it, and is followed by its arguments."""

    command: Sequence[str | os.PathLike[str]]
    environment: Mapping[str, str] = {}

    def run(self, *arguments: str, seconds: float = SECONDS) -> int:
        """Run it in the checkout, pass on what it prints, and return how it ended."""
        child = self._start(arguments, seconds, stderr=subprocess.STDOUT)
        sys.stdout.write(child.stdout.decode("utf-8", "replace"))
        sys.stdout.flush()
        return child.returncode

    def demo(self, timeout: float) -> None:
        """Run `wsconn demo`, with so many seconds for each region; `SystemExit` if one does not end as set up."""
        if failed := self.run("tests/systems/patient_demo.py", str(timeout), seconds=_DEMO_SECONDS):
            raise SystemExit(failed)

    def about(self) -> dict[str, Any]:
        """Return what it says of itself."""
        child = self._start((_ABOUT,), 120, stderr=subprocess.PIPE)
        child.check_returncode()
        return dict(json.loads(child.stdout))

    def test(self, tests: Sequence[str], *, workers: int = 2, seconds: float = SECONDS) -> Counts:
        """Run these tests, or all of them where none is named; `SystemExit` if one fails or none runs."""
        parallel = ("-n", str(workers), "--dist", "worksteal") if workers else ()
        HOME.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="report-", dir=HOME) as folder:  # others may be tried at once
            report = pathlib.Path(folder) / "report.xml"
            name = report.relative_to(ROOT).as_posix()
            failed = self.run("-m", "pytest", *_OPTIONS, *parallel, f"--junitxml={name}", *tests, seconds=seconds)
            if failed:
                raise SystemExit(failed)
            return counts_in(report)

    def _start(self, arguments: Sequence[str], seconds: float, *, stderr: int) -> subprocess.CompletedProcess[bytes]:
        # To a pipe, always: wine cannot write to everything that a child may be given.
        return subprocess.run(
            [*self.command, *arguments],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            timeout=seconds,
            check=False,
        )


def counts_in(report: pathlib.Path) -> Counts:
    """Count what is in pytest's JUnit file."""
    cases = list(ET.parse(report).iter("testcase"))
    skipped = [found for case in cases if (found := case.find("skipped")) is not None]
    left_out = collections.Counter(map(_reason, skipped))
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    return Counts(len(cases) - failed - left_out.total(), failed, dict(sorted(left_out.items())))


def _reason(skipped: ET.Element) -> str:
    """Return why a test was left out, or all of a file: pytest writes that as a tuple of place and reason."""
    message = skipped.get("message", "")
    if message == "collection skipped" and skipped.text:
        _, _, message = ast.literal_eval(skipped.text)
    return str(message).removeprefix("Skipped: ")
