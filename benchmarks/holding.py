"""What connections that are held open cost: python -m benchmarks.holding [--connections 100] [--seconds 8]

Half of them idle, half with a ping each second, over TLS, to the lab in a process of its own; a few more stand beside.
Prints the threads and the resident memory while all of them stand, over those of a process that has just checked the
same regions.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import ssl
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import wsconn
from benchmarks.promises import lab, unverified
from wsconn._arguments import make_probe
from wsconn._deadline import Deadline
from wsconn._debug.holding import Holding
from wsconn._debug.records import Hold, HoldEnd
from wsconn._io.abort import Abort, CancelScope
from wsconn._region_files import load_regions

_PING_SECONDS = 1.0
_AROUND_SECONDS = 30.0
_LOOK_AT = 0.75  # of the time: on a busy machine it takes some of it to open them


def main() -> None:
    """Print the figures, of a process of its own."""
    arguments = _parse()
    if arguments.inside:
        print(json.dumps(_hold(json.loads(sys.stdin.read()), arguments.seconds)))
        return
    count = arguments.connections // 2
    with lab([(f"r{number}", None, True) for number in range(count)]) as regions:
        command = [sys.executable, "-m", "benchmarks.holding", "--inside", "--seconds", str(arguments.seconds)]
        done = subprocess.run(command, input=json.dumps(dict(regions)), stdout=subprocess.PIPE, text=True, check=True)
    seen = json.loads(done.stdout)
    print(f"wsconn {wsconn.__version__}, {count} regions, held for {arguments.seconds:g} s")
    print(f"{seen['connections']} connections at once, {seen['held']} of {2 * count} stood to the end")
    print(f"threads beside the main one: {seen['threads']}")
    print(f"resident memory: {seen['kib'] / seen['connections']:.1f} KiB each")
    print(f"processor time: {seen['cpu'] / arguments.seconds * 100:.1f} % of one processor")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=100, metavar="N", help="default 100")
    parser.add_argument("--seconds", type=float, default=8.0, metavar="S", help="default 8")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)  # the process that is measured
    return parser.parse_args()


def _hold(regions: dict[str, str], seconds: float) -> dict[str, float]:
    context = unverified()
    wsconn.check(regions, ssl_context=context, proxy=None)  # what a debugger's run has done by then
    gc.collect()
    before = _resident_kib()
    found: dict[str, float] = {}

    def look() -> None:
        cpu = time.process_time()
        time.sleep(seconds * _LOOK_AT)
        found["threads"] = threading.active_count() - 2  # the main one, and this
        found["kib"] = _resident_kib() - before
        found["cpu"] = (time.process_time() - cpu) / _LOOK_AT

    looking = threading.Thread(target=look)
    looking.start()
    holds = _held(regions, context, seconds)
    looking.join()
    found["connections"] = sum(hold.connections for hold in holds)
    found["held"] = sum(hold.ended_by is HoldEnd.HELD for hold in holds)
    return found


def _held(regions: dict[str, str], context: ssl.SSLContext, seconds: float) -> list[Hold]:
    """Hold them on a thread, as the debugger does."""
    probe = make_probe(
        verify_frames=True,
        proxy=None,
        proxy_ssl_context=None,
        ssl_context=context,
        headers=None,
        subprotocols=None,
        origin=None,
    )
    holds: list[Hold] = []
    with closing(Abort()) as abort:
        scope = CancelScope(Deadline.after(seconds + _AROUND_SECONDS), abort)

        holding = Holding(
            load_regions(regions), probe, scope, seconds=seconds, ping_every=_PING_SECONDS, tell=holds.append
        )
        thread = threading.Thread(target=holding.run)
        thread.start()
        thread.join()
    return holds


def _resident_kib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


if __name__ == "__main__":
    main()
