"""What the debugger adds to a report in Markdown, as blocks before those of the check."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from wsconn._debug.records import DebugReport
from wsconn._text import duration
from wsconn.reports._debugger.conclusions import ENDED_EARLY, Told, told_of
from wsconn.reports._debugger.holds import held_of, kind_of, told
from wsconn.reports._debugger.trials import Row, Strip, strips_of
from wsconn.reports._markup import cell, code, loose, loose_cell
from wsconn.reports._quantities import some
from wsconn.reports._signs import SIGNS


def debug_blocks(report: DebugReport) -> Iterator[str]:
    """Yield who is in the way, the experiments, and what was held."""
    names = _names_in(report)
    for conclusion in told_of(report):
        yield from _conclusion(conclusion, names)
    if report.aborted:
        yield ENDED_EARLY
    for strip in strips_of(report):
        yield "\n".join(_strip(strip))
    if report.holds:
        yield "\n".join(_holds(report))


def _names_in(report: DebugReport) -> set[str]:
    """Return the names in certificates, which have words that look like a sentence's own."""
    seen = [outcome.tls for outcome in report.result.outcomes] + [made.tls for made in report.experiments]
    return {name for tls in seen if tls for name in (tls.issuer, tls.subject) if name}


def _conclusion(conclusion: Told, names: Collection[str]) -> Iterator[str]:
    yield f"**{loose(conclusion.first, names)}**"
    if conclusion.rest:
        yield loose(conclusion.rest, names)
    yield "\n".join(_facts(conclusion))


def _facts(conclusion: Told) -> Iterator[str]:
    if conclusion.whom:
        yield f"- Tell: **{conclusion.whom}**"
    yield f"- How sure: {conclusion.sure}"
    yield f"- {'Regions' if len(conclusion.regions) > 1 else 'Region'}: {some(conclusion.regions, code)}"


def _strip(strip: Strip) -> Iterator[str]:
    yield f"### Experiments at {code(strip.region)}\n"
    yield f"| | what was changed | {''.join(f'{place} | ' for place in strip.places)}ended | time |"
    yield f"|---|---|{':-:|' * len(strip.places)}---|--:|"
    for row in strip.rows:
        marks = "".join(f"{_mark(row, number)} | " for number in range(len(strip.places)))
        control = " (control)" if row.is_control else ""
        yield (
            f"| {SIGNS.of(row.status)} {row.status} | {loose_cell(row.changed)}{control} | {marks}{row.told}"
            f" | {duration(row.seconds)} |"
        )


def _mark(row: Row, number: int) -> str:
    """Return the sign of one place: a dash where it is not on this way."""
    if number in row.absent:
        return "-"
    if number < row.done:
        return SIGNS.passed
    return SIGNS.failed if row.failed and number == row.done else ""


def _holds(report: DebugReport) -> Iterator[str]:
    yield "### Held open after the check\n"
    yield "| region | held | how it ended |"
    yield "|---|---|---|"
    for held in held_of(report):
        for hold in held.holds:
            yield f"| {cell(held.region)} | {kind_of(hold)} | {loose_cell(told(hold))} |"
