"""Runs a test of `wsconn` where the extra `kerberos` is installed: as a program there, and through `check_with`."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Mapping

import attrs

import wsconn
from tests.components.programs import HOME

_PYTHON = HOME / "logins" / "bin" / "python"


@attrs.frozen(kw_only=True)
class Run:
    """What came of a test in a process of its own: seconds from the abort to the result, and to the process' end."""

    result: wsconn.ConnectivityResult
    abort_seconds: float
    exit_seconds: float

    @property
    def outcome(self) -> wsconn.RegionOutcome:
        """Return the first region's."""
        return self.result.outcomes[0]


def check_with(
    environment: Mapping[str, str],
    proxy: str,
    url: str,
    *,
    regions: int = 1,
    timeout: float = 10.0,
    abort_after: float = 0.0,
) -> Run:
    """Test `url` through `proxy`, as often as `regions` says, in an environment with tickets or without."""
    given = {"proxy": proxy, "url": url, "regions": regions, "timeout": timeout, "abort_after": abort_after}
    done = subprocess.run(
        [_PYTHON, "-m", "tests.components.check_with_tickets"],
        cwd=HOME.parent,
        env={**os.environ, **environment},
        input=json.dumps(given).encode(),
        capture_output=True,
        timeout=timeout + 40,
        check=False,
    )
    now = time.monotonic()
    assert not done.returncode, done.stderr.decode()
    result, abort_seconds, ended = pickle.loads(done.stdout)
    return Run(result=result, abort_seconds=abort_seconds, exit_seconds=now - ended)


def main() -> None:
    """Read what to test from standard input, and write what came of it, pickled, to standard output."""
    given = json.load(sys.stdin)
    regions = {f"region-{number}": given["url"] for number in range(given["regions"])}
    test = wsconn.start(regions, proxy=given["proxy"], timeout=given["timeout"])
    began = time.monotonic()
    if given["abort_after"]:
        with contextlib.suppress(TimeoutError):
            test.result(timeout=given["abort_after"])
        began = time.monotonic()
        test.abort()
    result = test.result()
    abort_seconds = time.monotonic() - began
    sys.stdout.buffer.write(pickle.dumps((result, abort_seconds, time.monotonic())))


if __name__ == "__main__":
    main()
