"""`wsconn watch`: the check again and again, and statistics of all rounds."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from wsconn import ConnectivityResult, Region, Verdict
from wsconn._api import LONGEST_SECONDS
from wsconn._cli.begin import under_way
from wsconn._cli.display.follow import TICK_SECONDS, follow
from wsconn._cli.display.statistics import Statistics, verdict
from wsconn._cli.display.watch_display import WatchDisplay, watch_display
from wsconn._cli.display.watch_text import summary
from wsconn._cli.exit_code import ExitCode, FailOn
from wsconn._cli.file import append, check_place, replace
from wsconn._cli.otlp import exporting
from wsconn._cli.regions import regions
from wsconn._cli.report import check_format, machine, put_text, render
from wsconn._cli.terminal import put, say, signs, width
from wsconn._cli.trust import ssl_contexts, warning
from wsconn._cli.usage_error import UsageError
from wsconn._text import describe
from wsconn.reports._formats import FORMATS
from wsconn.reports._signs import SIGNS, Signs

if TYPE_CHECKING:
    from wsconn.fleet._otlp.exporter import Exporting


def watch(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    _check(args)
    check_format(args.format)
    news: SimpleQueue[str] = SimpleQueue()  # of exports that were lost
    with exporting(args, again_and_again=True, tell=news.put) as exporter:
        code = _watch(args, _Watch(args, regions(args), ssl_contexts(args), exporter, news))
    _tell(news, say)
    return code


def _watch(args: argparse.Namespace, watched: _Watch) -> ExitCode:
    if unverified := warning(args):
        say(f"WARNING: {unverified}")
    interrupted = False
    with watch_display(args) as display:
        try:
            watched.run(display)
        except KeyboardInterrupt:
            interrupted = True
    watched.sum_up()
    return ExitCode.INTERRUPTED if interrupted else ExitCode.of(verdict(watched.statistics), FailOn(args.fail_on))


class _Watch:
    """The rounds so far, and where each of them is written."""

    def __init__(
        self,
        args: argparse.Namespace,
        regions: Sequence[Region],
        contexts: Mapping[str, Any],
        exporter: Exporting | None,
        news: SimpleQueue[str],
    ) -> None:
        self.statistics = [Statistics(region=region.name) for region in regions]
        self._args = args
        self._regions = regions
        self._contexts = contexts
        self._exporter = exporter
        self._news = news
        self._rounds = 0  # whole ones
        self._cut_short = False
        self._began = time.monotonic()

    def run(self, display: WatchDisplay) -> None:
        """Test round after round. `KeyboardInterrupt` when one is cut short; what it found by then counts."""
        for number in itertools.count(1):
            due = time.monotonic() + self._args.interval
            display.update(self.statistics, number)
            with under_way(self._args, self._regions, self._contexts) as handle:
                result, interrupted = follow(handle, display.show)
            self._count(result)
            display.end_round(number, result)
            _tell(self._news, display.say)
            if interrupted:
                raise KeyboardInterrupt
            if number == self._args.count:
                return
            display.update(self.statistics, number)
            while (left := due - time.monotonic()) > 0:
                _tell(self._news, display.say)
                display.wait(left)
                time.sleep(min(left, TICK_SECONDS))

    def sum_up(self) -> None:
        """Print the summary of all rounds, on stdout where nothing else goes there."""
        if self._args.format == "text" and self._args.output is None:
            put_text(self._summary(width(), signs(sys.stdout)))
        elif not self._args.quiet:
            for line in self._summary(width(), signs(sys.stderr)).splitlines():
                say(line)

    def _count(self, result: ConnectivityResult) -> None:
        self._cut_short = result.result is Verdict.ABORTED
        self._rounds += not self._cut_short
        if self._exporter is not None and not self._cut_short:
            self._exporter.export(result)
        known = zip(self.statistics, result.outcomes, strict=True)
        self.statistics = [region.after(outcome) for region, outcome in known]
        if load_line := FORMATS[self._args.format].load_line:
            self._put_line(load_line()(result, machine=machine(self._args), warning=warning(self._args)))
        elif self._args.output is not None and not self._cut_short:  # half a round is not for a file
            is_text = self._args.format == "text"
            replace(self._args.output, self._summary(80, SIGNS) if is_text else render(self._args, result))

    def _put_line(self, line: str) -> None:
        if self._args.output is None:
            put(line)
        else:
            append(self._args.output, line)

    def _summary(self, columns: int, signs: Signs) -> str:
        seconds = time.monotonic() - self._began
        return summary(
            self.statistics,
            rounds=self._rounds,
            cut_short=self._cut_short,
            seconds=seconds,
            width=columns,
            signs=signs,
            warning=warning(self._args),
        )


def _tell(news: SimpleQueue[str], say: Callable[[str], object]) -> None:
    while not news.empty():
        say(news.get())


def _check(args: argparse.Namespace) -> None:
    """Raise `UsageError` for what the options cannot mean together, before anything is tested."""
    if not 0 < args.interval <= LONGEST_SECONDS:  # nor is it so for a NaN
        raise UsageError(f"--interval must be more than 0 and at most {LONGEST_SECONDS} seconds, not {args.interval:g}")
    if args.count is not None and args.count < 1:
        raise UsageError(f"--count must be at least 1, not {describe(args.count)}")
    if args.format == "prometheus" and args.output is None:
        raise UsageError("--format prometheus needs --output FILE: it keeps a file for the textfile collector")
    check_place(args.output)
