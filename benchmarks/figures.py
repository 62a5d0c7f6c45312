"""What was asked of wsconn, what was measured, and whether it holds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from benchmarks.before import BEFORE
from benchmarks.imports import BARE, CHECK, CHECK_TLS, IMPORT, VERSION
from benchmarks.imports import BEFORE as AS_BEFORE
from benchmarks.rounds import Outcome
from benchmarks.runs import CLIENTS, COLD, OURS, Seen
from benchmarks.tables import last_healthy

Outcomes = Mapping[str, Outcome]

_COUNTS = (25, 200)  # regions at once
_OF_IDEAL = 1.03  # the slowest region's own round trips
_OF_BEFORE, _OF_BARE = 0.75, 1.2  # what the processor may take
_LATER_SECONDS = 0.005  # what a region may seem to be later by, black holes or not


@attrs.frozen
class Figure:
    """A line of the first table."""

    what: str
    asked: str
    measured: str
    holds: bool

    def row(self) -> str:
        return f"| {self.what} | {self.asked} | {self.measured} | {'yes' if self.holds else '**no**'} |"


def table(outcomes: Outcomes, imports: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the lines of the table; what was not measured is not in it."""
    ours = {name: outcome for name, outcome in outcomes.items() if OURS in outcome.runs}
    figures = [*_local(ours), *_far(ours), *_holes(ours), *_abort(ours), *_soak(outcomes), *_imports(imports)]
    rows = ["| wsconn | asked | measured | holds |", "|---|---|---|---|", *(figure.row() for figure in figures)]
    return [*rows, *_summary(figures)]


def _summary(figures: Sequence[Figure]) -> Iterator[str]:
    missed = [f"{figure.what} ({figure.measured}, asked: {figure.asked})" for figure in figures if not figure.holds]
    yield f"\n{len(figures) - len(missed)} of {len(figures)} hold.{' These do not:' if missed else ''}"
    if missed:
        yield ""
    yield from (f"- {one}" for one in missed)


def _local(outcomes: Outcomes) -> Iterator[Figure]:
    for name in (f"local:{scheme}:{count}" for scheme in ("ws", "wss") for count in _COUNTS):
        if outcome := outcomes.get(name):
            what = f"`{outcome.case.scheme}`, {len(outcome.case.hosts)} at once"
            yield from _beside_ours(outcome, what)
            yield from _beside_peers(outcome, what)


def _beside_ours(outcome: Outcome, what: str) -> Iterator[Figure]:
    if BEFORE in outcome.runs:
        yield _at_most(outcome, f"CPU, {what}", lambda seen: seen.cpu, BEFORE, "an earlier version", _OF_BEFORE)
    if outcome.case.scheme == "wss" and "bare" in outcome.runs:
        yield _at_most(outcome, f"CPU, {what}", lambda seen: seen.cpu, "bare", "sockets in threads", _OF_BARE)


def _beside_peers(outcome: Outcome, what: str) -> Iterator[Figure]:
    peers = [client for client in outcome.runs if client in CLIENTS and CLIENTS[client].is_python_peer]
    for peer, aim in (("websockets", "the least"), ("aiohttp", "the aim")):
        if peer in peers:
            yield _at_most(outcome, f"CPU, {what}", lambda seen: seen.cpu, peer, aim)
    if "websockets" in peers:
        yield _at_most(outcome, f"Wall, {what}", lambda seen: seen.wall, "websockets", "the least")
    if peers:
        yield _first(outcome, f"Wall, {what}", peers)
    if outcome.case.name == "local:wss:25" and COLD.name in outcome.runs:
        for peer in [peer for peer in ("websockets", "aiohttp") if peer in peers]:
            yield _cold(outcome, f"First test of a process, {what}, the whole process", peer)


def _at_most(
    outcome: Outcome, what: str, figure: Callable[[Seen], float], peer: str, aim: str, most: float = 1.0
) -> Figure:
    ratio = outcome.median(OURS, figure) / outcome.median(peer, figure)
    times = "" if most == 1 else f"{most:g} times "
    return Figure(what, f"{times}that of {peer} ({aim})", f"{ratio:.2f} times that", ratio <= most)


def _cold(outcome: Outcome, what: str, peer: str) -> Figure:
    ratio = outcome.median(COLD.name, lambda seen: seen.process) / outcome.median(peer, lambda seen: seen.process)
    return Figure(what, f"that of {peer}", f"{ratio:.2f} times that", ratio <= 1)


def _first(outcome: Outcome, what: str, peers: Sequence[str]) -> Figure:
    walls = {peer: outcome.median(peer, lambda seen: seen.wall) for peer in peers}
    best = min(walls, key=walls.__getitem__)
    ratio = outcome.median(OURS, lambda seen: seen.wall) / walls[best]
    return Figure(what, "the first of the Python peers", f"{ratio:.2f} times that of {best}", ratio <= 1)


def _far(outcomes: Outcomes) -> Iterator[Figure]:
    for name, what in (
        ("latency:ws", "2 to 250 ms, `ws`"),
        ("latency:ws:verified", "2 to 250 ms, `ws`, until the pong"),
        ("latency:wss", "2 to 250 ms, `wss`"),
        ("trust:wss", "2 to 250 ms, `wss` with the system's roots"),
        ("dns:ws", "Names 60 ms away"),
    ):
        outcome = outcomes.get(name)
        if outcome is None or outcome.case.ideal is None:
            continue
        wall = outcome.median(OURS, lambda seen: seen.wall) / outcome.case.ideal
        closed = outcome.median(OURS, lambda seen: seen.closed) / outcome.case.ideal
        asked = f"{_OF_IDEAL} times the ideal"
        yield Figure(what, asked, f"{wall:.3f}", wall <= _OF_IDEAL)
        if name != "dns:ws":
            yield Figure(f"{what}, until all is closed", asked, f"{closed:.3f}", closed <= _OF_IDEAL)


def _holes(outcomes: Outcomes) -> Iterator[Figure]:
    outcome, without = outcomes.get("holes:ws"), outcomes.get("latency:ws")
    if outcome is None:
        return
    over = outcome.median(OURS, lambda seen: seen.wall) - outcome.case.timeout
    yield Figure("Five black holes, the whole", "timeout + 50 ms", f"timeout + {over * 1000:.1f} ms", over <= 0.05)
    if without is not None:
        later = max(
            0.0,
            *(
                _settled(outcome, number) - _settled(without, number)
                for number in range(len(outcome.case.hosts))
                if number not in outcome.case.black_holes
            ),
        )
        measured = f"no region more than {later * 1000:.1f} ms later"
        yield Figure("Five black holes, healthy regions", "as without them", measured, later <= _LATER_SECONDS)
    elif outcome.case.ideal is not None:
        ratio = outcome.median(OURS, last_healthy(outcome)) / outcome.case.ideal
        yield Figure("Five black holes, the last healthy region", "1.06 times the ideal", f"{ratio:.3f}", ratio <= 1.06)


def _settled(outcome: Outcome, number: int) -> float:
    return statistics.median(seen.settled[number] for seen in outcome.runs[OURS])


def _abort(outcomes: Outcomes) -> Iterator[Figure]:
    for count, most in ((25, 0.005), (200, 0.01)):
        outcome = outcomes.get(f"abort:ws:{count}")
        if outcome is None:
            continue
        took = outcome.median(OURS, lambda seen: seen.abort or 0.0)
        asked = f"median under {most * 1000:.0f} ms"
        yield Figure(f"Abort to result, {count} in flight", asked, f"{took * 1000:.1f} ms", took < most)
        if BEFORE in outcome.runs:
            yield _at_most(
                outcome,
                f"Abort to result, {count} in flight",
                lambda seen: seen.abort or 0.0,
                BEFORE,
                "an earlier version",
            )
        sizes = [seen.in_flight_kib for seen in outcome.runs[OURS] if seen.in_flight_kib is not None]
        if count == 200 and sizes:
            each = statistics.median(sizes) / count
            yield Figure("Memory of a region in flight, 200 that hang", "100 KiB", f"{each:.0f} KiB", each <= 100)


def _soak(outcomes: Outcomes) -> Iterator[Figure]:
    for scheme in ("ws", "wss"):
        outcome = outcomes.get(f"soak:{scheme}")
        for runs in outcome.runs.values() if outcome else ():
            wrong, count = sum(seen.false_verdicts(outcome.case) for seen in runs), len(outcome.case.hosts) * len(runs)
            yield Figure(f"False verdicts in {count} handshakes, `{scheme}`", "none", str(wrong), wrong == 0)


def _imports(imports: Mapping[str, Sequence[float]]) -> Iterator[Figure]:
    for what in ("`import wsconn`", VERSION):
        if what in imports:
            took = statistics.median(imports[what]) * 1000
            yield Figure(f"{what}, over bare Python", "100 ms", f"{took:.0f} ms", took <= 100)
    for what, most, bare in ((IMPORT, 0.6, 0.0), (VERSION, 1.0, 1.0), (CHECK, 0.65, 1.0), (CHECK_TLS, 0.65, 1.0)):
        if what + AS_BEFORE in imports:
            start = bare * statistics.median(imports[BARE])
            ours, then = (start + statistics.median(imports[name]) for name in (what, what + AS_BEFORE))
            which = "the whole process" if bare else "over bare Python"
            yield Figure(
                f"{what}, {which}", f"{most:g} times as before", f"{ours / then:.2f} times", ours <= most * then
            )
