"""How a watch is displayed while it runs, and the display of lines: one per round on stderr, with -v one per stage."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Protocol, Self

from wsconn import ConnectivityResult, Verdict
from wsconn._cli.display.follow import Display, Progress
from wsconn._cli.display.lines import Lines
from wsconn._cli.display.statistics import Statistics
from wsconn._cli.terminal import is_live, is_terminal, say
from wsconn.reports._formats import FORMATS
from wsconn.reports._quantities import counted

_MOST_NAMED = 3  # failures in a line


class WatchDisplay(Display, Protocol):
    """Where a person sees how a watch stands: within a round (`show`), after it and between two."""

    def update(self, statistics: Sequence[Statistics], number: int) -> None:
        """Take over what is known; the round of this number is the next or the last one."""

    def end_round(self, number: int, result: ConnectivityResult) -> None:
        """Show how a round ended."""

    def say(self, line: str) -> None:
        """Show a line that has nothing to do with how the regions are."""

    def wait(self, seconds: float) -> None:
        """Show that the next round begins in so many seconds."""


def watch_display(args: argparse.Namespace) -> WatchDisplay:
    """Return the display that fits. Where lines of JSON go to a terminal, nothing is drawn over them."""
    writes_lines = FORMATS[args.format].load_line is not None and args.output is None and is_terminal(sys.stdout)
    if args.quiet or args.verbose or writes_lines or not is_live():
        return RoundLines(quiet=args.quiet or writes_lines, verbose=bool(args.verbose))
    from wsconn._cli.display.watch_live import WatchTable  # here: rich is an extra, and slow to load

    return WatchTable(args.count)


class RoundLines:
    """Say how each round ended."""

    def __init__(self, *, quiet: bool, verbose: bool) -> None:
        self._quiet = quiet
        self._lines = Lines(verbose=True) if verbose else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def show(self, progress: Progress) -> None:
        """Say what is new, at -v."""
        if self._lines is not None:
            self._lines.show(progress)

    def update(self, statistics: Sequence[Statistics], number: int) -> None:
        """Do nothing: the summary has it."""

    def end_round(self, number: int, result: ConnectivityResult) -> None:
        """Say how many passed, and which did not."""
        if self._lines is not None:
            self._lines = Lines(verbose=True)
        if not self._quiet:
            passed, total = len(result.passed_regions), len(result.outcomes)
            cut_short = " was cut short" if result.result is Verdict.ABORTED else ""
            say(f"round {number}{cut_short}: {passed} of {counted(total)} passed{_failures(result)}")

    def say(self, line: str) -> None:
        """Say it."""
        say(line)

    def wait(self, seconds: float) -> None:
        """Do nothing."""


def _failures(result: ConnectivityResult) -> str:
    failed = [f"{outcome.region} {outcome.failure.cause}" for outcome in result.outcomes if outcome.failure]
    more = f" and {len(failed) - _MOST_NAMED} more" if len(failed) > _MOST_NAMED else ""
    return f"; failed: {', '.join(failed[:_MOST_NAMED])}{more}" if failed else ""
