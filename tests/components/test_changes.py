"""What changes while a test is under way: the interface goes down and comes up again, the clock is set."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import pytest

from tests.components.check_in_namespace import check_in
from tests.components.conftest import Row
from tests.components.name_server import host
from tests.components.namespaces import ALIVE, ROOT, Network, network_in
from wsconn import RegionOutcome
from wsconn.lab import Lab

pytestmark = pytest.mark.components

TIMEOUT_SECONDS = 2.0

# Takes the regions as JSON; says "waiting" when the first of them waits, and then prints what came of all.
PROGRAM = """
    import json, pickle, select, sys, time, wsconn
    given = json.loads(sys.argv[1])
    test = wsconn.start(given["regions"], timeout=given["timeout"], max_workers=given["workers"], proxy=None)
    first = test._settlement.recorders[next(iter(test.futures))]
    while first.stage != "upgrade":
        select.select([], [], [], 0.01)  # a sleep may fail with EINVAL where the clock is faked
    before = time.time()
    print("waiting", flush=True)
    result = test.result()
    sys.stderr.write(f"{time.time() - before}")
    sys.stdout.buffer.write(pickle.dumps(result))
"""


@contextlib.contextmanager
def checking(
    regions: dict[str, str], *, workers: int | None = None, prefix: tuple[str, ...] = (), **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the program, and give it when its first region waits."""
    given = json.dumps({"regions": regions, "timeout": TIMEOUT_SECONDS, "workers": workers})
    command = [*prefix, sys.executable, "-c", textwrap.dedent(PROGRAM), given]
    env = {**os.environ, **environment}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"waiting\n", process.stderr and process.stderr.read().decode()
            yield process
        finally:
            process.kill()


def came_of(process: subprocess.Popen[bytes]) -> tuple[dict[str, RegionOutcome], float]:
    """Wait for the program's end, and return its outcomes by region, and the seconds that passed on its clock."""
    output, said = process.communicate(timeout=30)
    assert process.returncode == 0, said.decode()
    return {outcome.region: outcome for outcome in pickle.loads(output).outcomes}, float(said)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network_in(tmp_path_factory.mktemp("network")) as network:
        yield network


def test_the_interface_goes_down_and_comes_up_again(network: Network, row: Row) -> None:
    """Who waits then has waited in vain, who begins then learns why at once, and the next check passes."""
    regions = {
        "waiting": f"ws://{ALIVE[0]}/",
        "by address": f"ws://{ALIVE[0]}/again",
        "by name": f"ws://{host(a='ok', aaaa='ok')}/",
    }
    with (
        network.firewall(incoming=["tcp flags & psh == psh drop"]),
        checking(regions, workers=1, prefix=("ip", "netns", "exec", network.client)) as process,
        network.interface_down(),
    ):
        outcomes, _ = came_of(process)
    row("network", "interface goes down before the answer", "upgrade/timeout", outcomes["waiting"])
    row("network", "interface is down, an address", "connect/unreachable", outcomes["by address"])
    row("network", "interface is down, a name", "resolve/dns_failed", outcomes["by name"])
    assert outcomes["by address"].duration < TIMEOUT_SECONDS
    failure = outcomes["by address"].failure
    assert failure is not None
    assert "ENETUNREACH" in failure.message
    again = check_in(network, regions, timeout=10)
    for outcome in again.outcomes:
        row("network", f"interface is up again, {outcome.region}", "passed", outcome)
        assert "answered as it should" in outcome.attempts[-1].message


@pytest.mark.parametrize("shift", ["+30d", "-30d"], ids=["forward", "back"])
def test_the_clock_is_set(tmp_path: pathlib.Path, row: Row, shift: str) -> None:
    """Deadlines and durations are of a clock that nobody sets: a month more or less changes nothing."""
    (library,) = pathlib.Path("/usr/lib").rglob("libfaketime.so.1")
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with Lab() as lab:
        regions = {"mute": lab.add("mute", fault="mute"), "far": lab.add("far", latency=0.5)}
        with checking(regions, **faked) as process:
            clock.write_text(shift)
            outcomes, passed = came_of(process)
    days = passed / 86400
    assert 29 < abs(days) < 31
    assert (days > 0) == shift.startswith("+")
    row("clock", f"set by {shift} while a server is mute", "upgrade/timeout", outcomes["mute"])
    row("clock", f"set by {shift} while a server is slow", "passed", outcomes["far"])
    assert TIMEOUT_SECONDS <= outcomes["mute"].duration < TIMEOUT_SECONDS + 2.5
    assert 1.0 <= outcomes["far"].duration < TIMEOUT_SECONDS
