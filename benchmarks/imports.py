"""What it costs to import each library, over Python alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.processes import ROOT, environment

VERSION = "`wsconn --version`"
_STATEMENTS = {
    "wsconn": "import wsconn",
    "websocket-client": "import websocket",
    "websockets": "import websockets.asyncio.client",
    "websockets-sync": "import websockets.sync.client",
    "aiohttp": "import aiohttp",
    "picows": "import picows",
    "bare": "import socket, ssl, concurrent.futures",
}


def measure(clients: list[str], rounds: int) -> dict[str, list[float]]:
    """Return seconds over bare Python, one figure a round, in pairs so that a machine that slows down slows both."""
    commands = {f"`{statement}`": _python(statement) for name, statement in _STATEMENTS.items() if name in clients}
    if "wsconn" in clients:
        commands[VERSION] = _version()
    took: dict[str, list[float]] = {what: [] for what in commands}
    for command in commands.values():
        _run(command)  # writes what is compiled
    for _ in range(rounds):
        for what, command in commands.items():
            bare = _run(_python("pass"))
            took[what].append(_run(command) - bare)
    return took


def table(took: dict[str, list[float]]) -> list[str]:
    """Return the lines of a Markdown table."""
    rows = ["| | runs | ms over `python -c pass` | min to max |", "|---|---|---|---|"]
    for what, seconds in sorted(took.items(), key=lambda item: statistics.median(item[1])):
        times = [1000 * one for one in seconds]
        rows.append(
            f"| {what} | {len(times)} | {statistics.median(times):.0f} | {min(times):.0f} to {max(times):.0f} |"
        )
    return rows


def _python(statement: str) -> list[str]:
    return [sys.executable, "-c", statement]


def _version() -> list[str]:
    script = Path(sys.executable).with_name("wsconn")
    return [str(script), "--version"] if script.exists() else [sys.executable, "-m", "wsconn", "--version"]


def _run(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
