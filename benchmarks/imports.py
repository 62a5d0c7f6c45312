"""What it costs to import each library, over Python alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.processes import ROOT, environment

VERSION = "`wsconn --version`"
CHECK = "`wsconn check` of a region that is refused"
CHECK_TLS = "`wsconn check` of a `wss` region that is refused"
IMPORT = "`import wsconn`"
BARE = "`python -c pass`"
BEFORE = ", before"  # what is added to a name
_REFUSED = "://127.0.0.1:9/"  # the port called discard, which no machine listens on today
_STATEMENTS = {
    "wsconn": "import wsconn",
    "websocket-client": "import websocket",
    "websockets": "import websockets.asyncio.client",
    "websockets-sync": "import websockets.sync.client",
    "aiohttp": "import aiohttp",
    "picows": "import picows",
    "bare": "import socket, ssl, concurrent.futures",
}


def measure(clients: list[str], rounds: int, before: Path | None = None) -> dict[str, list[float]]:
    """Return seconds over bare Python, one figure a round, in pairs so that a machine that slows down slows both.

    With `before`, a folder with an earlier wsconn, what concerns wsconn is measured there as well.
    """
    commands = {
        f"`{statement}`": (_python(statement), ROOT) for name, statement in _STATEMENTS.items() if name in clients
    }
    if "wsconn" in clients:
        commands |= {
            VERSION: (_module("--version"), ROOT),
            CHECK: (_module("check", f"a=ws{_REFUSED}"), ROOT),
            CHECK_TLS: (_module("check", f"a=wss{_REFUSED}"), ROOT),
        }
    if before is not None:
        commands |= {
            what + BEFORE: (commands[what][0], before)
            for what in (IMPORT, VERSION, CHECK, CHECK_TLS)
            if what in commands
        }
    took: dict[str, list[float]] = {what: [] for what in (*commands, BARE)}
    for command, folder in commands.values():
        _run(command, folder)  # writes what is compiled
    for _ in range(rounds):
        for what, (command, folder) in commands.items():
            bare = _run(_python("pass"), folder)
            took[BARE].append(bare)
            took[what].append(_run(command, folder) - bare)
    return took


def table(took: dict[str, list[float]]) -> list[str]:
    """Return the lines of a Markdown table."""
    rows = ["| | runs | ms over `python -c pass` | min to max |", "|---|---|---|---|"]
    for what, seconds in sorted(
        ((what, took[what]) for what in took if what != BARE), key=lambda item: statistics.median(item[1])
    ):
        times = [1000 * one for one in seconds]
        rows.append(
            f"| {what} | {len(times)} | {statistics.median(times):.0f} | {min(times):.0f} to {max(times):.0f} |"
        )
    return rows


def _python(statement: str) -> list[str]:
    return [sys.executable, "-c", statement]


def _module(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "wsconn", *arguments]


def _run(command: list[str], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run(
        command,
        check="check" not in command,
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - began
