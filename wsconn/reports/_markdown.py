"""A result as Markdown, to paste into a ticket: GitHub's dialect, and readable where nothing renders it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsconn._diagnosis.advice import marked_advice_on
from wsconn._diagnosis.causes import marked_message_on
from wsconn._outcome import Failure, RegionOutcome, Stage
from wsconn._result import ConnectivityResult
from wsconn._text import duration, plain
from wsconn.reports._analysis.allow_list import AllowList, allow_lists_of
from wsconn.reports._analysis.findings import marked_findings
from wsconn.reports._analysis.groups import Advice, Group, grouped
from wsconn.reports._analysis.meaning import meaning, when
from wsconn.reports._analysis.network import ways_of
from wsconn.reports._analysis.operator_list import TITLE, OperatorList, operator_lists_of
from wsconn.reports._analysis.own_hosts import own_hosts
from wsconn.reports._analysis.times import beyond_the_stages, times_of
from wsconn.reports._debugger.markdown import debug_blocks
from wsconn.reports._machine import Machine, this_machine
from wsconn.reports._markup import cell, code, prose
from wsconn.reports._notes import notes_of
from wsconn.reports._printable import printable
from wsconn.reports._quantities import counted, some
from wsconn.reports._signs import SIGNS
from wsconn.reports._subject import Subject, parts_of

_FEW_NAMES = 3  # that are told one by one, where all regions are meant


def to_markdown(
    result: Subject,
    *,
    machine: Machine | None = None,
    warning: str | None = None,
    tested_from: Sequence[str] = (),
) -> str:
    """Return `result` as Markdown, a `warning` before all else.

    `machine` is the one that it is from: this one, where it is `None`. `tested_from` are that machine's addresses, for
    whoever has to know them. A debugger's report begins with its conclusions.
    """
    result, debugged = parts_of(result)
    first, *others = marked_findings(result)
    verdict = result.result
    blocks = [
        *([] if warning is None else [f"**Warning:** {printable(warning)}."]),
        *(debug_blocks(debugged) if debugged else ()),
        f"**{prose(first)}**",
        *map(prose, others),
        f"{SIGNS.of(verdict)} {verdict}: {prose(meaning(result))}",
        *(block for group in grouped(result.outcomes) for block in _failures(group)),
        "\n".join(_table(result.outcomes)),
        *([prose(beyond)] if (beyond := beyond_the_stages(result.outcomes)) else []),
        *("\n".join(_allowed(allowed)) for allowed in allow_lists_of(result)),
        *("\n".join(_listed(operator, len(result.outcomes))) for operator in operator_lists_of(result)),
        "\n".join(_circumstances(result, machine or this_machine(), tested_from)),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(outcomes: tuple[RegionOutcome, ...]) -> Iterator[str]:
    stages = [stage for stage in Stage if any(stage in times_of(outcome) for outcome in outcomes)]
    has_notes = any(map(notes_of, outcomes))
    yield f"| | region | {''.join(f'{stage} | ' for stage in stages)}total |{' note |' if has_notes else ''}"
    yield f"|---|---|{'--:|' * len(stages)}--:|{'---|' if has_notes else ''}"
    for outcome in outcomes:
        times = times_of(outcome)
        told = "".join(f"{duration(times[stage]) if stage in times else ''} | " for stage in stages)
        sign = f"{SIGNS.of(outcome.status)} {outcome.status}"
        note = f" {_note(outcome)} |" if has_notes else ""
        yield f"| {sign} | {cell(outcome.region)} | {told}{duration(outcome.duration)} |{note}"


def _note(outcome: RegionOutcome) -> str:
    return ", ".join(map(cell, notes_of(outcome)))


def _failures(group: Group) -> Iterator[str]:
    count = len(group.regions)
    yield f"### {code(group.cause)} in the stage {group.stage} ({counted(count)})"
    for advice in group.advice:
        whom = "" if len(advice.regions) == count else f" ({', '.join(map(code, advice.regions))})"
        yield f"**What to do**{whom}: {_advice(advice)}{_own_hosts(advice, group)}"
    yield "\n".join(f"- {', '.join(map(code, regions))}: {said}" for said, regions in _seen(group).items())


def _seen(group: Group) -> dict[str, list[str]]:
    """Return what was seen, and of which regions."""
    found: dict[str, list[str]] = {}
    for region, failure in group.failures:
        found.setdefault(_message(failure), []).append(region)
    return found


def _message(failure: Failure) -> str:
    seen = failure.evidence
    return _marked(failure.message, marked_message_on(failure.cause, seen) if seen else None)


def _advice(advice: Advice) -> str:
    if advice.marked is not None:
        return prose(advice.marked)
    failure, seen = advice.failure, advice.failure.evidence
    return _marked(failure.advice, marked_advice_on(failure.cause, seen) if seen else None)


def _marked(said: str, sentence: str | None) -> str:
    """Return a text with its values as code; one that does not follow from the evidence may be anybody's, and is code.

    Somebody may have made the record by hand, or another version has.
    """
    return prose(sentence) if sentence is not None and plain(sentence) == said else code(said)


def _own_hosts(advice: Advice, group: Group) -> str:
    said = own_hosts(advice, group)
    return f" ({prose(said)})" if said else ""


def _allowed(allowed: AllowList) -> Iterator[str]:
    yield f"### Hosts and ports to allow: {prose(allowed.title)}\n"
    if allowed.note:
        yield f"{allowed.note}\n"
    yield "| | host | port | for | regions |"
    yield "|---|---|--:|---|---|"
    for place in allowed.places:
        there = place.destination
        mark = f"{SIGNS.of(place.status)} {place.told}"
        yield f"| {mark} | {cell(there.host)} | {there.port} | {cell(there.scheme)} | {some(place.regions, cell)} |"


def _listed(operator: OperatorList, regions: int) -> Iterator[str]:
    yield f"### {TITLE}\n"
    is_long = len(operator.regions) == regions > _FEW_NAMES
    yield f"- For {f'all {regions} regions' if is_long else some(operator.regions, code)}"
    if operator.allow:
        yield f"- {', '.join(map(code, operator.allow))}"
    if operator.help:
        yield f"- {code(operator.help)}"


def _circumstances(result: ConnectivityResult, machine: Machine, tested_from: Sequence[str]) -> Iterator[str]:
    yield "### Circumstances\n"
    yield f"- Tested {when(result)} in {result.duration:.1f} s"
    if tested_from:
        yield f"- Tested from {', '.join(map(code, tested_from))}"
    if machine.known_by:
        yield f"- Machine: {', '.join(map(code, machine.known_by))}"
    for way, regions in ways_of(result).items():
        yield f"- {counted(len(regions))} {f'through the proxy {code(way)}' if way else 'without a proxy'}"
    yield f"- wsconn {code(machine.wsconn)}, {code(machine.python)}, {code(machine.openssl)}, {code(machine.system)}"
