"""How a test stands, as lines on stderr: one per region as it settles, at -v one per stage and failed attempt too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Self

from wsconn import RegionOutcome, Stage, Status
from wsconn._cli.display.follow import Progress
from wsconn._cli.terminal import is_terminal, say, signs
from wsconn._run.state import State
from wsconn._text import duration
from wsconn.reports._columns import padded, wide
from wsconn.reports._printable import printable

_STATUS = 7  # characters of the longest status


class Silence:
    """Show nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def show(self, progress: Progress) -> None:
        """Do nothing."""


class Lines:
    """Write what is new since the last time; `verbose` wants the stages. A terminal first gets how long it may take."""

    def __init__(self, seconds: float | None = None, *, verbose: bool) -> None:
        self._seconds = seconds
        self._verbose = verbose
        self._settled: set[str] = set()
        self._stages: dict[str, list[Stage]] = {}  # by region: those that were written, of the URL under way
        self._attempts: dict[str, int] = {}  # by region: how many were written
        self._signs = signs(sys.stderr)

    def __enter__(self) -> Self:
        if self._seconds is not None and is_terminal(sys.stderr):
            say(f"Testing; each region has {self._seconds:g} s. Ctrl-C ends it and shows what is known by then.")
        return self

    def __exit__(self, *_: object) -> None:
        return

    def show(self, progress: Progress) -> None:
        """Say a line for each region that settled, and whatever else is wanted."""
        names = max(wide(printable(outcome.region)) for _, outcome in progress)
        for state, outcome in progress:
            if outcome.region in self._settled:
                continue
            name = padded(printable(outcome.region), names)
            settled = state not in (State.WAITING, State.RUNNING)
            if self._verbose and state is not State.WAITING:
                for news in self._news(outcome, settled=settled):
                    say(f"  {'':{_STATUS}}  {name}  {news}")
            if settled:
                self._settled.add(outcome.region)
                if outcome.status is not Status.ABORTED:
                    sign = self._signs.of(outcome.status)
                    say(f"{sign} {outcome.status:{_STATUS}}  {name}  {_ending(outcome)}")

    def _news(self, outcome: RegionOutcome, *, settled: bool) -> Iterator[str]:
        reached = [stage for stage in Stage if getattr(outcome.timings, stage) is not None]
        over = reached if settled else reached[:-1]
        written = [stage for stage in self._stages.get(outcome.region, []) if stage in over]  # another URL begins anew
        for stage in over:
            if stage not in written:
                yield f"{stage} {duration(getattr(outcome.timings, stage))}"
        self._stages[outcome.region] = over
        for attempt in outcome.attempts[self._attempts.get(outcome.region, 0) :]:
            if attempt.cause:
                yield f"{attempt.stage} {attempt.cause}: {attempt.message}"
        self._attempts[outcome.region] = len(outcome.attempts)


def _ending(outcome: RegionOutcome) -> str:
    after = duration(outcome.duration)
    if outcome.failure is None:
        return f"in {after}"
    return f"{outcome.failure.cause}, in the stage {outcome.failure.stage}, after {after}"
