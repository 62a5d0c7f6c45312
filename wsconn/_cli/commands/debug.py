"""`wsconn debug`: check regions, find out who is in the way to those that fail, and print the report."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import wsconn
from wsconn import DebugReport, DebugTest, Experiment, Region
from wsconn._cli.display.check_display import check_display
from wsconn._cli.display.follow import follow
from wsconn._cli.exit_code import ExitCode, FailOn
from wsconn._cli.file import check_place
from wsconn._cli.regions import regions
from wsconn._cli.report import check_format, publish
from wsconn._cli.signals import held_back
from wsconn._cli.start_options import of_argument, start_arguments
from wsconn._cli.terminal import say, signs
from wsconn._cli.trust import ssl_contexts, warning
from wsconn._cli.usage_error import UsageError
from wsconn._debug.records import PING_SECONDS
from wsconn._text import duration
from wsconn.reports._printable import printable


def debug(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    check_format(args.format)
    check_place(args.output)
    _check_pings(args.hold, args.ping_every)
    with _under_way(args, regions(args), ssl_contexts(args)) as handle:
        if warned := warning(args):
            say(f"WARNING: {warned}")
        report, interrupted = _follow(handle, args)
    publish(args, report)
    return ExitCode.INTERRUPTED if interrupted else ExitCode.of(report.result.result, FailOn(args.fail_on))


@contextlib.contextmanager
def _under_way(args: argparse.Namespace, regions: Sequence[Region], contexts: Mapping[str, Any]) -> Iterator[DebugTest]:
    """Start the run that `args` ask for, and abort what is unfinished at the end of the block."""
    with contextlib.ExitStack() as ending:
        with held_back():  # Ctrl-C in `start_debug` would leave a run that nobody can abort
            handle = ending.enter_context(_start(args, regions, contexts))
        yield handle


def _check_pings(hold: float | None, ping_every: float | None) -> None:
    """Refuse a `--ping-every` that nothing would come of."""
    if ping_every is None:
        return
    if hold is None:
        raise UsageError("--ping-every needs --hold")
    if ping_every >= hold > 0:
        raise UsageError(
            f"--ping-every must be less than --hold, {hold:g} seconds, not {ping_every:g}: no ping is sent"
        )


def _start(args: argparse.Namespace, regions: Sequence[Region], contexts: Mapping[str, Any]) -> DebugTest:
    ping_every = PING_SECONDS if args.ping_every is None else args.ping_every
    more = {"hold": args.hold, "ping_every": ping_every, "all_regions": args.all_regions}
    try:
        return wsconn.start_debug(regions, **contexts, **start_arguments(args), **more)
    except ValueError as error:
        if (name := getattr(error, "argument", None)) in more:
            raise UsageError(f"--{name.replace('_', '-')}{vars(error)['wrong']}") from error
        raise of_argument(error) from error


def _follow(handle: DebugTest, args: argparse.Namespace) -> tuple[DebugReport, bool]:
    """Show the check, then each experiment as it ends; Ctrl-C ends the run, and what there is by then is told."""
    with check_display(args, args.timeout) as display:
        _, interrupted = follow(handle.check, display.show)
    tell = _silence if args.quiet else _line
    try:
        if interrupted:
            raise KeyboardInterrupt
        if not args.quiet and _goes_on(handle, args):
            say("Looking into it; Ctrl-C ends it and shows what is known by then.")
            if args.hold:
                say(f"Connections to regions that passed are held open for {args.hold:g} s.")
        for experiment in handle.as_completed():
            tell(experiment)
        return handle.result(), False
    except KeyboardInterrupt:
        handle.abort()
        return handle.result(), True


def _goes_on(handle: DebugTest, args: argparse.Namespace) -> bool:
    """Tell whether anything follows from the check, which is over."""
    result = handle.check.result()
    return bool(result.failed_regions or args.all_regions or (args.hold and result.passed_regions))


def _line(experiment: Experiment) -> None:
    sign = signs(sys.stderr).of(experiment.status)
    after = duration(experiment.seconds)
    region = printable(experiment.region)
    why = f" ({experiment.cause})" if experiment.cause else ""
    say(f"{sign} {experiment.status:7}  {region}  {experiment.reached}: {experiment.changed}{why}, after {after}")


def _silence(_: Experiment) -> None:
    return
