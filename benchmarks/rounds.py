"""Interleaves the clients: in each round everyone runs once, in an order that is shuffled anew."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence

import attrs

from benchmarks.cases import Case
from benchmarks.runs import Client, Failed, Seen, Site

_BUDGET_SECONDS = 10.0  # that a client may take of one case; who is slower has fewer runs, and at least one

Tell = Callable[[str], None]


@attrs.frozen
class Outcome:
    """What was seen in a case, by client."""

    case: Case
    runs: dict[str, list[Seen]]
    threads: dict[str, int]
    failures: dict[str, str]  # what a client said that could not be measured, the last of it

    def median(self, client: str, figure: Callable[[Seen], float]) -> float:
        return statistics.median(figure(seen) for seen in self.runs[client])


def measure(site: Site, case: Case, clients: Sequence[Client], rounds: int, tell: Tell) -> Outcome:
    """Measure a case; `tell` gets a line for each round."""
    outcome = Outcome(case, {}, {}, {})
    spent = dict.fromkeys(clients, 0.0)
    for number in range(rounds):
        tell(f"{case.name}, round {number + 1} of {rounds}")
        for client in _shuffled(clients, f"{case.name} {number}"):
            if number and spent[client] > _BUDGET_SECONDS:
                continue
            seen = _run(site, client, outcome)
            if seen is not None:
                outcome.runs.setdefault(client.name, []).append(seen)
                spent[client] += seen.process
    if case.kind == "local":
        tell(f"{case.name}, counting threads")
        for client in clients:
            if spent[client] <= _BUDGET_SECONDS and client.name in outcome.runs:
                seen = _run(site, client, outcome, counts_threads=True)
                if seen is not None and seen.threads is not None:
                    outcome.threads[client.name] = seen.threads
    return outcome


def _run(site: Site, client: Client, outcome: Outcome, *, counts_threads: bool = False) -> Seen | None:
    try:
        return site.run(client, outcome.case, counts_threads=counts_threads)
    except Failed as failed:
        outcome.failures[client.name] = str(failed)
        return None


def _shuffled(clients: Sequence[Client], seed: str) -> list[Client]:
    return random.Random(seed).sample(list(clients), len(clients))
