"""The debugger's tables, as the manual has them: experiments, when each is made, conclusions and their facts."""

from __future__ import annotations

from collections.abc import Iterable

from wsconn import Cause, Stage
from wsconn._debug.choice import CHOICES
from wsconn._debug.conclusions import FACTS, RULES
from wsconn._debug.conclusions.rule import Rule
from wsconn._debug.experiments import TRIALS
from wsconn._debug.hold_conclusions import HOLD_RULES


def experiments() -> str:
    """Write a table of the experiments: what each changes, what it sends to whom, and what it tells apart."""
    rows = [
        f"| `{trial.name}` | {_words(trial.changed)} | {_words(trial.sent)} | {trial.tells} |"
        for trial in TRIALS.values()
    ]
    return "\n".join(
        ["| experiment | what is changed | what is sent | what it tells apart |", "|---|---|---|---|", *rows]
    )


def choices() -> str:
    """Write a table of which experiments follow from where a check ended."""
    rows = [f"| `{row.stage}` | {_causes(row.causes)} | {_names(row.experiments)} |" for row in CHOICES]
    return _table("stage", "causes", "experiments", rows=rows)


def conclusions() -> str:
    """Write a table of the rules, in the order in which they are tried."""
    rows = [_row(rule) for rule in RULES]
    return "\n".join(
        ["| suspect | how sure | stages | what must be so | what is said |", "|---|---|---|---|---|", *rows]
    )


def facts() -> str:
    """Write a table of the facts that rules ask for."""
    rows = [f"| `{name}` | {fact.meaning} |" for name, fact in FACTS.items()]
    return _table("fact", "what it means", rows=rows)


def holds() -> str:
    """Write a table of the rules on connections that were held open, in the order in which they are tried."""
    rows = [
        f"| {rule.when} | {f'`{rule.suspect}`' if rule.suspect else 'nobody'} | {rule.certainty} |"
        for rule in HOLD_RULES
    ]
    return _table("what was seen", "suspect", "how sure", rows=rows)


def _table(*columns: str, rows: Iterable[str]) -> str:
    return "\n".join([f"| {' | '.join(columns)} |", "|" + "---|" * len(columns), *rows])


def _row(rule: Rule) -> str:
    wanted = [
        *(f"`{name}` passed" for name in rule.passed),
        *(f"`{name}` failed" for name in rule.failed),
        *(f"`{name}` passed and failed" for name in rule.partly),
        *(f"`{name}`" for name in rule.facts),
    ]
    causes = f"; {_causes(rule.causes)}" if rule.causes else ""
    suspect = f"`{rule.suspect}`" if rule.suspect else "nobody"
    said = _words(rule.sentence)
    return f"| {suspect} | {rule.certainty} | {_stages(rule.stages)}{causes} | {', '.join(wanted)} | {said} |"


def _causes(causes: Iterable[Cause] | None) -> str:
    return "any" if causes is None else _names(causes)


def _stages(stages: Iterable[Stage]) -> str:
    stages = list(stages)
    return "any" if set(stages) == set(Stage) else _names(stages)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _words(text: str) -> str:
    """Write what is filled in as such: `{server}` in italics."""
    for brackets, sign in (("{", "*"), ("}", "*")):
        text = text.replace(brackets, sign)
    return text.replace("_", r"\_").replace("|", r"\|")
