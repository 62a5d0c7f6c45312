"""Runs a client on a case, in a process of its own, and returns what was seen."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import attrs

from benchmarks.cases import Case
from benchmarks.certificates import Certificates
from benchmarks.processes import Service, end, start_client

_LOOK_SECONDS = 0.001
_START_SECONDS = 60.0  # for whatever a client does beside waiting for regions, on a slow machine


@attrs.frozen
class Client:
    """How it is chosen, its file in `clients`, what must be installed for it, and what it is."""

    name: str
    module: str
    needs: str
    is_python_peer: bool = True
    pings: bool = False  # where frames are verified; others have no part in that
    folder: Path | None = None  # of another wsconn than this checkout's
    python: str = sys.executable

    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.needs) is not None


CLIENTS = {
    client.name: client
    for client in (
        Client("wsconn", "wsconn_warm", "wsconn", is_python_peer=False, pings=True),
        Client("bare", "bare_sockets", "socket", is_python_peer=False, pings=True),
        Client("picows", "picows_tasks", "picows"),
        Client("aiohttp", "aiohttp_tasks", "aiohttp", pings=True),
        Client("websockets", "websockets_tasks", "websockets", pings=True),
        Client("websockets-sync", "websockets_threads", "websockets", pings=True),
        Client("websocket-client", "websocket_client_shared", "websocket", pings=True),
        Client("websocket-client-alone", "websocket_client_alone", "websocket"),
    )
}
OURS = "wsconn"
COLD = Client("wsconn, nothing imported", "wsconn_cold", "wsconn", is_python_peer=False)
SOAK = Client("wsconn-soak", "wsconn_soak", "wsconn", is_python_peer=False)


@attrs.frozen(kw_only=True)
class Seen:
    """One run. Times are seconds, sizes KiB; `None` where it was not looked at or the system does not tell."""

    wall: float  # to the last verdict
    closed: float  # until everything is closed
    cpu: float
    passes: Sequence[bool] = attrs.field(repr=False)
    settled: Sequence[float] = attrs.field(repr=False)
    abort: float | None
    peak_kib: int | None
    in_flight_kib: int | None
    why: str
    process: float  # the whole process, interpreter and imports included
    server_cpu: float
    late: float | None  # how late packets were at worst
    threads: int | None = None  # beside the main thread

    def false_verdicts(self, case: Case) -> int:
        """Return how many regions passed that could not, or failed that could."""
        return sum(passed == (number in case.black_holes) for number, passed in enumerate(self.passes))


class Failed(Exception):
    """The client said nothing of use; says what it did say."""


@attrs.frozen
class Site:
    """What clients are let loose on."""

    certificates: Certificates
    local: Service
    far: Service | None = None
    delays: Service | None = None

    def run(self, client: Client, case: Case, *, counts_threads: bool = False) -> Seen:
        """Run it once. To count threads takes processor time, so that times from such a run are not to be used."""
        server = self.far if case.is_far else self.local
        assert server is not None
        roots, variables = None, {}
        if case.trusts_by_default:
            variables = {"SSL_CERT_FILE": self.certificates.roots, "SSL_CERT_DIR": "/nonexistent"}
        elif case.scheme == "wss":
            roots = self.certificates.roots
        plan = {
            "urls": case.urls(server.said),
            "timeout": case.timeout,
            "abort_after": case.abort_after,
            "roots": roots,
            "is_far": case.is_far,
            "pings": case.pings,
        }
        if self.delays is not None:
            self.delays.ask()
        before, began = server.ask()["cpu"], time.perf_counter()
        process = start_client(client.module, variables, client.folder, client.python)
        try:
            count = _ThreadCount(process.pid) if counts_threads else None
            said, errors = process.communicate(json.dumps(plan), case.timeout + _START_SECONDS)
            took = time.perf_counter() - began
            threads = count.end() if count else None
        except subprocess.TimeoutExpired:
            raise Failed(f"nothing after {case.timeout + _START_SECONDS:.0f} s") from None
        finally:
            process.kill()
            end(process)
        return _seen(said, errors, took, server.ask()["cpu"] - before, self._late(case), threads)

    def _late(self, case: Case) -> float | None:
        return self.delays.ask()["latest"] if case.is_far and self.delays is not None else None


def _seen(said: str, errors: str, process: float, server_cpu: float, late: float | None, threads: int | None) -> Seen:
    try:
        figures = json.loads(said)
    except ValueError:
        raise Failed(" ".join(errors.split())[-300:] or "nothing printed") from None
    verdicts = figures.pop("verdicts")
    return Seen(
        passes=[bool(verdict and verdict[0]) for verdict in verdicts],
        settled=[verdict[1] if verdict else figures["closed"] for verdict in verdicts],
        process=process,
        server_cpu=server_cpu,
        late=late,
        threads=threads,
        **figures,
    )


class _ThreadCount:
    """Looks at another process' threads until that ends, or the count does."""

    def __init__(self, pid: int) -> None:
        self._tasks = Path(f"/proc/{pid}/task")
        self._most = 0
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="thread-count")
        self._thread.start()

    def end(self) -> int | None:
        self._has_ended.set()
        self._thread.join()
        return self._most - 1 if self._most else None

    def _look(self) -> None:
        while not self._has_ended.wait(_LOOK_SECONDS):
            try:
                self._most = max(self._most, len(list(self._tasks.iterdir())))
            except OSError:  # it is gone, or this is not Linux
                return
