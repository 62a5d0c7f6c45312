"""What it costs to check from every host of a Dask cluster: python -m benchmarks.everywhere [--hosts 100] [--rounds 5]

Hosts are simulated: each is a worker with an address of its own in 127.0.0.0/8, fifty of them in a process. Scheduler
and client are in this process, the region's servers in another. Beside `check_everywhere`, in turns with it, stands an
empty coroutine that Dask's own `Client.run` asks each host for, one call a host.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import dask
import psutil
from distributed import Client, LocalCluster, Worker

from benchmarks import machine
from wsconn.fleet import HostAnswer, check_everywhere, start_everywhere
from wsconn.lab import Lab

IN_A_PROCESS = 50
START_SECONDS = 300.0
QUIET = {"logging.distributed": "critical", "distributed.worker.memory.terminate": False}


def main() -> None:
    """Measure, and print a table."""
    arguments = _parse()
    dask.config.set(QUIET)
    if arguments.serve:
        _serve(int(arguments.serve))
    elif arguments.workers_of:
        asyncio.run(_run_workers(arguments.workers_of, arguments.first, arguments.hosts))
    else:
        _measure(arguments.hosts, arguments.rounds, arguments.regions)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--regions", type=int, default=10)
    parser.add_argument("--workers-of", help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    return parser.parse_args()


# --- what is measured ------------------------------------------------------------------------------------------------


async def empty() -> None:
    """What Dask alone takes."""


def _measure(hosts: int, rounds: int, regions: int) -> None:
    load = machine.load()
    with contextlib.ExitStack() as stack:
        cluster = stack.enter_context(LocalCluster(n_workers=0, dashboard_address=None, silence_logs=50))
        client = stack.enter_context(Client(cluster))
        firsts = range(0, hosts, IN_A_PROCESS)
        workers = [
            stack.enter_context(_started("--workers-of", cluster.scheduler_address, first, hosts)) for first in firsts
        ]
        client.wait_for_workers(hosts, timeout=START_SECONDS)
        served = stack.enter_context(_started("--serve", str(regions)))
        good, mute = (dict(pair.split("=") for pair in line.split()) for line in _lines(served, 2))
        one = dict([next(iter(good.items()))])
        cases: dict[str, Callable[[], Any]] = {
            "Dask's own empty call": lambda: _empty_calls(client),
            "`check_everywhere`, 1 region": lambda: check_everywhere(client, one),
            f"`check_everywhere`, {regions} regions": lambda: check_everywhere(client, good),
            "abort in mid-check, to the result": lambda: _abort(client, mute),
        }
        print(machine.describe(load), end="\n\n")
        print(f"{hosts} hosts, medians of {rounds} rounds in turns.\n")
        print("| what | wall | CPU of client and scheduler, a host | CPU of workers, a host | answers |")
        print("|---|--:|--:|--:|--:|")
        seen: dict[str, list[tuple[float, float, float, int]]] = {name: [] for name in cases}
        for case in cases.values():
            case()  # what is loaded first is loaded now
        for _ in range(rounds):
            for name, case in cases.items():
                seen[name].append(_timed(case, workers))
        for name, measured in seen.items():
            wall, here, there, _ = (statistics.median(column) for column in zip(*measured, strict=True))
            answers = min(count for *_, count in measured)
            print(f"| {name} | {wall:.2f} s | {here / hosts * 1e3:.1f} ms | {there / hosts * 1e3:.1f} ms | {answers} |")


def _timed(case: Callable[[], Any], workers: list[subprocess.Popen[str]]) -> tuple[float, float, float, int]:
    before, own, began = _cpu(workers), time.process_time(), time.perf_counter()
    found = case()
    took = found[1] if isinstance(found[0], tuple) else time.perf_counter() - began
    answers = found[0] if isinstance(found[0], tuple) else found
    good = sum(not isinstance(answer, HostAnswer) or answer.result is not None for answer in answers)
    return took, time.process_time() - own, _cpu(workers) - before, good


def _empty_calls(client: Client) -> list[Any]:
    async def ask_all() -> list[Any]:
        addresses = (await client.scheduler.identity(n_workers=-1))["workers"]
        return await asyncio.gather(*(client.run(empty, workers=[one], on_error="return") for one in addresses))

    return client.sync(ask_all)


def _abort(client: Client, mute: dict[str, str]) -> tuple[tuple[HostAnswer, ...], float]:
    """Return the answers, and how long they took from the abort on."""
    test = start_everywhere(client, mute, timeout=600)
    with contextlib.suppress(TimeoutError):
        test.result(4)
    began = time.perf_counter()
    test.abort()
    return test.result(), time.perf_counter() - began


# --- processes -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _started(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    option, value, *rest = map(str, arguments)
    more = ["--first", rest[0], "--hosts", str(min(IN_A_PROCESS, int(rest[1]) - int(rest[0])))] if rest else []
    command = [sys.executable, "-m", "benchmarks.everywhere", option, value, *more]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.stdin.close()


def _lines(process: subprocess.Popen[str], number: int) -> list[str]:
    return [process.stdout.readline() for _ in range(number)]


def _cpu(processes: list[subprocess.Popen[str]]) -> float:
    return sum(sum(psutil.Process(process.pid).cpu_times()[:2]) for process in processes)


async def _run_workers(scheduler: str, first: int, number: int) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for place in range(first, first + number):
            host = f"127.{1 + place // 250}.1.{1 + place % 250}"
            await stack.enter_async_context(Worker(scheduler, host=host, nthreads=1, dashboard=False, silence_logs=50))
        await asyncio.to_thread(sys.stdin.read)


def _serve(regions: int) -> None:
    with Lab() as lab:
        good = {f"region-{number}": lab.add(f"region-{number}") for number in range(regions)}
        print(*(f"{name}={url}" for name, url in good.items()))
        print(f"mute={lab.add('mute', fault='mute')}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
