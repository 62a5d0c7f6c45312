"""Runs `check_everywhere` where a Dask scheduler can be reached: standard input says which, and for what."""

from __future__ import annotations

import json
import sys

from distributed import Client

from wsconn.fleet import check_everywhere

START_SECONDS = 60.0


def main() -> None:
    """Wait for the workers, ask them, and write their answers to standard output."""
    given = json.load(sys.stdin)
    with Client(given["scheduler"]) as client:
        client.wait_for_workers(given["workers"], timeout=START_SECONDS)
        answers = check_everywhere(client, given["regions"], timeout=given["timeout"])
    told = [{"host": a.host, "absence": a.absence, "message": a.message, "report": a.report} for a in answers]
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
