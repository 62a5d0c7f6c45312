"""The public names under mypy and pyright: right use has the right types, and wrong use is found."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
FILES = [str(HERE / "right.py"), str(HERE / "wrong.py")]
BOUND_SECONDS = 300

pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="needs the sources")


def test_mypy() -> None:
    """Strict mypy agrees with every type that is asserted in right.py, and needs every ignore in wrong.py."""
    check("mypy", *FILES)


def test_pyright() -> None:
    """So does pyright, which many editors have."""
    check("pyright", "--pythonpath", sys.executable, "--project", str(HERE))


def check(*argv: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *argv],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
