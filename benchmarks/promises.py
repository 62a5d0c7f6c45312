"""Measures what the contract promises in time, and prints a table: python -m benchmarks.promises [--quick]

Needs the extra `bench`, and an idle machine. The lab runs in a process of its own, so that its threads do
not compete with those that are measured. Medians, 99th percentiles and worst cases are in milliseconds.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import wsconn
from wsconn import Discovery, Region
from wsconn._probe.dialer import Dialer
from wsconn._probe.probe import Probe
from wsconn._probe.route import Route
from wsconn._probe.trust import Trust
from wsconn._proxies import Proxies
from wsconn._regions import to_regions
from wsconn._stages.request import Request
from wsconn._stages.resolve import Lookups

STUCK = {
    "resolve": "mute",  # behind a name that hangs
    "connect": "black-hole",
    "tls": "silent-tls",
    "upgrade": "mute",
    "frames": "swallowed-frames",
    "CONNECT": "mute",  # a proxy that takes the request and does not answer
    "SOCKS": "mute",
    "discovery": "mute",
}
SERVE = """
import json, sys
from wsconn.lab import Lab
with Lab() as lab:
    for name, fault, tls in json.loads(sys.argv[1]):
        lab.add(name, fault=fault, tls=tls)
    with open(sys.argv[2], "w") as file:
        json.dump(lab.regions, file)
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def lab(regions: list[tuple[str, str | None, bool]]) -> Iterator[dict[str, str]]:
    """Serve `regions` (name, fault, TLS) from another process and give their URLs."""
    with tempfile.TemporaryDirectory() as folder:
        urls = Path(folder, "regions.json")
        command = [sys.executable, "-c", SERVE, json.dumps(regions), str(urls)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                process.stdout.readline()
                yield json.loads(urls.read_text())
            finally:
                process.communicate()


def unverified() -> ssl.SSLContext:
    """A context that takes the lab's certificates: nothing is verified, since nothing of that is measured."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def row(what: str, times: list[float], promise: str) -> None:
    times = sorted(seconds * 1000 for seconds in times)
    high = times[min(len(times) - 1, int(len(times) * 0.99))]
    print(
        f"| {what} | {len(times)} | {statistics.median(times):.1f} | {high:.1f} | {times[-1]:.1f} | {promise} |",
        flush=True,
    )


def stuck(test: wsconn.ConnectivityTest, stage: str, seconds: float = 10) -> None:
    """Wait until every region of the test has reached `stage`."""
    stage = {"CONNECT": "proxy", "SOCKS": "proxy"}.get(stage, stage)
    end = time.monotonic() + seconds
    while not all(str(recorder.stage) == stage and recorder._began for recorder in test._settlement.recorders.values()):
        assert time.monotonic() < end, f"not all regions reached {stage}"
        time.sleep(0.01)


def start(regions: dict[str, str], stage: str) -> wsconn.ConnectivityTest:
    """Start a test of `regions` that gets stuck in `stage`: behind a name, a proxy or an endpoint that is silent."""
    if stage in ("CONNECT", "SOCKS"):
        proxy = next(iter(regions.values())).replace("ws://", "http://" if stage == "CONNECT" else "socks5h://")
        return start_any(dict.fromkeys(regions, "wss://eu.example/"), proxy=proxy.rstrip("/"))
    if stage == "discovery":
        endpoints = {name: Discovery(url.replace("ws", "http", 1), "/a") for name, url in regions.items()}
        return start_any([Region(name, discovery=endpoint) for name, endpoint in endpoints.items()])
    if stage != "resolve":
        return start_any(regions)
    context = unverified()
    probe = Probe(Route(Dialer(Lookups(hang), Proxies()), Trust.of(context)), Request(), True)
    named = {name: url.replace("127.0.0.1", "hangs.example") for name, url in regions.items()}
    return wsconn.ConnectivityTest(to_regions(named), probe, timeout=60, max_workers=len(regions))


def start_any(regions: dict[str, str] | list[Region], *, proxy: str | None = None) -> wsconn.ConnectivityTest:
    """Start all regions at once, with much time."""
    return wsconn.start(regions, ssl_context=unverified(), timeout=60, proxy=proxy, max_workers=len(regions))


def hang(*_: object) -> list[object]:
    """Look a name up as a resolver does whose servers are gone."""
    time.sleep(1)
    raise socket.gaierror(socket.EAI_AGAIN, "no name server")


def aborts(count: int, stage: str, times: int) -> None:
    with lab([(str(number), STUCK[stage], stage == "tls") for number in range(count)]) as regions:
        results, ends, starts = [], [], []
        for _ in range(times):
            began = time.perf_counter()
            test = start(regions, stage)
            starts.append(time.perf_counter() - began)
            stuck(test, stage)
            time.sleep(0.05)
            began = time.perf_counter()
            test.abort()
            assert test.result().result == "aborted"
            results.append(time.perf_counter() - began)
            with test:
                pass
            ends.append(time.perf_counter() - began)
    promise = "5 / 50" if count == 25 else "10"
    row(f"abort to result, {count} in {stage}", results, promise)
    row(f"abort to all closed, {count} in {stage}", ends, "250")
    row(f"`start`, {count} regions, {stage}", starts, "100 at 128")


def overshoot(times: int) -> None:
    faults = ("mute", "slow-status", "slow-headers", "endless-headers", "swallowed-frames", "black-hole", "silent-tls")
    with lab([(fault, fault, fault == "silent-tls") for fault in faults]) as regions:
        over = []
        for _ in range(times):
            result = wsconn.check(regions, ssl_context=unverified(), timeout=0.5, proxy=None)
            over += [outcome.duration - 0.5 for outcome in result.outcomes]
    row("beyond the timeout of 0.5 s, hostile peers", over, "250")
    with lab([("mute", "mute", False)]) as regions:
        over = []
        address = regions["mute"].removeprefix("ws://").rstrip("/")
        asked = Region("a", discovery=Discovery(f"http://{address}/", "/a"))
        for _ in range(times):
            for given, proxy in (
                ({"a": "wss://eu.example/"}, f"http://{address}"),
                ({"a": "wss://eu.example/"}, f"socks5h://{address}"),
                ([asked], None),
            ):
                result = wsconn.check(given, timeout=0.5, proxy=proxy)
                over += [outcome.duration - 0.5 for outcome in result.outcomes]
    row("beyond the timeout of 0.5 s, in CONNECT, SOCKS and discovery", over, "250")


EXIT = """
import json, sys, time, wsconn
regions = json.loads(sys.argv[1])
test = wsconn.start(regions, timeout=60, proxy=None)
time.sleep(0.3)
test.abort()
print(time.clock_gettime(time.CLOCK_MONOTONIC))
"""


def exits(times: int) -> None:
    with lab([(str(number), "mute", False) for number in range(25)]) as regions:
        took = []
        for _ in range(times):
            done = subprocess.run(
                [sys.executable, "-c", EXIT, json.dumps(regions)], capture_output=True, text=True, check=True
            )
            took.append(time.monotonic() - float(done.stdout))
    row("abort to the end of the process, 25 in upgrade", took, "500")


def imports(times: int) -> None:
    def run(program: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        return time.perf_counter() - began

    pairs = [(run("pass"), run("import wsconn")) for _ in range(times)]
    row("import wsconn, over bare Python", [whole - bare for bare, whole in pairs], "100")


def leaks(checks: int) -> None:
    kinds = [
        ("a", None, False),
        ("b", "refused", False),
        ("c", "mute", False),
        ("d", "http-403", False),
        ("e", None, True),
    ]
    fds = Path("/proc/self/fd")
    with lab(kinds) as regions:
        seen = []
        for number in range(checks):
            with wsconn.start(regions, ssl_context=unverified(), timeout=0.05, proxy=None) as test:
                if number % 2:
                    test.result()
            if number in (checks // 10, checks - 1):
                gc.collect()
                rss = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
                seen.append((threading.active_count(), len(list(fds.iterdir())), rss))
    (threads, files, rss), (threads2, files2, rss2) = seen
    print(f"\nAfter {checks // 10} and {checks} checks:")
    print(f"threads {threads}, {threads2}; descriptors {files}, {files2}; resident {rss}, {rss2} KiB")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the repetitions")
    share = 10 if parser.parse_args().quick else 1
    where = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} processors"
    print(f"wsconn {wsconn.__version__}, {where}\n")
    print("| what | times | median | 99th percentile | worst | promised |\n|---|---|---|---|---|---|")
    for stage in STUCK:
        aborts(25, stage, 200 // share)
    for stage in ("connect", "tls", "upgrade", "frames", "CONNECT"):
        aborts(200, stage, 30 // share)
    aborts(128, "upgrade", 30 // share)
    overshoot(20 // share)
    exits(20 // share)
    imports(20 // share)
    if Path("/proc/self/fd").exists():
        leaks(500 // share)


if __name__ == "__main__":
    main()
