"""Prometheus' own checks of rules, configurations and metrics."""

from __future__ import annotations

import subprocess

SECONDS = 30.0


def promtool(*argv: object, given: str | bytes = "") -> str:
    """Run it with `given` on its stdin; it must have nothing to say against that. Return what it says."""
    given = given if isinstance(given, bytes) else given.encode()
    command = ["promtool", *map(str, argv)]
    done = subprocess.run(command, input=given, capture_output=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return (done.stdout + done.stderr).decode()
