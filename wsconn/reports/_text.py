"""A result as text for a person at a terminal or in a mail: the finding; for what failed alike its cause, what was seen
and what to do; a line per region; and last the verdict and what it means. Where that is more than a screen, finding and
advice stand before the verdict once more. The name, the label and the wrapped text each keep their column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wsconn._outcome import Failure, RegionOutcome, Stage
from wsconn._result import ConnectivityResult
from wsconn._text import duration, plain
from wsconn._version import __version__
from wsconn.reports._allow_text import allow_lines
from wsconn.reports._analysis.findings import findings
from wsconn.reports._analysis.groups import Advice, Group, advice_for_most, grouped, kind_of_message
from wsconn.reports._analysis.meaning import meaning, when
from wsconn.reports._analysis.own_hosts import own_hosts
from wsconn.reports._analysis.times import times_of
from wsconn.reports._columns import padded, wide
from wsconn.reports._labels import STATUS, TEXT_BEGINS, labelled, wrapped
from wsconn.reports._machine import Machine, known_by
from wsconn.reports._notes import notes_of
from wsconn.reports._printable import printable
from wsconn.reports._signs import SIGNS, Signs
from wsconn.reports._subject import Subject, parts_of

if TYPE_CHECKING:
    from wsconn._debug.records import DebugReport

_SCREEN_LINES = 24
_FEW_LINES = 2  # of names; more of them stand below what is to be done
_FEW_NAMES = 3  # in a sentence


def to_text(
    result: Subject,
    *,
    width: int = 80,
    signs: Signs = SIGNS,
    machine: Machine | None = None,
    warning: str | None = None,
    tested_from: Sequence[str] = (),
) -> str:
    """Return `result` as lines of text, a `warning` before all else.

    Of the `machine` that it is from (this one, where it is `None`) site and labels are told. `tested_from` are that
    machine's addresses, for whoever has to know them.

    Lines are wrapped to `width` columns. Where a row would be longer, the columns of the first stages are left out;
    names and numbers are never cut. A debugger's report begins with its conclusions.
    """
    result, debugged = parts_of(result)
    groups = grouped(result.outcomes)
    lines = [
        *([] if warning is None else [*wrapped(f"{signs.warning} ", f"Warning: {warning}.", width), ""]),
        *(_debug_lines(debugged, width, signs) if debugged else ()),
        *_findings(result, width),
        "",
        *(line for group in groups for advice in group.advice for line in _reasons(group, advice, width)),
        *_regions(result.outcomes, width, signs),
        *allow_lines(result, width, signs),
        "",
    ]
    if groups and len(lines) > _SCREEN_LINES:
        lines += [*_findings(result, width), *_advice_for_most(groups, width), ""]
    lines += _closing(result, width, signs, [*tested_from, *known_by(machine)])
    return "".join(f"{printable(line)}\n" for line in lines)


def _debug_lines(report: DebugReport, width: int, signs: Signs) -> Iterator[str]:
    from wsconn.reports._debugger.text import debug_lines  # here: a check's report needs nothing of the debugger's

    return debug_lines(report, width, signs)


def _findings(result: ConnectivityResult, width: int) -> Iterator[str]:
    label = "finding"
    for finding in findings(result):
        yield from labelled(label, finding, width)
        label = ""


def _reasons(group: Group, advice: Advice, width: int) -> Iterator[str]:
    """Tell of regions that failed alike, and about which the same is to be done."""
    names = labelled("regions" if len(advice.regions) > 1 else "region", ", ".join(advice.regions), width)
    is_long = len(names) > _FEW_LINES
    yield from labelled("cause", f"{group.cause}, in the stage {group.stage}", width)
    yield from () if is_long else names
    yield from labelled("advice", f"{advice.text}{_own_hosts(advice, group)}", width)
    for message in _seen(group, advice):
        yield from labelled("seen", message, width)
    yield from names if is_long else ()
    yield ""


def _seen(group: Group, advice: Advice) -> list[str]:
    """Return the messages of these, the first of those that differ only in server and time."""
    found: dict[str, list[tuple[str, Failure]]] = {}
    for name, failure in group.failures:
        if name in advice.regions:
            found.setdefault(kind_of_message(failure), []).append((name, failure))
    return [_message(alike, is_only=len(found) == 1) for alike in found.values()]


def _message(alike: Sequence[tuple[str, Failure]], *, is_only: bool) -> str:
    (name, first), *others = alike
    whose = "" if is_only else f"{name}: "
    return f"{whose}{first.message}{f' (and {len(others)} more like it)' if others else ''}"


def _own_hosts(advice: Advice, group: Group) -> str:
    said = own_hosts(advice, group)
    return f" ({plain(said)})" if said else ""


def _advice_for_most(groups: tuple[Group, ...], width: int) -> list[str]:
    """Say what to do about the most of it, or about the largest group."""
    advice = advice_for_most(groups)
    if advice is None:
        advice = groups[0].advice[0]
        return labelled("advice", f"For {_some(advice.regions)}: {advice.text}{_own_hosts(advice, groups[0])}", width)
    return labelled("advice", f"{advice.text}{_own_hosts(advice, groups[0])}", width)


def _some(names: Sequence[str]) -> str:
    if len(names) <= _FEW_NAMES:
        return _listed(names)
    return f"{names[0]} and {len(names) - 1} more"


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _regions(outcomes: Sequence[RegionOutcome], width: int, signs: Signs) -> Iterator[str]:
    columns = [stage for stage in Stage if any(_cell(outcome, stage) for outcome in outcomes)]
    names = max(map(wide, ["region", *(printable(outcome.region) for outcome in outcomes)]))
    cells = {stage: max(map(len, [stage, *(_cell(outcome, stage) for outcome in outcomes)])) for stage in columns}
    while columns and TEXT_BEGINS + names + sum(2 + cells[stage] for stage in columns) > width:
        del columns[0]
    yield _row(" ", "", padded("region", names), [stage.rjust(cells[stage]) for stage in columns])
    for outcome in outcomes:
        name = padded(printable(outcome.region), names)
        timings = [_cell(outcome, stage).rjust(cells[stage]) for stage in columns]
        yield _row(signs.of(outcome.status), outcome.status, name, timings)
        for note in notes_of(outcome):
            yield from labelled("note", note, width)


def _row(sign: str, status: str, name: str, timings: Sequence[str]) -> str:
    return "  ".join((f"{sign} {status:{STATUS}}", name, *timings)).rstrip()


def _cell(outcome: RegionOutcome, stage: Stage) -> str:
    seconds = times_of(outcome).get(stage)
    return "" if seconds is None else duration(seconds)


def _closing(result: ConnectivityResult, width: int, signs: Signs, places: Sequence[str]) -> Iterator[str]:
    verdict = result.result
    yield from wrapped(f"{signs.of(verdict)} {verdict:{STATUS}}  ", plain(meaning(result)), width)
    place = f", from {', '.join(places)}" if places else ""
    said = f"Tested {when(result)} in {result.duration:.1f} s with wsconn {__version__}{place}."
    yield from labelled("", said, width)
