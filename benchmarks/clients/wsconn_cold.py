"""wsconn: one `start`, whose first test imports what it needs. An open socket is a pass, or else a pong."""

from __future__ import annotations

import time

import wsconn
from benchmarks.clients.harness import Run


def main() -> None:
    """Run it; where an abort is measured every region is in flight, else as many as wsconn thinks fit."""
    run = Run()
    with wsconn.start(
        {str(number): url for number, url in enumerate(run.urls)},
        timeout=run.timeout,
        max_workers=None if run.abort_after is None else len(run.urls),
        verify_frames=run.pings,
        proxy=None,
        ssl_context=run.context,
        on_outcome=(lambda outcome: settle(run, outcome)) if run.is_far else None,
    ) as handle:
        if run.abort_after is not None:
            time.sleep(run.abort_after)
            run.mark_abort()
            handle.abort()
        for outcome in handle.result().outcomes:
            settle(run, outcome)
    run.report()


def settle(run: Run, outcome: wsconn.RegionOutcome) -> None:
    """Take a verdict; a second one, by the result after the callback, changes nothing."""
    run.settle(int(outcome.region), outcome.status == "passed", outcome.failure)


if __name__ == "__main__":
    main()
