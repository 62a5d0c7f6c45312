"""What the exporter costs: python -m benchmarks.exporter [--seconds 60] [--targets 200] [--blackbox PROGRAM]

`wsconn serve` in a process of its own is asked as Prometheus asks it; the targets are served by another process.

- probes: every target is probed every 5 s, over TLS, spread evenly;
- mute: as many targets that answer nothing are probed at once, and healthy ones beside them;
- scrapes: /metrics of as many regions, 10,000 times.

Prints processor time (of one processor), the time of answers, resident memory, threads and descriptors. Linux alone: it
reads /proc. `--blackbox` names a blackbox_exporter that has a websocket prober; it is asked the same, before and after.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import attrs

from benchmarks import certificates
from benchmarks.processes import Service, end, environment, python

_PORTS = 16
_EVERY_SECONDS = 5.0
_SCRAPE_TIMEOUT_SECONDS = 5.0
_ASKERS = 16
_TICKS = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 20.0


@attrs.frozen
class Exporter:
    """A process that is asked over HTTP."""

    port: int
    pid: int

    def get(self, path: str, connection: http.client.HTTPConnection | None = None) -> tuple[int, bytes]:
        """Ask once, on a connection of its own or on this one."""
        own = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        own.request("GET", path, headers={"X-Prometheus-Scrape-Timeout-Seconds": str(_SCRAPE_TIMEOUT_SECONDS)})
        answer = own.getresponse()
        body = answer.read()
        if connection is None:
            own.close()
        return answer.status, body

    def cpu(self) -> float:
        """Return the seconds of processor time that it took so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def status(self, name: str) -> int:
        """Return a number of /proc/PID/status: VmRSS and VmHWM in KiB, Threads."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    @property
    def mib(self) -> float:
        return self.status("VmRSS") / 1024


def main() -> None:
    """Measure, and print what was seen."""
    arguments = _parse()
    with tempfile.TemporaryDirectory(prefix="wsconn-bench-") as folder:
        trust = certificates.make(Path(folder), ["127.0.0.1"])
        with Service(python("server", "127.0.0.1", str(_PORTS), trust.chain, trust.key)) as server:
            ports = server.said["wss"]
            healthy = [f"wss://127.0.0.1:{ports[n % _PORTS]}/t/{n}" for n in range(arguments.targets)]
            mute = [f"wss://127.0.0.1:{ports[n % _PORTS]}/silent" for n in range(arguments.targets)]
            for turn in (1, 2) if arguments.blackbox else ():
                with (
                    _blackbox(arguments.blackbox, Path(folder), trust.roots) as theirs,
                    _serve(Path(folder), healthy[:1], ports, trust.roots) as ours,
                ):
                    for name, exporter in (("blackbox_exporter", theirs), ("wsconn serve", ours))[:: 3 - 2 * turn]:
                        _say(f"{name}, turn {turn}")
                        _probes(exporter, healthy, arguments.seconds / 4)
            _say("wsconn serve")
            with _serve(Path(folder), healthy[:1], ports, trust.roots) as exporter:
                _probes(exporter, healthy, arguments.seconds)
            with _serve(Path(folder), healthy[:1], ports, trust.roots) as exporter:
                _mute(exporter, mute, healthy)
            with _serve(Path(folder), healthy, ports, trust.roots) as exporter:
                _scrapes(exporter, arguments.scrapes)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", type=int, default=200, metavar="N", help="default 200")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="of the probes; default 60")
    parser.add_argument("--scrapes", type=int, default=10_000, metavar="N", help="default 10,000")
    parser.add_argument("--blackbox", metavar="PROGRAM", help="a blackbox_exporter to measure beside it")
    return parser.parse_args()


def _say(line: str) -> None:
    print(line, flush=True)


def _probes(exporter: Exporter, targets: Sequence[str], seconds: float) -> None:
    _timed(exporter, targets, _EVERY_SECONDS)  # a round before the clock: it loads roots and libraries
    cpu, began = exporter.cpu(), time.monotonic()
    took = _timed(exporter, targets, seconds)
    elapsed, cpu = time.monotonic() - began, exporter.cpu() - cpu
    _say(f"  {len(targets)} targets every {_EVERY_SECONDS:g} s for {elapsed:.0f} s: {len(took)} probes")
    _say(f"  processor: {cpu / elapsed * 100:.1f} % of one, {cpu / len(took) * 1000:.2f} ms a probe")
    _say(f"  answered after: median {_ms(statistics.median(took))}, 95 % {_ms(_share(took, 0.95))}")
    _say(f"  memory: {exporter.mib:.1f} MiB; threads: {exporter.status('Threads')}")


def _timed(exporter: Exporter, targets: Sequence[str], seconds: float) -> list[float]:
    """Probe each target at its own moment of each interval, and return how long each answer took."""
    took: list[float] = []
    began = time.monotonic() + 0.1

    def ask(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=30)
        for number in range(first, int(len(targets) * seconds / _EVERY_SECONDS), _ASKERS):
            time.sleep(max(0.0, began + number * _EVERY_SECONDS / len(targets) - time.monotonic()))
            asked = time.monotonic()
            status, body = exporter.get(_probe(targets[number % len(targets)]), connection)
            took.append(time.monotonic() - asked)
            assert (status, b"\nprobe_success 1" in body) == (200, True), (status, body)
        connection.close()

    _together(ask, range(_ASKERS))
    return took


def _mute(exporter: Exporter, mute: Sequence[str], healthy: Sequence[str]) -> None:
    before = _one_by_one(exporter, healthy[:50])
    took: list[float] = []
    peak = {"Threads": 0, "VmRSS": 0}

    def ask(target: str) -> None:
        asked = time.monotonic()
        status, body = exporter.get(_probe(target))
        took.append(time.monotonic() - asked)
        assert (status, b"\nprobe_success 0" in body) == (200, True), (status, body)

    askers = [threading.Thread(target=ask, args=(target,)) for target in mute]
    for asker in askers:
        asker.start()
    while f"\nwsconn_probes_in_flight {len(mute)}.0\n".encode() not in exporter.get("/metrics")[1]:
        time.sleep(0.05)
    beside = _one_by_one(exporter, healthy[:50])
    for name in peak:
        peak[name] = exporter.status(name)
    for asker in askers:
        asker.join()
    _say(f"  {len(mute)} mute targets at once: {len(took)} answered, the last after {max(took):.2f} s")
    _say(f"    (asked with a timeout of {_SCRAPE_TIMEOUT_SECONDS:g} s)")
    most = exporter.status("VmHWM") / 1024
    _say(f"  memory: {peak['VmRSS'] / 1024:.1f} MiB, at most {most:.1f}; threads: {peak['Threads']}")
    _say(f"  healthy ones beside them: 95 % {_ms(_share(beside, 0.95))}; before: 95 % {_ms(_share(before, 0.95))}")


def _one_by_one(exporter: Exporter, targets: Sequence[str]) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=30)
    took = []
    for target in targets:
        asked = time.monotonic()
        status, body = exporter.get(_probe(target), connection)
        took.append(time.monotonic() - asked)
        assert (status, b"\nprobe_success 1" in body) == (200, True), (status, body)
        time.sleep(0.02)
    connection.close()
    return took


def _scrapes(exporter: Exporter, count: int) -> None:
    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=30)
        for _ in range(number):
            exporter.get("/metrics", connection)
        connection.close()

    connection = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=30)
    size = len(exporter.get("/metrics", connection)[1])
    connection.close()
    _say(f"  /metrics, {size / 1024:.0f} KiB:")
    for share in (0.1, 0.45, 0.45):
        cpu, began = exporter.cpu(), time.monotonic()
        _together(ask, [int(count * share / 2)] * 2)
        cpu, elapsed = exporter.cpu() - cpu, time.monotonic() - began
        _say(
            f"    {int(count * share)} more in {elapsed:.0f} s, {cpu / count / share * 1000:.2f} ms each:"
            f" memory {exporter.mib:.1f} MiB, threads {exporter.status('Threads')},"
            f" descriptors {exporter.descriptors()}"
        )


def _together(ask: Callable[[int], None], numbers: Sequence[int]) -> None:
    askers = [threading.Thread(target=ask, args=(number,)) for number in numbers]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()


def _probe(target: str) -> str:
    return f"/probe?module=bench&target={quote(target, safe='')}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _share(took: Sequence[float], share: float) -> float:
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


@contextmanager
def _serve(folder: Path, targets: Sequence[str], ports: Sequence[int], roots: str) -> Iterator[Exporter]:
    regions, modules = folder / "regions.toml", folder / "modules.toml"
    regions.write_text("".join(f'[regions.r{n}]\nurl = "{url}"\n' for n, url in enumerate(targets)))
    allowed = ", ".join(f'"wss://127.0.0.1:{port}/"' for port in ports)
    modules.write_text(f"[modules.bench]\nallow = [{allowed}]\ntimeout = 10.0\n")
    command = [sys.executable, "-m", "wsconn", "serve", "--regions", str(regions), "--modules", str(modules)]
    command += ["--listen", "127.0.0.1:0", "--interval", "3600", "--proxy", "none", "--ca-file", roots]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment())
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        exporter = Exporter(int(said.partition("127.0.0.1:")[2].partition("/")[0]), process.pid)
        until = time.monotonic() + _START_SECONDS
        while exporter.get("/-/ready")[0] != 200 and time.monotonic() < until:
            time.sleep(0.1)
        yield exporter
    finally:
        process.terminate()
        end(process)


@contextmanager
def _blackbox(program: str, folder: Path, roots: str) -> Iterator[Exporter]:
    written = folder / "blackbox.yml"
    written.write_text("modules: {bench: {prober: websocket, timeout: 10s}}\n")
    port = 19115
    command = [program, f"--config.file={written}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    process = subprocess.Popen(command, text=True, env={**environment(), "SSL_CERT_FILE": roots})
    try:
        exporter = Exporter(port, process.pid)
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            try:
                exporter.get("/-/healthy")
                break
            except OSError:
                time.sleep(0.1)
        yield exporter
    finally:
        process.terminate()
        end(process)


if __name__ == "__main__":
    main()
