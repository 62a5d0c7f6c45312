"""The regions over time: how large a part of the rounds failed in each span, of all machines together."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import attrs

from wsconn._outcome import Status
from wsconn.fleet._merged.facts import Fleet
from wsconn.fleet._merged.records import Row, moment

_MOST_SPANS = 60
_LEVELS = (0.0, 0.1, 0.5, 0.9)  # above which a span is a shade darker


@attrs.frozen
class Span:
    """Some spans in a row that are alike: the first, how many, and how dark: -1 where no round was."""

    first: int
    count: int
    level: int


@attrs.frozen(kw_only=True)
class Strip:
    """A region over time, and what it shows, in words."""

    region: str
    spans: tuple[Span, ...]
    told: str


def strips(fleet: Fleet) -> tuple[Strip, ...]:
    """Return a strip for each region; none where all rounds began at one time. Wrong clocks count for no time."""
    edges = edges_of(fleet)
    if edges is None:
        return ()
    first, last = edges
    width = spans_of(fleet)
    rows: dict[int, Row] = {}
    counts: Counter[tuple[int, int]] = Counter()
    for number in fleet.timed(range(len(fleet.hosts))):
        host = fleet.hosts[number]
        for at, row in zip(host.at, host.rows, strict=True):
            rows[id(row)] = row
            counts[id(row), round((at - first) / (last - first) * (width - 1))] += 1  # in the middle: rounds jitter
    return tuple(_strip(place, name, rows, counts, edges, width) for place, name in enumerate(fleet.report.regions))


def edges_of(fleet: Fleet) -> tuple[float, float] | None:
    """Return when the first and the last round began, or `None` where there is no time between them."""
    times = [at for number in fleet.timed(range(len(fleet.hosts))) for at in fleet.hosts[number].at]
    if not times or max(times) - min(times) < 1 or all(len(host.at) < 2 for host in fleet.hosts):
        return None
    return min(times), max(times)


def spans_of(fleet: Fleet) -> int:
    """Return how many spans there are: none is so short that a machine has no round in it."""
    edges, interval = edges_of(fleet), fleet.interval
    if edges is None or not interval:
        return 1
    return max(1, min(_MOST_SPANS, round((edges[1] - edges[0]) / interval) + 1))


def _strip(
    place: int,
    name: str,
    rows: dict[int, Row],
    counts: Counter[tuple[int, int]],
    edges: tuple[float, float],
    width: int,
) -> Strip:
    passed, failed = [0] * width, [0] * width
    for (key, span), count in counts.items():
        row = rows[key]
        end = row[place] if place < len(row) else None
        if end and end.status is Status.PASSED:
            passed[span] += count
        elif end and end.status is Status.FAILED:
            failed[span] += count
    levels = [_level(bad, bad + good) for bad, good in zip(failed, passed, strict=True)]
    spans, first = [], 0
    for level, alike in groupby(levels):
        count = len([*alike])
        spans.append(Span(first, count, level))
        first += count
    return Strip(region=name, spans=tuple(spans), told=_told(name, failed, passed, edges))


def _level(failed: int, rounds: int) -> int:
    if not rounds:
        return -1
    return sum(failed / rounds > level for level in _LEVELS)


def _told(name: str, failed: list[int], passed: list[int], edges: tuple[float, float]) -> str:
    rounds = sum(failed) + sum(passed)
    if not rounds:
        return f"{name}: no round"
    if not sum(failed):
        return f"{name}: passed in all {rounds} rounds"
    shares = [bad / (bad + good) if bad + good else 0.0 for bad, good in zip(failed, passed, strict=True)]
    worst = shares.index(max(shares))
    at = edges[0] + worst * (edges[1] - edges[0]) / max(1, len(failed) - 1)
    return (
        f"{name}: {sum(failed)} of {rounds} rounds failed, most about {moment(at):%Y-%m-%d %H:%M} UTC"
        f" ({max(shares):.0%} then)"
    )
