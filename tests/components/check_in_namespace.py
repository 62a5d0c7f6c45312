"""Runs `wsconn.check` in the client's namespace: as a program there, and from a test through `check_in`."""

from __future__ import annotations

import json
import pickle
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

import wsconn
from tests.components.namespaces import ROOT, Network

OVER_SECONDS = 1.0  # 0.25 are promised; shared machines are forgiven the rest
AROUND_SECONDS = 5.0  # for Python to start and to end, a hung name lookup notwithstanding


def check_in(
    network: Network,
    regions: Mapping[str, str | Mapping[str, str]],
    *,
    timeout: float,
    within: Sequence[str] = (),
    proxy: bool | None = None,
) -> wsconn.ConnectivityResult:
    """Check `regions` from the client's namespace and assert that each was decided in its time.

    A region is its URL, or what `Region` takes. `within` is a command that runs the one that it is given. `proxy` is as
    for `wsconn.check`.
    """
    program = [sys.executable, "-m", "tests.components.check_in_namespace"]
    command = ["ip", "netns", "exec", network.client, *within, *program]
    given = json.dumps({"regions": dict(regions), "timeout": timeout, "roots": str(network.roots), "proxy": proxy})
    began = time.monotonic()
    done = subprocess.run(
        command, check=False, cwd=ROOT, input=given.encode(), capture_output=True, timeout=timeout + 60
    )
    took = time.monotonic() - began
    assert not done.returncode, done.stderr.decode()
    result: wsconn.ConnectivityResult = pickle.loads(done.stdout)
    for outcome in result.outcomes:
        assert outcome.duration <= timeout + OVER_SECONDS, outcome
    assert took <= result.duration + AROUND_SECONDS
    return result


def outcome_in(network: Network, url: str, *, timeout: float) -> wsconn.RegionOutcome:
    """Check one region from the client's namespace."""
    return check_in(network, {"region": url}, timeout=timeout).outcome("region")


def main() -> None:
    """Read what to check from standard input, and write the pickled result to standard output."""
    given = json.load(sys.stdin)
    context = ssl.create_default_context(cafile=given["roots"])
    ways = {name: {"url": way} if isinstance(way, str) else way for name, way in given["regions"].items()}
    regions = [wsconn.Region(name, **way) for name, way in ways.items()]
    result = wsconn.check(regions, timeout=given["timeout"], proxy=given["proxy"], ssl_context=context)
    sys.stdout.buffer.write(pickle.dumps(result))


if __name__ == "__main__":
    main()
