"""What it costs to merge many machines' reports: python -m benchmarks.merge [--machines 10000] [--rounds 1]

Makes the reports of a fleet at 100 sites with 25 regions: one site behind a device that opens TLS, one region that has
failed everywhere for half of the rounds, one machine of a hundred with a region that fails by chance. Each is what
`wsconn check --format json` writes, a file each. Then `wsconn merge` runs in a process of its own, for each format, and
its processor time, its wall time and its peak of memory are printed, the size of what it wrote, and what a report takes
as a line of JSON, alone and compressed.
"""

from __future__ import annotations

import argparse
import copy
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import machine
from wsconn import (
    Attempt,
    Cause,
    ConnectivityResult,
    Evidence,
    Failure,
    RegionOutcome,
    Stage,
    Status,
    Timings,
    TlsInfo,
    reports,
)
from wsconn.fleet._merged.aws import AWS_REGIONS

REGIONS = [*sorted(AWS_REGIONS.keys() - {"sa-east-1"})[:24], "sa-east-1"]
SITES, EVERY_SECONDS = 100, 300
BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
_FORMATS = ("json", "html", "csv", "prometheus", "markdown", "text")
_COMPRESSED = 200  # reports


def main() -> None:
    """Make the reports, merge them, and print what was seen."""
    arguments = _parse()
    load = machine.load()
    with tempfile.TemporaryDirectory(prefix="wsconn-merge-") as name:
        folder = Path(name)
        sizes = _make(folder / "reports", arguments.machines, arguments.rounds)
        print(machine.describe(load), end="\n\n")
        count = arguments.machines * arguments.rounds
        print(f"{count} reports of {arguments.machines} machines, {sum(sizes) / count / 1000:.1f} kB each as files.\n")
        print("| format | wall | CPU | peak | reports a second of CPU | written |")
        print("|---|--:|--:|--:|--:|--:|")
        for form in arguments.formats.split(","):
            print(_merge(folder, form, count, arguments.last), flush=True)
        print(f"\n{_lines(arguments.machines)}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--last", type=int, default=100)
    parser.add_argument("--formats", default=",".join(_FORMATS))
    return parser.parse_args()


def _merge(folder: Path, form: str, count: int, last: int) -> str:
    output = folder / f"fleet.{form}"
    command = [sys.executable, "-m", "wsconn", "merge", "reports", "--last", str(last), "--quiet"]
    began = time.perf_counter()
    child = subprocess.Popen([*command, "--format", form, "--output", output], cwd=folder, env=_environment())
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    assert child.returncode in (0, 3), child.returncode
    cpu = used.ru_utime + used.ru_stime
    return (
        f"| {form} | {wall:.1f} s | {cpu:.1f} s | {used.ru_maxrss / 1024:.0f} MiB | {count / cpu:.0f} |"
        f" {output.stat().st_size / 1000:.0f} kB |"
    )


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


def _lines(machines: int) -> str:
    """Say what reports take as lines of JSON."""
    lines = [line for _, line in zip(range(_COMPRESSED), documents(machines, 1, indent=None), strict=False)]
    text = "\n".join(text for _, text in lines).encode()
    alone = sum(len(gzip.compress(line.encode())) for _, line in lines)
    together = len(gzip.compress(text))
    count = len(lines)
    return (
        f"A report is {len(text) / count / 1000:.1f} kB as a line of JSON, {alone / count / 1000:.1f} kB compressed by"
        f" itself, {together / count / 1000:.1f} kB as one of {count} compressed together (gzip)."
    )


def _make(folder: Path, machines: int, rounds: int) -> list[int]:
    sizes = []
    for name, text in documents(machines, rounds):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        sizes.append(path.write_text(text, "utf-8"))
    return sizes


def documents(machines: int, rounds: int, *, indent: int | None = 2) -> Iterator[tuple[str, str]]:
    """Yield the reports of a fleet, and the name of a file for each."""
    lots = random.Random(17)
    base = json.loads(reports.to_json(_result(), machine=reports.this_machine()))
    bad = {kind: _outcomes(kind) for kind in ("intercepted", "timeout", "refused")}
    for number in range(machines):
        site = f"site-{number % SITES:03}"
        for count in range(rounds):
            told = copy.copy(base)
            told["machine"] = {
                **base["machine"],
                "host": f"kiosk-{number:05}",
                "site": site,
                "labels": {"kind": "kiosk"},
            }
            at = BEGAN + timedelta(seconds=EVERY_SECONDS * count + lots.uniform(0, 20))
            told["started_at"] = at.isoformat()
            told["outcomes"] = [_timed(outcome, lots) for outcome in base["outcomes"]]
            for place, region in enumerate(REGIONS):
                if site == "site-007":
                    told["outcomes"][place] = bad["intercepted"][place]
                elif region == "sa-east-1" and count >= rounds // 2:
                    told["outcomes"][place] = bad["timeout"][place]
                elif lots.random() < 1 / 100 / len(REGIONS):
                    told["outcomes"][place] = bad["refused"][place]
            yield f"{site}/kiosk-{number:05}-{count}.json", json.dumps(told, indent=indent) + "\n"


def _timed(outcome: dict[str, Any], lots: random.Random) -> dict[str, Any]:
    """Return a region's outcome with times of its own: they are what hardly compresses."""
    timings = {stage: told and lots.gauss(told, told / 20) for stage, told in outcome["timings"].items()}
    took = sum(filter(None, timings.values()))
    attempts = [{**attempt, "duration": took} for attempt in outcome["attempts"]]
    return {**outcome, "timings": timings, "duration": took, "round_trip": timings["frames"], "attempts": attempts}


def _result(kind: str = "passed") -> ConnectivityResult:
    return ConnectivityResult(
        outcomes=tuple(_outcome(region, kind) for region in REGIONS), started_at=BEGAN, duration=0.4
    )


def _outcomes(kind: str) -> list[Any]:
    told: list[Any] = json.loads(reports.to_json(_result(kind)))["outcomes"]
    return told


def _outcome(region: str, kind: str) -> RegionOutcome:
    url, address = f"wss://{region}.signal.example.org/", "203.0.113.7:443"
    tls = TlsInfo(version="TLSv1.3", cipher="TLS_AES_256_GCM_SHA384", issuer="CN=R11,O=Let's Encrypt,C=US")
    bad = {
        "intercepted": (Stage.TLS, Cause.TLS_UNTRUSTED, TlsInfo(issuer="CN=FG100,O=Fortinet,C=US")),
        "timeout": (Stage.CONNECT, Cause.TIMEOUT, None),
        "refused": (Stage.CONNECT, Cause.REFUSED, None),
    }
    stage, cause, seen = bad.get(kind, (Stage.FRAMES, None, tls))
    message = f"{cause} at {address} after 31 ms" if cause else ""
    attempt = Attempt(url=url, address=address, stage=stage, cause=cause, message=message, duration=0.031)
    failure = cause and Failure(
        stage=stage,
        cause=cause,
        message=message,
        advice="Ask the network's administrator to let this host pass, without opening what is sent to it.",
        evidence=Evidence(
            stage=stage, host=url[6:-1], port=443, address=address, tls=seen, resolved_to=("203.0.113.7",)
        ),
    )
    return RegionOutcome(
        region=region,
        url=url,
        status=Status.FAILED if failure else Status.PASSED,
        failure=failure,
        attempts=(attempt,),
        timings=Timings(resolve=0.004, connect=0.021, tls=0.043, upgrade=0.022, frames=0.021),
        duration=0.111,
        round_trip=None if failure else 0.0213,
        address=address,
        tls=seen,
        http_status=None if failure else 101,
    )


if __name__ == "__main__":
    main()
