"""What PAC files answered for the regions, and which of them could not be used."""

from __future__ import annotations

from collections.abc import Iterator

from wsconn._outcome import Evidence, RegionOutcome
from wsconn._text import value
from wsconn.reports._analysis.facts import Facts
from wsconn.reports._quantities import counted, every

_MOST_NAMES = 3  # of regions in a sentence
_MOST_ANSWERS = 5  # that are told one by one


def pac_answers(facts: Facts) -> Iterator[str]:
    """Say what each PAC file answered for which regions, the most common answer last."""
    asked = [(region, seen) for region in facts.result.outcomes if (seen := _evidence(region)) and seen.pac]
    for pac in dict.fromkeys(seen.pac for _, seen in asked):
        of_this = [(region.region, seen) for region, seen in asked if seen.pac == pac]
        yield from _problems(pac, of_this, len(facts.result.outcomes))
        answers: dict[str, list[str]] = {}
        for name, seen in of_this:
            if seen.pac_answer is not None:
                answers.setdefault(seen.pac_answer, []).append(name)
        if answers:
            yield f"The PAC file {value(pac)} answers {_answers(answers, len(facts.result.outcomes))}"


def _problems(pac: str | None, asked: list[tuple[str, Evidence]], total: int) -> Iterator[str]:
    without = [(name, seen.pac_problem) for name, seen in asked if seen.pac_problem]
    if without:
        names, problem = [name for name, _ in without], without[0][1]
        go = "goes" if len(names) == 1 else "go"
        yield f"The PAC file {value(pac)} could not be used ({value(problem)}): {_named(names, total)} {go} without it"


def _answers(answers: dict[str, list[str]], total: int) -> str:
    rarest_first = sorted(answers.items(), key=lambda one: len(one[1]))
    told = [f"{value(answer)} for {_named(names, total)}" for answer, names in rarest_first[-_MOST_ANSWERS:]]
    more = len(answers) - len(told)
    if more:
        told.insert(0, f"{more} more ways for others")
    *first, last = told
    return f"{', '.join(first)} and {last}" if first else last


def _named(names: list[str], total: int) -> str:
    if len(names) == total:
        return "the region" if total == 1 else f"{every(total).lower()} regions"
    if len(names) > _MOST_NAMES:
        return counted(len(names))
    *first, last = map(value, names)
    return f"{', '.join(first)} and {last}" if first else last


def _evidence(region: RegionOutcome) -> Evidence | None:
    return region.failure.evidence if region.failure else region.evidence
