"""Outcomes as Markdown. Figures are medians over the rounds; a ratio is to wsconn in the same rounds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable

from benchmarks.rounds import Outcome
from benchmarks.runs import OURS, Seen

SERVER_LIMIT = 0.8  # of one processor: the server has one thread
_NOTHING = "-"

Cell = Callable[[Outcome, str], str]


def table(outcome: Outcome) -> list[str]:
    """Return the lines of a case's table, the fastest client first."""
    columns = _COLUMNS[outcome.case.kind]
    lines = [_row(["", *columns]), _row(["---"] * (len(columns) + 1))]
    key = _abort if outcome.case.kind == "abort" else _wall
    for client in sorted(outcome.runs, key=lambda client: outcome.median(client, key)):
        lines.append(_row([client, *(cell(outcome, client) for cell in columns.values())]))
    lines += [
        _row([client, f"failed: {why}"]) for client, why in outcome.failures.items() if client not in outcome.runs
    ]
    return [*lines, *_notes(outcome)]


def server_share(outcome: Outcome, client: str) -> float:
    """Return what the server took of one processor while the client was at work."""
    return outcome.median(client, lambda seen: seen.server_cpu / seen.closed)


def _notes(outcome: Outcome) -> Iterable[str]:
    limited = [client for client in outcome.runs if server_share(outcome, client) > SERVER_LIMIT]
    if limited and outcome.case.kind == "local":
        yield f"\nThe server was the limit for: {', '.join(limited)}."
    reasons = {
        client: next(seen.why for seen in runs if seen.false_verdicts(outcome.case))
        for client, runs in outcome.runs.items()
        if outcome.case.abort_after is None and any(seen.false_verdicts(outcome.case) for seen in runs)
    }
    for client, why in reasons.items():
        yield f"\nFalse verdicts of {client}, the first reason given: `{why or 'none'}`."


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}" if seconds < 0.1 else f"{seconds * 1000:.0f}"


def _wall(seen: Seen) -> float:
    return seen.wall


def _abort(seen: Seen) -> float:
    return seen.wall if seen.abort is None else seen.abort


def _median_ms(figure: Callable[[Seen], float]) -> Cell:
    return lambda outcome, client: _ms(outcome.median(client, figure))


def _range_ms(figure: Callable[[Seen], float]) -> Cell:
    def cell(outcome: Outcome, client: str) -> str:
        times = [figure(seen) for seen in outcome.runs[client]]
        return f"{_ms(min(times))} to {_ms(max(times))}"

    return cell


def _to_ours(figure: Callable[[Seen], float]) -> Cell:
    def cell(outcome: Outcome, client: str) -> str:
        if OURS not in outcome.runs:
            return _NOTHING
        return f"{outcome.median(client, figure) / outcome.median(OURS, figure):.2f}"

    return cell


def _to_ideal(figure: Callable[[Seen], float]) -> Cell:
    def cell(outcome: Outcome, client: str) -> str:
        assert outcome.case.ideal is not None
        return f"{outcome.median(client, figure) / outcome.case.ideal:.3f}"

    return cell


def _cpu_each(outcome: Outcome, client: str) -> str:
    return f"{outcome.median(client, lambda seen: seen.cpu) / len(outcome.case.hosts) * 1e6:.0f}"


def _threads(outcome: Outcome, client: str) -> str:
    return str(outcome.threads.get(client, _NOTHING))


def _kib_each(figure: Callable[[Seen], int | None]) -> Cell:
    def cell(outcome: Outcome, client: str) -> str:
        sizes = [size for seen in outcome.runs[client] if (size := figure(seen)) is not None]
        return f"{statistics.median(sizes) / len(outcome.case.hosts):.0f}" if sizes else _NOTHING

    return cell


def _false(outcome: Outcome, client: str) -> str:
    wrong = sum(seen.false_verdicts(outcome.case) for seen in outcome.runs[client])
    return f"{wrong} of {len(outcome.case.hosts) * len(outcome.runs[client])}"


def _runs(outcome: Outcome, client: str) -> str:
    return str(len(outcome.runs[client]))


def _server(outcome: Outcome, client: str) -> str:
    share = server_share(outcome, client)
    return f"{share:.0%}{' (limit)' if share > SERVER_LIMIT else ''}"


def last_healthy(outcome: Outcome) -> Callable[[Seen], float]:
    """Return what tells when the last region settled that is no black hole."""
    healthy = [number for number in range(len(outcome.case.hosts)) if number not in outcome.case.black_holes]
    return lambda seen: max(seen.settled[number] for number in healthy)


def _healthy_to_ideal(outcome: Outcome, client: str) -> str:
    return _to_ideal(last_healthy(outcome))(outcome, client)


def _late(outcome: Outcome, client: str) -> str:
    times = [seen.late for seen in outcome.runs[client] if seen.late is not None]
    return _ms(statistics.median(times)) if times else _NOTHING


def _past_timeout(outcome: Outcome, client: str) -> str:
    return _ms(outcome.median(client, _wall) - outcome.case.timeout)


def _closed(seen: Seen) -> float:
    return seen.closed


def _cpu(seen: Seen) -> float:
    return seen.cpu


_COLUMNS: dict[str, dict[str, Cell]] = {
    "local": {
        "runs": _runs,
        "wall ms": _median_ms(_wall),
        "min to max": _range_ms(_wall),
        "wall, to wsconn": _to_ours(_wall),
        "closed ms": _median_ms(_closed),
        "CPU µs each": _cpu_each,
        "CPU, to wsconn": _to_ours(_cpu),
        "threads": _threads,
        "peak KiB each": _kib_each(lambda seen: seen.peak_kib),
        "process ms": _median_ms(lambda seen: seen.process),
        "false": _false,
        "server": _server,
    },
    "far": {
        "runs": _runs,
        "wall ms": _median_ms(_wall),
        "min to max": _range_ms(_wall),
        "to ideal": _to_ideal(_wall),
        "closed, to ideal": _to_ideal(_closed),
        "wall, to wsconn": _to_ours(_wall),
        "CPU µs each": _cpu_each,
        "CPU, to wsconn": _to_ours(_cpu),
        "false": _false,
        "packets late, ms": _late,
    },
    "holes": {
        "runs": _runs,
        "last healthy, to ideal": _healthy_to_ideal,
        "wall ms": _median_ms(_wall),
        "past the timeout, ms": _past_timeout,
        "closed ms": _median_ms(_closed),
        "wall, to wsconn": _to_ours(_wall),
        "false": _false,
        "packets late, ms": _late,
    },
    "abort": {
        "runs": _runs,
        "abort to result ms": _median_ms(_abort),
        "min to max": _range_ms(_abort),
        "to all closed ms": _median_ms(lambda seen: _abort(seen) + seen.closed - seen.wall),
        "KiB in flight each": _kib_each(lambda seen: seen.in_flight_kib),
    },
    "soak": {
        "wall s": lambda outcome, client: f"{outcome.median(client, _wall):.1f}",
        "CPU µs each": _cpu_each,
        "peak MiB": lambda outcome, client: f"{(outcome.runs[client][0].peak_kib or 0) / 1024:.1f}",
        "false": _false,
    },
}
