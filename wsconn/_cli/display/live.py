"""How a test stands, as a table that is drawn over itself; it is gone when the test is over, and the report follows."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Self

from rich.console import ConsoleRenderable, Group, OverflowMethod
from rich.table import Table
from rich.text import Text

from wsconn._cli.display.canvas import Canvas
from wsconn._cli.display.follow import Progress
from wsconn._cli.display.table import TOTAL, Layout, Row, layout, rows, stage_width
from wsconn._cli.terminal import can_show, signs
from wsconn._run.state import State
from wsconn.reports._columns import wide
from wsconn.reports._printable import printable

_STYLES = {
    State.WAITING: "dim",
    State.RUNNING: "bold",
    State.PASSED: "green",
    State.FAILED: "red",
    State.ABORTED: "dim",
}
_NARROW = 60  # columns: below, the last line has fewer words
_NARROWEST_BAR = 5
_OTHER_LINES = 3  # than rows: the head, a blank, the bar


class LiveTable:
    """A row per region, and a bar for the whole. `seconds` is how long a region may take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = time.monotonic()
        self._canvas = Canvas()
        self._signs = signs(sys.stderr)
        self._is_ascii = not can_show("▸·━─…", sys.stderr)

    def __enter__(self) -> Self:
        self._canvas.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._canvas.__exit__()

    def show(self, progress: Progress) -> None:
        """Draw the table anew."""
        width, height = self._canvas.size
        names = max(wide(printable(outcome.region)) for _, outcome in progress)
        fit = layout(progress, max(names, len("region")), width)
        visible, others = rows(progress, fit.stages, max(height - _OTHER_LINES, 2))
        parts: list[ConsoleRenderable] = [self._table(visible, fit)]
        if others:
            parts.append(Text(f"  {others}", style="dim", no_wrap=True, overflow="crop"))
        parts += [Text(), self._whole(progress, width)]
        self._canvas.draw(Group(*parts))

    def _table(self, visible: Sequence[Row], fit: Layout) -> Table:
        table = Table.grid(padding=0)
        overflow: OverflowMethod = "crop" if self._is_ascii else "ellipsis"
        table.add_column(width=2)
        table.add_column(width=fit.region, no_wrap=True, overflow=overflow)
        table.add_column(width=1)
        table.add_column(width=fit.now, no_wrap=True, overflow=overflow)
        for stage in fit.stages:
            table.add_column(width=stage_width(stage), justify="right", no_wrap=True, overflow="crop")
        table.add_column(width=TOTAL, justify="right", no_wrap=True, overflow="crop")
        table.add_row("", "region", "", "now", *fit.stages, "total", style="dim")
        for row in visible:
            style = _STYLES[row.state]
            head = Text(self._sign(row.state), style=style), Text(row.region), "", Text(row.now, style=style)
            table.add_row(*head, *row.times, row.total)
        return table

    def _sign(self, state: State) -> str:
        match state:
            case State.WAITING:
                return "." if self._is_ascii else "·"
            case State.RUNNING:
                return ">" if self._is_ascii else "▸"
            case _:
                return str(getattr(self._signs, state))

    def _whole(self, progress: Progress, width: int) -> ConsoleRenderable:
        """Return a bar for the regions that have settled, and what goes with it in words."""
        settled = sum(state not in (State.WAITING, State.RUNNING) for state, _ in progress)
        failed = sum(state is State.FAILED for state, _ in progress)
        elapsed = time.monotonic() - self._began
        said = f"{settled} of {len(progress)}" + (f", {failed} failed" if failed else "")
        said += f"  {elapsed:.1f} s" + ("" if width < _NARROW else f" of {self._seconds:g} s  Ctrl-C ends it")
        room = width - len(said) - 2
        full = room * settled // len(progress)
        heavy, light = ("#", ".") if self._is_ascii else ("━", "─")  # told apart without colour too
        bar = ((heavy * full, "green"), (light * (room - full), "dim"), "  ") if room >= _NARROWEST_BAR else ()
        line = Text.assemble(*bar, said)
        line.truncate(width)
        return line
