"""A result as text for a person at a terminal or in a mail: the finding, a line per region, under one that failed its
cause and what to do, under a pass that is not like others a note, and last the verdict and what it means. The name, the
label and the wrapped text each keep their column.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from wsconn._outcome import Failure, RegionOutcome, Stage
from wsconn._result import ConnectivityResult
from wsconn._text import duration, plain
from wsconn._version import __version__
from wsconn.reports._allow_text import allow_lines
from wsconn.reports._analysis.findings import findings
from wsconn.reports._analysis.groups import grouped
from wsconn.reports._analysis.meaning import meaning, when
from wsconn.reports._analysis.times import times_of
from wsconn.reports._columns import padded, wide
from wsconn.reports._notes import notes_of
from wsconn.reports._printable import printable
from wsconn.reports._secrets import without_secrets
from wsconn.reports._signs import SIGNS, Signs

_WIDEST_TEXT = 100  # columns; longer lines are hard to read
_NARROWEST_TEXT = 40
_STATUS = 7  # characters of the longest status, and of the labels that stand under it
_TEXT_BEGINS = 2 + _STATUS + 2  # after a sign, a blank, the status and two blanks


def to_text(
    result: ConnectivityResult,
    *,
    width: int = 80,
    signs: Signs = SIGNS,
    warning: str | None = None,
    tested_from: Sequence[str] = (),
) -> str:
    """Return `result` as lines of text, a `warning` before all else.

    `tested_from` are this machine's addresses, for whoever has to know them.

    Lines are wrapped to `width` columns. Where a row would be longer, the columns of the first stages are left out;
    names and numbers are never cut.
    """
    result = without_secrets(result)
    lines = [
        *([] if warning is None else [*_wrapped(f"{signs.warning} ", f"Warning: {warning}.", width), ""]),
        *_findings(result, width),
        "",
        *_regions(result.outcomes, width, signs),
        *allow_lines(result, width, signs),
        "",
        *_closing(result, width, signs, tested_from),
    ]
    return "".join(f"{printable(line)}\n" for line in lines)


def _findings(result: ConnectivityResult, width: int) -> Iterator[str]:
    label = "finding"
    for finding in findings(result):
        yield from _labelled(label, finding, width)
        label = ""


def _regions(outcomes: Sequence[RegionOutcome], width: int, signs: Signs) -> Iterator[str]:
    columns = [stage for stage in Stage if any(_cell(outcome, stage) for outcome in outcomes)]
    names = max(map(wide, ["region", *(printable(outcome.region) for outcome in outcomes)]))
    cells = {stage: max(map(len, [stage, *(_cell(outcome, stage) for outcome in outcomes)])) for stage in columns}
    while columns and _TEXT_BEGINS + names + sum(2 + cells[stage] for stage in columns) > width:
        del columns[0]
    advice = _advice(outcomes)
    yield _row(" ", "", padded("region", names), [stage.rjust(cells[stage]) for stage in columns])
    for outcome in outcomes:
        name = padded(printable(outcome.region), names)
        timings = [_cell(outcome, stage).rjust(cells[stage]) for stage in columns]
        yield _row(signs.of(outcome.status), outcome.status, name, timings)
        for note in notes_of(outcome):
            yield from _labelled("note", note, width)
        if outcome.failure:
            yield from _reasons(outcome.failure, advice[outcome.region], width)


def _row(sign: str, status: str, name: str, timings: Sequence[str]) -> str:
    return "  ".join((f"{sign} {status:{_STATUS}}", name, *timings)).rstrip()


def _cell(outcome: RegionOutcome, stage: Stage) -> str:
    seconds = times_of(outcome).get(stage)
    return "" if seconds is None else duration(seconds)


def _advice(outcomes: Sequence[RegionOutcome]) -> dict[str, str]:
    """Return what to do about each region; what was said of one before is not said again."""
    told: dict[str, str] = {}
    for group in grouped(outcomes):
        for advice in group.advice:
            first, *others = advice.regions
            again = f"as for {first}{'' if advice.is_for_all else ', with its own host'}"
            told |= {first: advice.text, **dict.fromkeys(others, again)}
    return told


def _reasons(failure: Failure, advice: str, width: int) -> Iterator[str]:
    yield from _labelled("cause", f"{failure.cause}, in the stage {failure.stage}", width)
    yield from _labelled("seen", failure.message, width)
    yield from _labelled("advice", advice, width)


def _labelled(label: str, said: str, width: int) -> list[str]:
    return _wrapped(f"  {label:{_STATUS}}  ", said, width)


def _wrapped(first: str, said: str, width: int) -> list[str]:
    return textwrap.wrap(
        said,
        max(min(width, _WIDEST_TEXT), _TEXT_BEGINS + _NARROWEST_TEXT),
        initial_indent=first,
        subsequent_indent=" " * _TEXT_BEGINS,
        break_long_words=False,  # a URL or an address is copied
        break_on_hyphens=False,
    )


def _closing(result: ConnectivityResult, width: int, signs: Signs, tested_from: Sequence[str]) -> Iterator[str]:
    verdict = result.result
    yield from _wrapped(f"{signs.of(verdict)} {verdict:{_STATUS}}  ", plain(meaning(result)), width)
    place = f", from {', '.join(tested_from)}" if tested_from else ""
    said = f"Tested {when(result)} in {result.duration:.1f} s with wsconn {__version__}{place}."
    yield from _labelled("", said, width)
