"""How long 200 handshakes of `wss` take, of wsconn and others, on several Pythons: in turns, on the same server.

The server is the benchmarks', in a process of its own with the Python that runs this.
"""

from __future__ import annotations

import pathlib
import statistics
import sys
import tempfile
from collections.abc import Mapping
from typing import Any

import attrs

from benchmarks import certificates, machine
from benchmarks.cases import local
from benchmarks.processes import Service, python
from benchmarks.rounds import measure
from benchmarks.runs import CLIENTS, Seen, Site

COUNT, ROUNDS, PORTS = 200, 7, 16
COMPARED = ("wsconn", "aiohttp", "websockets")


def table(pythons: Mapping[str, pathlib.Path]) -> str:
    """Measure on each of these Pythons, and return the medians as a table in Markdown."""
    clients = [
        attrs.evolve(CLIENTS[name], name=f"{name}, {which}", python=str(path))
        for name in COMPARED
        for which, path in pythons.items()
    ]
    load = machine.load()
    with tempfile.TemporaryDirectory() as name:
        trust = certificates.make(pathlib.Path(name), ["127.0.0.1"])
        with Service(python("server", "127.0.0.1", str(PORTS), trust.chain, trust.key)) as server:
            seen = measure(Site(trust, server), local("wss", COUNT), clients, ROUNDS, lambda _: None)
    lines = [_row(name, runs) for name, runs in seen.runs.items()]
    lines += [f"| {name} | failed: {why} |" for name, why in seen.failures.items()]
    head = ["| | wall, ms | CPU, ms | runs |", "|---|---|---|---|"]
    return "\n".join([f"{COUNT} `wss` at once, load before {load}:", "", *head, *sorted(lines)])


def _row(name: str, runs: list[Seen]) -> str:
    wall, cpu = (_ms(runs, figure) for figure in ("wall", "cpu"))
    return f"| {name} | {wall} | {cpu} | {len(runs)} |"


def _ms(runs: list[Any], figure: str) -> str:
    values = [getattr(seen, figure) * 1000 for seen in runs]
    return f"{statistics.median(values):.0f} ({min(values):.0f} to {max(values):.0f})"


if __name__ == "__main__":
    print(table({path: pathlib.Path(path) for path in sys.argv[1:]}))
