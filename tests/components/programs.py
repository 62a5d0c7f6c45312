"""Start a program that others wrote, wait until it listens, and end it.

Every program runs in a session of its own, with a folder of the test's as its working directory, where its output goes
too. It is ended by its process id, and whatever is left of its children with it.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence

HOME = pathlib.Path(__file__).parents[2] / ".components"  # where tests/components/install puts what Debian has not
READY_SECONDS = 20.0
_STOP_SECONDS = 10.0
_LOOK_SECONDS = 0.02
_PORTS = range(10_000, 32_000)  # below Linux' ephemeral ports: no outgoing connection takes one in the meantime


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens."""
    while True:
        port = _PORTS[secrets.randbelow(len(_PORTS))]  # random is seeded alike in every worker of pytest-xdist
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextlib.contextmanager
def running(
    command: Sequence[str | os.PathLike[str]],
    *,
    folder: pathlib.Path,
    ports: Sequence[int],
    environment: Mapping[str, str] | None = None,
    ready_seconds: float = READY_SECONDS,
) -> Iterator[None]:
    """Run `command` in `folder` while the block lasts, which begins when every one of `ports` can be connected to."""
    output = folder / "output.txt"
    with output.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        for port in ports:
            _wait_until_listening(process, port, output, ready_seconds)
        yield
    finally:
        _end(process)


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, output: pathlib.Path, seconds: float) -> None:
    for _ in range(int(seconds / _LOOK_SECONDS)):
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), _LOOK_SECONDS):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_SECONDS)
            break
    raise AssertionError(f"{process.args} does not listen on {port}: {output.read_text(errors='replace')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
