"""Checks 25 regions again and again, a third of them broken, and aborts some checks at random moments.

python -m tests.endurance.soak [--checks 10000] [--picture soak.svg]

Prints descriptors, threads and resident memory as it goes, for the eye and (as CSV, on standard output) for a plot.
With `--picture` it draws one, for which it needs matplotlib. Linux alone tells these numbers.
"""

from __future__ import annotations

import argparse
import csv
import gc
import os
import pathlib
import random
import sys
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple

import wsconn
from tests.endurance.servers import served

TIMEOUT_SECONDS = 0.05  # of the regions that never answer
FAULTS = ("refused", "http-403", "mute", "reset", "redirect", "wrong-accept", "swallowed-frames", "not-http")
FILES = pathlib.Path("/proc/self/fd")
MEMORY = pathlib.Path("/proc/self/statm")

REGIONS: list[tuple[str, dict[str, object]]] = [
    *((f"healthy-{n}", {"latency": 0.001 * n}) for n in range(17)),
    *((fault, {"fault": fault}) for fault in FAULTS),
]


class Sample(NamedTuple):
    """What the process holds after so many checks. `resident` is in KiB, `seconds` since the start."""

    checks: int
    seconds: float
    descriptors: int
    threads: int
    resident: int


def soak(checks: int, every: int, seed: int = 1) -> Iterator[Sample]:
    """Do so many checks and tell what the process holds after each `every` of them."""
    rng = random.Random(seed)
    began = time.monotonic()
    with served(REGIONS) as regions:
        for number in range(1, checks + 1):
            _check(regions, rng)
            if number % every == 0:
                yield _sample(number, time.monotonic() - began)


def _check(regions: dict[str, str], rng: random.Random) -> None:
    with wsconn.start(regions, timeout=TIMEOUT_SECONDS, proxy=None) as test:
        aborter = threading.Timer(rng.uniform(0, 2 * TIMEOUT_SECONDS), test.abort) if rng.random() < 0.3 else None
        if aborter:
            aborter.start()
        result = test.result(timeout=30)
        if aborter:
            aborter.cancel()
            aborter.join()
    assert not set(FAULTS).intersection(result.passed_regions)
    causes = {outcome.failure.cause for outcome in result.outcomes if outcome.failure}
    assert not causes & {"internal_error", "local_limit"}, causes


def _sample(checks: int, seconds: float) -> Sample:
    gc.collect()
    for thread in threading.enumerate():  # the last callbacks are waited for by nobody else
        if thread is not threading.current_thread():
            thread.join(5)
    resident = int(MEMORY.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    return Sample(checks, round(seconds, 1), len(list(FILES.iterdir())), threading.active_count(), resident)


def draw(samples: list[Sample], path: pathlib.Path) -> None:
    """Draw the three curves, one below the other, each from zero."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(3, sharex=True, figsize=(8, 6), layout="constrained")
    checks = [sample.checks for sample in samples]
    curves = (("resident memory, MiB", 2), ("descriptors", 0), ("threads", 1))
    for axis, (name, which) in zip(axes, curves, strict=True):
        values = [(s.descriptors, s.threads, s.resident / 1024)[which] for s in samples]
        axis.plot(checks, values)
        axis.set(title=name, ylim=(0, max(values) * 1.2))
    axes[-1].set_xlabel(f"checks of {len(REGIONS)} regions")
    figure.savefig(path)


def main() -> None:
    """Soak with the arguments given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=10_000)
    parser.add_argument("--picture", type=pathlib.Path)
    args = parser.parse_args()
    table = csv.writer(sys.stdout)
    table.writerow(Sample._fields)
    samples = []
    for sample in soak(args.checks, max(1, args.checks // 100)):
        table.writerow(sample)
        sys.stdout.flush()
        samples.append(sample)
    if args.picture:
        draw(samples, args.picture)


if __name__ == "__main__":
    main()
