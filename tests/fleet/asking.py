"""Ask an exporter: as a WSGI server does, in this process, or over HTTP where `wsconn serve` runs in its own."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import attrs

from tests.cli.command_line import BOUND_SECONDS, arguments, environment
from wsconn.fleet import Exporter

Series = dict[str, float]


@attrs.frozen
class Answered:
    """Status, headers and content of an answer."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def series(self) -> Series:
        """Each series with its value, its labels in the order of their names."""
        lines = [line for line in self.body.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def ask(app: Exporter, path: str, query: str = "", *, method: str = "GET", **headers: str) -> Answered:
    """Call a WSGI application; `headers` are as it has them in the environment: `HTTP_HOST`."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, **headers}
    seen: list[Any] = []
    body = b"".join(app(environ, lambda status, headers: seen.append((status, headers))))  # type: ignore[arg-type,return-value]
    status, answered = seen[0]
    return Answered(int(status.split()[0]), dict(answered), body.decode())


def probe(target: str, **more: str) -> str:
    """Return a query that asks for a probe."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in {"target": target, **more}.items())


@attrs.define
class Served:
    """`wsconn serve`, in a process of its own."""

    process: subprocess.Popen[str]
    said: list[str]

    @property
    def port(self) -> int:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", "".join(self.said))
        assert found, self.said
        return int(found[1])

    def get(self, path: str, **headers: str) -> Answered:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=BOUND_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return Answered(answer.status, dict(answer.getheaders()), answer.read().decode())

    def read_line(self) -> str:
        assert self.process.stderr is not None
        self.said.append(self.process.stderr.readline())
        return self.said[-1]


@contextlib.contextmanager
def serving(*options: str, **changes: str) -> Iterator[Served]:
    """Run `wsconn serve` at a free port until the end of the block."""
    process = subprocess.Popen(
        arguments("serve", "--listen", "127.0.0.1:0", "--proxy", "none", *options),
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(**changes),
    )
    try:
        served = Served(process, [])
        while "Serving" not in served.read_line():
            assert served.said[-1], served.said
        yield served
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=BOUND_SECONDS)
        assert "Traceback" not in rest, rest
