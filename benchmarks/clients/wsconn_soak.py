"""wsconn, again and again in one process: the URLs come many times over, and are tested so many at a time."""

from __future__ import annotations

import wsconn
from benchmarks.clients.harness import Run

AT_ONCE = 200


def main() -> None:
    """Run test after test; no verdict may be wrong."""
    run = Run()
    regions = {str(number): url for number, url in enumerate(run.urls)}
    names = list(regions)
    for first in range(0, len(names), AT_ONCE):
        some = {name: regions[name] for name in names[first : first + AT_ONCE]}
        result = wsconn.check(
            some, timeout=run.timeout, max_workers=AT_ONCE, verify_frames=False, proxy=None, ssl_context=run.context
        )
        for outcome in result.outcomes:
            run.settle(int(outcome.region), outcome.status == "passed", outcome.failure)
    run.report()


if __name__ == "__main__":
    main()
