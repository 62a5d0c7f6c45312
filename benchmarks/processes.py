"""The processes that the benchmark starts, each ended by the object that stands for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
_END_SECONDS = 2.0


def python(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of the benchmark's."""
    return [sys.executable, "-m", f"benchmarks.{module}", *arguments]


def environment() -> dict[str, str]:
    """Return this process' environment without what would change the clients' ways: proxies, other roots."""
    meddling = ("_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
    return {name: value for name, value in os.environ.items() if not name.upper().endswith(meddling)}


class Service:
    """A process that says when it is ready, answers questions, and ends when its stdin does: see `answering`.

    It has a session of its own, so that Ctrl-C reaches the benchmark alone, which then ends it.
    """

    def __init__(self, command: Sequence[str], *, keeps: Sequence[int] = ()) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(),
            start_new_session=True,
            pass_fds=keeps,
        )
        try:
            self.said = self._read()
        except BaseException:
            self.end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self) -> dict[str, float]:
        """Return its figures, among them `cpu`: the seconds of processor time that it took so far."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()

    def end(self) -> None:
        end(self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ChildProcessError(f"{self._process.args!r} has ended")
        said: dict[str, Any] = json.loads(line)
        return said


def start_client(
    module: str, variables: Mapping[str, str], folder: Path | None = None, interpreter: str = sys.executable
) -> subprocess.Popen[str]:
    """Start a client, which waits for its plan; it has the wsconn in `folder` if that is given, else this one."""
    return subprocess.Popen(
        [interpreter, "-m", f"benchmarks.clients.{module}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder or ROOT,
        env={**environment(), **variables, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


def end(process: subprocess.Popen[str]) -> None:
    """End a process that was started here, and wait for it."""
    if process.stdin is not None and not process.stdin.closed:
        process.stdin.close()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
