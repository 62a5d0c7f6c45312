"""What the live table of a test shows, and what it leaves out where there is too little room: no terminal here.

Rows are in the order of the regions. Where there are more than the terminal is high, those that a person waits for stay
(under way, then failed, then waiting, then passed) and a line counts the others. Where columns are too many, those of
the first stages go first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from wsconn import RegionOutcome, Stage
from wsconn._cli.display.follow import Progress
from wsconn._cli.display.truncate_rows import truncate_rows
from wsconn._run.state import State
from wsconn._text import duration
from wsconn.reports._printable import printable

NUMBER = 6  # columns: a blank and five digits of milliseconds, whose unit is beside the total
TOTAL = NUMBER + 3
_NOW = 14  # columns of the present stage, or of the cause, that stages make room for
_NARROWEST_NOW = 9
_WIDEST_NOW = 24  # fits `proxy_target_unreachable`
_NARROWEST_NAME = 8

_WANTED = (State.RUNNING, State.FAILED, State.WAITING, State.ABORTED, State.PASSED)  # the first stay the longest
_ALWAYS = (Stage.RESOLVE, Stage.CONNECT, Stage.UPGRADE, Stage.FRAMES)


@attrs.frozen(kw_only=True)
class Row:
    """One region: how it stands, in which words, and seconds in words by stage."""

    state: State
    region: str
    now: str
    times: tuple[str, ...]
    total: str


@attrs.frozen(kw_only=True)
class Layout:
    """How many columns each part of the table has."""

    region: int
    now: int
    stages: tuple[Stage, ...]


def stage_width(stage: Stage) -> int:
    """Return how many columns a stage takes, a blank before it included."""
    return max(NUMBER, len(stage) + 1)


def layout(progress: Progress, names: int, width: int) -> Layout:
    """Fit the table to `width` columns; `names` is how many the longest name takes."""
    fixed = 2 + 1 + TOTAL  # the sign and its blank, the blank behind the name, the total
    stages = list(_stages(progress))
    while stages and fixed + names + _NOW + sum(map(stage_width, stages)) > width:
        del stages[0]
    left = width - fixed - sum(map(stage_width, stages))
    region = max(min(names, left - _NARROWEST_NOW), _NARROWEST_NAME)  # names that begin alike differ at their end
    return Layout(region=region, now=max(min(left - region, _WIDEST_NOW), 1), stages=tuple(stages))


def rows(progress: Progress, stages: Sequence[Stage], height: int) -> tuple[list[Row], str]:
    """Return at most `height` rows, and what to say of the regions that have none; nothing where all have one."""
    kept, hidden = truncate_rows([_WANTED.index(state) for state, _ in progress], height)
    counts = Counter(progress[index][0] for index in hidden)
    others = ", ".join(f"{counts[state]} {_others(state)}" for state in _WANTED if counts[state])
    return [_row(*progress[index], stages) for index in kept], f"and {others}" if others else ""


def _stages(progress: Progress) -> Iterator[Stage]:
    outcomes = [outcome for _, outcome in progress]
    secure = any(outcome.url is None or outcome.url.startswith("wss") for outcome in outcomes)
    for stage in Stage:
        reached = any(getattr(outcome.timings, stage) is not None for outcome in outcomes)
        if stage in _ALWAYS or reached or (stage is Stage.TLS and secure):
            yield stage


def _row(state: State, outcome: RegionOutcome, stages: Sequence[Stage]) -> Row:
    return Row(
        state=state,
        region=printable(outcome.region),
        now=_now(state, outcome),
        times=tuple(_brief(getattr(outcome.timings, stage)) for stage in stages),
        total="" if state is State.WAITING else duration(outcome.duration),
    )


def _brief(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.0f}"


def _now(state: State, outcome: RegionOutcome) -> str:
    if state is State.RUNNING:
        return next((stage for stage in reversed(Stage) if getattr(outcome.timings, stage) is not None), Stage.RESOLVE)
    return outcome.failure.cause if outcome.failure else state


def _others(state: State) -> str:
    return "more under way" if state is State.RUNNING else state
