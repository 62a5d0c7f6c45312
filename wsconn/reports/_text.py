"""A result as text for a person at a terminal: a line per region, under a failed one its cause and what to do, and
last the verdict and what it means. The name, the label and the wrapped text each keep their column.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from wsconn import ConnectivityResult, Failure, RegionOutcome, Stage, Verdict, __version__
from wsconn.reports._printable import printable
from wsconn.reports._signs import SIGNS, Signs

_WIDEST_TEXT = 100  # columns; longer lines are hard to read
_NARROWEST_TEXT = 40
_STATUS = 7  # characters of the longest status, and of the labels that stand under it
_TEXT_BEGINS = 2 + _STATUS + 2  # after a sign, a blank, the status and two blanks


def to_text(result: ConnectivityResult, *, width: int = 80, signs: Signs = SIGNS) -> str:
    """Return `result` as lines of text, wrapped to `width` columns; names and numbers are never cut."""
    columns = [stage for stage in Stage if any(_cell(outcome, stage) for outcome in result.outcomes)]
    names = max(map(len, ["region", *(printable(outcome.region) for outcome in result.outcomes)]))
    cells = {stage: max(map(len, [stage, *(_cell(o, stage) for o in result.outcomes)])) for stage in columns}
    lines = [_row(" ", "", "region".ljust(names), [stage.rjust(cells[stage]) for stage in columns])]
    for outcome in result.outcomes:
        name = printable(outcome.region).ljust(names)
        timings = [_cell(outcome, stage).rjust(cells[stage]) for stage in columns]
        lines.append(_row(signs.of(outcome.status), outcome.status, name, timings))
        if outcome.failure:
            lines.extend(_reasons(outcome.failure, width))
    lines.append("")
    lines.extend(_closing(result, width, signs))
    return "".join(f"{printable(line)}\n" for line in lines)


def _row(sign: str, status: str, name: str, timings: Sequence[str]) -> str:
    return "  ".join((f"{sign} {status:{_STATUS}}", name, *timings)).rstrip()


def _cell(outcome: RegionOutcome, stage: Stage) -> str:
    seconds: float | None = getattr(outcome.timings, stage)
    return "" if seconds is None else _milliseconds(seconds)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _reasons(failure: Failure, width: int) -> Iterator[str]:
    yield from _labelled("cause", f"{failure.cause}, in the stage {failure.stage}", width)
    yield from _labelled("seen", failure.message, width)
    yield from _labelled("advice", failure.advice, width)


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


def _closing(result: ConnectivityResult, width: int, signs: Signs) -> Iterator[str]:
    verdict = result.result
    yield from _wrapped(f"{signs.of(verdict)} {verdict:{_STATUS}}  ", _meaning(result), width)
    when = f"Tested {result.started_at:%Y-%m-%d %H:%M:%S} UTC in {result.duration:.1f} s with wsconn {__version__}."
    yield from _labelled("", when, width)


def _meaning(result: ConnectivityResult) -> str:
    """Say in plain words what the verdict means for somebody who wants to make a call."""
    total, passed, failed = len(result.outcomes), len(result.passed_regions), len(result.failed_regions)
    match result.result:
        case Verdict.PASSED:
            every = "The region" if total == 1 else f"All {total} regions"
            return f"{every} can be reached. Calls will work.{_fastest(result)}"
        case Verdict.WARNING:
            those = "that one" if passed == 1 else "those"
            return f"{passed} of {total} regions can be reached. Calls will work through {those}.{_fastest(result)}"
        case Verdict.FAILED:
            none = "The region cannot" if total == 1 else f"None of the {total} regions can"
            return f"{none} be reached. Calls will not work from here until what is said above is put right."
        case Verdict.ABORTED:
            unknown = len(result.aborted_regions)
            return (
                f"The test was ended early. Of {_counted(total)}, {passed} can be reached, {failed} cannot, and of"
                f" {unknown} nothing is known."
            )


def _counted(regions: int) -> str:
    return "1 region" if regions == 1 else f"{regions} regions"


def _fastest(result: ConnectivityResult) -> str:
    fastest = result.fastest()
    if fastest is None or fastest.round_trip is None or len(result.passed_regions) == 1:
        return ""
    return f" The fastest is {fastest.region}, with a round trip of {_milliseconds(fastest.round_trip)}."
