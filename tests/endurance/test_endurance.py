"""Long runs and heavy ones: small here, and at their full length by `python -m tests.endurance.storm` and `.soak`."""

from __future__ import annotations

import collections
import pathlib
import subprocess
import sys
import textwrap
import time

import pytest

from tests.endurance.servers import served

ROOT = pathlib.Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits, signals or fork")
linux = pytest.mark.skipif(not pathlib.Path("/proc/self/fd").exists(), reason="reads what the process holds in /proc")


def run(*arguments: str) -> list[str]:
    """Run Python strictly and return the lines that it prints."""
    command = [sys.executable, "-X", "dev", "-W", "error", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.splitlines()


def test_a_storm_of_threads() -> None:
    """Threads that start, abort and read handles at once all see each region settled once, and the same result."""
    *counts, total = run("-m", "tests.endurance.storm", "--threads", "16", "--seconds", "3")
    assert len(counts) >= 4
    assert int(total.split()[0]) >= 16


@linux
def test_nothing_grows() -> None:
    """Descriptors and threads are the same after each of many checks, whatever became of them."""
    head, *rows = run("-m", "tests.endurance.soak", "--checks", "60")
    samples = [dict(zip(head.split(","), map(float, row.split(",")), strict=True)) for row in rows]
    settled = samples[len(samples) // 2 :]
    assert len(settled) == 30
    assert {sample["threads"] for sample in settled} == {1}
    assert len({sample["descriptors"] for sample in settled}) == 1
    assert settled[-1]["resident"] < settled[0]["resident"] + 2048  # KiB; the program's own lists grow too


MORE_REGIONS_THAN_DESCRIPTORS = """
    import resource, sys, wsconn
    wsconn.check({"first": sys.argv[1]}, proxy=None)  # else the first take the descriptors that loading needs, and fail
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    regions = {str(n): sys.argv[1] for n in range(1000)}
    result = wsconn.check(regions, timeout=20, max_workers=1000, proxy=None)
    for outcome in result.outcomes:
        print(outcome.status, outcome.failure and outcome.failure.cause)
"""


@posix
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_thousand_regions_and_256_descriptors(host: str) -> None:
    """What cannot be opened fails with local_limit, what could passes, and nothing else happens."""
    with served([("far", {"latency": 1.0})]) as regions:
        url = regions["far"].replace("127.0.0.1", host)
        counts = collections.Counter(run("-c", textwrap.dedent(MORE_REGIONS_THAN_DESCRIPTORS), url))
    assert set(counts) == {"passed None", "failed local_limit"}, counts
    assert counts["passed None"] >= 100


INTERRUPTED = """
    import random, signal, sys, threading, time, wsconn
    regions = {str(n): sys.argv[1] for n in range(25)}
    rng = random.Random(3)
    interrupted = 0
    for _ in range(100):
        try:
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.0005, 0.03))
            wsconn.check(regions, timeout=3, proxy=None)
        except KeyboardInterrupt:
            interrupted += 1
        end = time.monotonic() + 20
        # A thread that Ctrl-C met on its way into the world is listed for ever, but never alive.
        while any(thread.is_alive() for thread in threading.enumerate() if thread.name.startswith("wsconn")):
            assert time.monotonic() < end, threading.enumerate()
            time.sleep(0.001)
    print(interrupted)
"""


@posix
def test_ctrl_c_at_a_hundred_random_moments() -> None:
    """Wherever it strikes, the test is aborted, all of its threads end, and the next one can be started."""
    with served([("mute", {"fault": "mute"})]) as regions:
        # Without the strict options: between a call that makes sockets and the name they get, nobody can close them.
        command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), regions["mute"]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "in thread" not in done.stderr, done.stderr
    assert int(done.stdout) >= 95  # CPython drops one now and then, in what it calls by itself


FORKED = """
    import os, sys, threading, warnings, wsconn
    warnings.simplefilter("ignore", DeprecationWarning)  # fork in a threaded process is what is tested
    regions = {str(n): sys.argv[1] for n in range(10)}
    test = wsconn.start({**regions, "late": sys.argv[2]}, timeout=30, proxy=None)
    next(test.as_completed())
    if os.fork() == 0:
        test.abort()
        print("child", test.result().result, len(test.result().passed_regions) > 0)
        print("child", wsconn.check({"again": sys.argv[1]}, proxy=None).result)
        sys.exit()  # and not os._exit: what runs at the end of a process must not wait for the parent's threads
    os.wait()
    test.abort()
    print("parent", test.result().result)
"""


@posix
def test_fork_in_mid_test() -> None:
    """Parent and child each end their own copy; a child that ends does not wait for the parent's threads."""
    with served([("near", {}), ("mute", {"fault": "mute"})]) as regions:
        began = time.monotonic()
        said = run("-c", textwrap.dedent(FORKED), regions["near"], regions["mute"])
    assert said == ["child aborted True", "child passed", "parent aborted"]
    assert time.monotonic() - began < 20
