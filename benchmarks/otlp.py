"""What an export by OTLP costs, and how long a collector can hold it: python -m benchmarks.otlp [--regions 25]

A process exports a result of so many regions once, to a collector on loopback that takes all, refuses the connection,
is silent, says no (503), or sends a byte of its answer every half second. Beside it a process with OpenTelemetry's SDK
as its manual has it (`BatchSpanProcessor`, the HTTP exporter) makes as many spans; that needs the extra `bench`. What
is printed is the processor time of the process, and how long it went on after all had been handed over.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import machine

_ROOT = Path(__file__).parents[1]
_SPANS_EACH = 6  # of a region that passed: itself and five stages
_BOUND_SECONDS = 60.0  # for a process; one that is held longer is ended
_DRIPS = 40  # bytes, one each half second
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n"

WSCONN = """
    import sys, time
    from datetime import UTC, datetime
    from wsconn import ConnectivityResult, RegionOutcome, Status, Timings
    from wsconn.fleet import export_otlp

    url, regions = sys.argv[1], int(sys.argv[2])
    timings = Timings(resolve=0.01, connect=0.01, tls=0.02, upgrade=0.01, frames=0.01)
    outcomes = [
        RegionOutcome(
            region=f"region-{n}", url=f"wss://r{n}.example.org/", status=Status.PASSED, timings=timings, duration=0.06
        )
        for n in range(regions)
    ]
    result = ConnectivityResult(outcomes=tuple(outcomes), started_at=datetime.now(UTC), duration=0.1)
    print(time.time(), flush=True)
    print(export_otlp(result, url).lost is None, flush=True)
"""
SDK = """
    import logging, sys, time
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    logging.disable(logging.CRITICAL)
    url, spans = sys.argv[1], int(sys.argv[2])
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{url}/v1/traces")))
    for _ in range(spans):
        provider.get_tracer("benchmark").start_span("span").end()
    print(time.time(), flush=True)
"""


def main() -> None:
    """Measure all, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--regions", type=int, default=25)
    parser.add_argument("--collectors", default=",".join(COLLECTORS))
    arguments = parser.parse_args()
    regions = arguments.regions
    print(machine.describe(machine.load()), end="\n\n")
    print("| collector | exported by | CPU | held for |\n|---|---|--:|--:|")
    has_sdk = importlib.util.find_spec("requests") and importlib.util.find_spec("opentelemetry.exporter")
    for name in arguments.collectors.split(","):
        speak = COLLECTORS[name]
        print(f"| {name} | wsconn | {_run(WSCONN, speak, regions)} |", flush=True)
        if has_sdk:
            print(f"| {name} | SDK | {_run(SDK, speak, regions * _SPANS_EACH)} |", flush=True)


def _run(program: str, speak: Callable[[socket.socket], object] | None, count: int) -> str:
    with _serving(speak) as url:
        command = [sys.executable, "-c", textwrap.dedent(program), url, str(count)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])}
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert child.stdout
        handed_over = float(child.stdout.readline())
        ending = threading.Timer(_BOUND_SECONDS, child.kill)
        ending.start()
        _, _, used = os.wait4(child.pid, 0)
        held = time.time() - handed_over
        ending.cancel()
        child.returncode = 0
        child.stdout.close()
    return f"{(used.ru_utime + used.ru_stime) * 1000:.0f} ms | {held:.2f} s"


@contextlib.contextmanager
def _serving(speak: Callable[[socket.socket], object] | None) -> Iterator[str]:
    """Have `speak` answer each connection; without it nobody listens."""
    with contextlib.ExitStack() as open_sockets:
        listener = open_sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        if speak is not None:
            listener.listen()
            threading.Thread(target=_accept, args=(listener, speak), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _accept(listener: socket.socket, speak: Callable[[socket.socket], object]) -> None:
    with contextlib.suppress(OSError):
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=_answer, args=(sock, speak), daemon=True).start()


def _answer(sock: socket.socket, speak: Callable[[socket.socket], object]) -> None:
    with contextlib.suppress(OSError, ValueError), sock, sock.makefile("rb") as file:
        while line := file.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        file.read(length)
        speak(sock)


def _drip(sock: socket.socket) -> None:
    sock.sendall(_HEAD % _DRIPS)
    for _ in range(_DRIPS):
        sock.sendall(b"\n")
        time.sleep(0.5)


COLLECTORS: dict[str, Callable[[socket.socket], object] | None] = {
    "takes all": lambda sock: sock.sendall(_HEAD % 0),
    "refuses": None,
    "is silent": lambda sock: sock.recv(1),
    "answers 503": lambda sock: sock.sendall(b"HTTP/1.1 503 Overloaded\r\nContent-Length: 0\r\n\r\n"),
    "a byte each 0.5 s": _drip,
}

if __name__ == "__main__":
    main()
