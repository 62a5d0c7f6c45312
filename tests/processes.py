"""Programs in processes of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time

import pytest

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals, fork or limits")
STRICTLY = ("-X", "dev", "-W", "error")


def run(program: str, *argv: str, timeout: float = 60, options: tuple[str, ...] = STRICTLY) -> list[str]:
    """Run a program in a process of its own and return the lines that it prints, the time of its end as the last."""
    command = [sys.executable, *options, "-c", textwrap.dedent(program), *argv]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return [*done.stdout.splitlines(), str(time.monotonic())]
