"""The example for Ray, on two nodes on this machine, where Ray is installed: it is too large to be so everywhere."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import subprocess
import sys
import textwrap

import pytest

from tests.fleet.clusters import Mute
from wsconn.lab import Lab

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
BOUND_SECONDS = 300  # on a busy machine a node takes a quarter of a minute to start

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray: pip install ray"),
    pytest.mark.skipif(not EXAMPLES.exists(), reason="needs the sources"),
]

TWO_NODES = """
    import sys, threading
    import ray
    from ray.cluster_utils import Cluster

    sys.path.insert(0, sys.argv[1])
    import ray_fleet

    cluster = Cluster()
    for _ in range(2):
        cluster.add_node(num_cpus=1, include_dashboard=False)
    ray.init(address=cluster.address, log_to_driver=False)
"""
ABORTED = """
    checkers = [ray_fleet.checker_on(node) for node in ray.nodes()]
    asked = [checker.check.remote({"mute": sys.argv[2]}, 3600) for checker in checkers]
    sys.stdin.readline()
    ray.get([checker.abort.remote() for checker in checkers])
    print(*["aborted" in report[:200] for report in ray.get(asked)])
    cluster.shutdown()
"""
KILLED = """
    asking = threading.Thread(target=lambda: print(*[
        answer.absence or "answered" for answer in ray_fleet.check_nodes({"mute": sys.argv[2]})
    ]))
    ray_fleet.TIMEOUT = 20.0
    asking.start()
    sys.stdin.readline()
    cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)
    asking.join()
    sys.stdout.flush()
    cluster.shutdown()
"""


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let Ray write, and tell nobody, where it is no concern of others."""
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(EXAMPLES.parent), *filter(None, sys.path)]))


def test_it_tells_of_this_machine(lab: Lab, tmp_path: pathlib.Path) -> None:
    """On one machine the example says what its one node has found."""
    lab.add("good")
    lab.add("bad", fault="http-503")
    file = tmp_path / "regions.toml"
    file.write_text("".join(f"[regions.{name}]\nurl = '{url}'\n" for name, url in lab.regions.items()))
    done = subprocess.run(
        [sys.executable, EXAMPLES / "ray_fleet.py", file], capture_output=True, text=True, timeout=BOUND_SECONDS
    )
    assert done.returncode == 0, done.stderr
    assert "1 machine, 2 regions, 1 report" in done.stdout


def test_an_abort_ends_the_checks() -> None:
    """In mid-check each node closes its sockets, and answers."""
    with Mute() as mute, started(TWO_NODES + ABORTED, mute) as process:
        mute.wait_for(2)
        told, _ = process.communicate("\n", timeout=BOUND_SECONDS)
        mute.wait_for_ends()
    assert told.splitlines()[-1] == "True True"


def test_a_node_that_dies_is_no_exception() -> None:
    """Its host has no answer; the other one has."""
    with Mute() as mute, started(TWO_NODES + KILLED, mute) as process:
        mute.wait_for(2)
        told, _ = process.communicate("\n", timeout=BOUND_SECONDS)
    assert sorted(told.splitlines()[-1].split()) == ["answered", "lost"]


def started(program: str, mute: Mute) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(program), str(EXAMPLES), mute.regions["mute"]]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
