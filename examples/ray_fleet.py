"""Check from every node of a Ray cluster, and say what the reports say together.

python ray_fleet.py regions.toml         on this machine alone, to try it
python ray_fleet.py regions.toml auto    on the cluster that this machine is part of
"""

import sys
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

import wsconn
from wsconn import fleet, reports
from wsconn.fleet import Absence, HostAnswer

Regions = tuple[wsconn.Region, ...]

TIMEOUT = 10.0  # seconds for a region
AROUND = 30.0  # seconds more: for actors to start, and for the way there and back


@ray.remote(num_cpus=0, max_concurrency=2)  # one thread checks, another one may abort
class Checker:
    def __init__(self) -> None:
        self.test: wsconn.ConnectivityTest | None = None
        self.aborted = False

    def check(self, regions: Regions, timeout: float) -> str:
        """Return the report as JSON: the node may have another version of wsconn."""
        self.test = wsconn.start(regions, timeout=timeout)
        if self.aborted:  # before there was a test to abort
            self.test.abort()
        return reports.to_json(self.test.result(), indent=None)

    def abort(self) -> None:
        self.aborted = True
        if self.test:
            self.test.abort()


def check_nodes(regions: Regions) -> list[HostAnswer]:
    """Check from each node that is alive; one that dies or is late says so."""
    nodes = [node for node in ray.nodes() if node["Alive"]]
    checkers = [checker_on(node) for node in nodes]
    asked = [checker.check.remote(regions, TIMEOUT) for checker in checkers]
    try:
        ready, _ = ray.wait(asked, num_returns=len(asked), timeout=TIMEOUT + AROUND)
        hosts = [node["NodeManagerAddress"] for node in nodes]
        of_hosts = zip(hosts, asked, strict=True)
        return [
            answer(host, ref) if ref in ready else late(host) for host, ref in of_hosts
        ]
    finally:  # Ctrl-C, or some are late: what an actor has begun cannot be cancelled
        for checker in checkers:
            checker.abort.remote()


def checker_on(node: dict[str, Any]) -> ActorHandle:
    """Start an actor on this node: Ray alone would put it where there is room."""
    there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
    return Checker.options(scheduling_strategy=there).remote()


def answer(host: str, ref: ray.ObjectRef) -> HostAnswer:
    """Return the report, or why there is none."""
    try:
        return HostAnswer(host=host, report=ray.get(ref))
    except ray.exceptions.RayError as error:  # node or actor died, or it raised there
        why = str(error).partition("\n")[0]
        return HostAnswer(host=host, absence=Absence.LOST, message=why)


def late(host: str) -> HostAnswer:
    why = f"no answer within {TIMEOUT + AROUND:g} s"
    return HostAnswer(host=host, absence=Absence.TIMEOUT, message=why)


if __name__ == "__main__":
    cluster = sys.argv[2] if len(sys.argv) > 2 else "local"
    ray.init(address=cluster, log_to_driver=False)
    report = fleet.merge(check_nodes(wsconn.load_regions(sys.argv[1])))
    print(fleet.to_text(report), end="")
    sys.exit(0 if report.hosts and not report.left_out else 1)
