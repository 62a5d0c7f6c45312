"""Many threads start, abort and read handles at once: python -m tests.endurance.storm [--threads 64] [--seconds 60]

Every region must be settled once, and every result be equal for all who read it. What hangs prints all stacks and ends
the program.
"""

from __future__ import annotations

import argparse
import collections
import faulthandler
import random
import sys
import threading
import time
from collections.abc import Mapping

import wsconn
from tests.endurance.servers import served

HANGS_SECONDS = 60.0  # past the end: what is not over by then hangs

REGIONS: list[tuple[str, dict[str, object]]] = [
    ("near", {}),
    ("far", {"latency": 0.02}),
    ("refused", {"fault": "refused"}),
    ("forbidden", {"fault": "http-403"}),
    ("mute", {"fault": "mute"}),
]
BROKEN = {"refused", "forbidden", "mute"}


def one(regions: Mapping[str, str], rng: random.Random) -> str:
    """Start a test, do something with it, and check all that can be told of it."""
    told: list[str] = []
    over = threading.Event()
    test = wsconn.start(
        regions,
        timeout=rng.choice((0.02, 0.05, 0.2)),
        proxy=None,
        max_workers=rng.choice((None, 1, 2)),
        on_outcome=lambda outcome: told.append(outcome.region),
    )
    test.add_done_callback(lambda _: over.set())
    aborter = threading.Timer(rng.uniform(0, 0.03), test.abort)
    doing = rng.choice(("abort", "abort later", "read", "iterate", "leave"))
    if doing == "abort":
        test.abort()
    elif doing == "abort later":
        aborter.start()
    elif doing == "iterate":
        assert len(list(test.as_completed(timeout=30))) == len(regions)
    elif doing == "leave":
        with test:
            pass
    result = test.result(timeout=30)
    assert test.result(timeout=0) is result
    assert over.wait(30)
    if doing == "abort later":
        aborter.join()
    check(test, result, told)
    return f"{doing}: {result.result}"


def check(test: wsconn.ConnectivityTest, result: wsconn.ConnectivityResult, told: list[str]) -> None:
    """Assert that everything that tells how the test ended tells the same."""
    assert test.outcomes == result.outcomes
    assert sorted(told) == sorted(test.futures), "each region is told once"
    assert {name: future.result(timeout=30) for name, future in test.futures.items()} == {
        outcome.region: outcome for outcome in result.outcomes
    }
    assert sorted(result.passed_regions + result.failed_regions + result.aborted_regions) == sorted(test.futures)
    assert not BROKEN.intersection(result.passed_regions)
    causes = {outcome.failure.cause for outcome in result.outcomes if outcome.failure}
    assert causes <= {"refused", "http_status", "timeout", "no_pong"}, causes


def storm(threads: int, seconds: float, seed: int, server: str = sys.executable) -> collections.Counter[str]:
    """Run the storm, and count what was done and came of it; raises the first thing that went wrong."""
    counts: collections.Counter[str] = collections.Counter()
    faults: list[BaseException] = []

    def work(rng: random.Random) -> None:
        try:
            while time.monotonic() < ends and not faults:
                counts[one(regions, rng)] += 1
        except BaseException as error:  # noqa: BLE001 - raised on by whoever started this thread
            faults.append(error)

    with served(REGIONS, server) as regions:
        faulthandler.dump_traceback_later(seconds + HANGS_SECONDS, exit=True)
        ends = time.monotonic() + seconds
        workers = [threading.Thread(target=work, args=(random.Random(seed + n),)) for n in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    faulthandler.cancel_dump_traceback_later()
    if faults:
        raise faults[0]
    ours = [thread for thread in threading.enumerate() if thread.name.startswith("wsconn")]
    for thread in ours:
        thread.join(10)
    assert not [thread for thread in ours if thread.is_alive()], "threads are left"
    return counts


def main() -> None:
    """Run it with the arguments given, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", default=sys.executable, help="the Python that the lab runs on")
    args = parser.parse_args()
    counts = storm(args.threads, args.seconds, args.seed, args.server)
    for what, count in sorted(counts.items()):
        print(f"{count:>8}  {what}")
    print(f"{counts.total():>8}  tests in {args.seconds:g} s from {args.threads} threads")


if __name__ == "__main__":
    main()
