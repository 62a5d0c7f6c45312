"""How a watch stands, as a table that is drawn over itself: a row per region with the statistics so far."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Self

from rich.console import Group
from rich.text import Text

from wsconn import ConnectivityResult
from wsconn._cli.display.canvas import Canvas
from wsconn._cli.display.follow import Progress
from wsconn._cli.display.statistics import Statistics
from wsconn._cli.display.truncate_rows import truncate_rows
from wsconn._cli.display.watch_text import Layout, head, layout, row
from wsconn._cli.terminal import can_show
from wsconn._run.state import State
from wsconn.reports._printable import printable

_OTHER_LINES = 3  # than rows: the head, a blank, the last line


class WatchTable:
    """The rows, and a line on the round; `count` is how many there will be."""

    def __init__(self, count: int | None) -> None:
        self._rounds = "" if count is None else f" of {count}"
        self._canvas = Canvas()
        self._is_ascii = not can_show("▁▂▃▄▅▆▇█✗", sys.stderr)
        self._statistics: Sequence[Statistics] = ()
        self._number = 1

    def __enter__(self) -> Self:
        self._canvas.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._canvas.__exit__()

    def update(self, statistics: Sequence[Statistics], number: int) -> None:
        """Take over what is known."""
        self._statistics, self._number = statistics, number

    def show(self, progress: Progress) -> None:
        """Draw the table anew, within a round."""
        settled = sum(state not in (State.WAITING, State.RUNNING) for state, _ in progress)
        self._draw(f"round {self._number}{self._rounds}: {settled} of {len(progress)}")

    def end_round(self, number: int, result: ConnectivityResult) -> None:
        """Do nothing: the table has it."""

    def say(self, line: str) -> None:
        """Leave the line above the table."""
        self._canvas.say(printable(line))

    def wait(self, seconds: float) -> None:
        """Draw the table anew, between two rounds."""
        self._draw(f"round {self._number}{self._rounds} is over, the next in {seconds:.0f} s")

    def _draw(self, said: str) -> None:
        width, height = self._canvas.size
        fit = layout(self._statistics, width)
        ranks = [0 if region.lost else 1 for region in self._statistics]
        kept, hidden = truncate_rows(ranks, max(height - _OTHER_LINES, 2))
        lines = [Text(head(fit), style="dim"), *(self._row(self._statistics[index], fit) for index in kept)]
        if hidden:
            lines.append(Text(f"and {len(hidden)} more", style="dim"))
        lines += [Text(), Text(f"{said}  round trips in ms  Ctrl-C ends it")]
        for line in lines:
            line.truncate(width)
        self._canvas.draw(Group(*lines))

    def _row(self, region: Statistics, fit: Layout) -> Text:
        line = Text(row(region, fit, ascii_only=self._is_ascii))
        if region.cause and fit.cause:
            line.stylize("red", len(line) - len(region.cause[: fit.cause]))
        return line
