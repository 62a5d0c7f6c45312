"""The report in the format asked for, to stdout or to a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wsconn import ConnectivityResult, reports
from wsconn._cli.file import replace
from wsconn._cli.garbage import no_search_for_garbage
from wsconn._cli.terminal import is_coloured, is_terminal, put, say, signs, width
from wsconn._cli.trust import warning
from wsconn._cli.usage_error import missing_extra
from wsconn._io.importing import undisturbed
from wsconn.reports._formats import FORMATS

if TYPE_CHECKING:
    from wsconn import DebugReport
    from wsconn.reports import Machine

_NOTHING = ConnectivityResult(outcomes=(), started_at=datetime.now(UTC), duration=0.0)


def check_format(name: str) -> None:
    """Load it. `UsageError` where its library is not installed: better now than when all has been tested."""
    form = FORMATS[name]
    with no_search_for_garbage():
        undisturbed(form.load)
    if form.extra is not None:
        try:
            form.load()(_NOTHING)
        except ImportError as error:
            raise missing_extra(form.title, form.extra, error) from error


def publish(args: argparse.Namespace, result: ConnectivityResult | DebugReport) -> None:
    """Write the report to where it is wanted, and the findings to stderr for a person who does not see them there."""
    report = render(args, result)
    if args.output is not None:
        replace(args.output, report)
    elif args.format == "text":
        put_text(report)
    else:
        put(report)
    if not args.quiet and _is_unseen(args):
        for finding in _findings(result):
            say(finding)
        if args.output is not None:
            say(f"The report is in {args.output}.")


def _is_unseen(args: argparse.Namespace) -> bool:
    """Return whether nobody reads the report now. Text goes through a pipe to a pager, where it is read."""
    if args.output is not None:
        return True
    return args.format != "text" and is_terminal(sys.stderr) and not is_terminal(sys.stdout)


def _findings(result: ConnectivityResult | DebugReport) -> Sequence[str]:
    if isinstance(result, ConnectivityResult):
        return reports.findings(result)
    return [conclusion.sentence for conclusion in result.conclusions] or reports.findings(result.result)


def render(args: argparse.Namespace, result: ConnectivityResult | DebugReport) -> str:
    """Return the report in the format that `args` ask for."""
    if args.format == "text" and args.output is None:  # a file has its own width, and is UTF-8
        return reports.to_text(
            result,
            width=width(),
            signs=signs(sys.stdout),
            machine=machine(args),
            warning=warning(args),
            tested_from=_source(args, result),
        )
    return FORMATS[args.format].load()(
        result, machine=machine(args), warning=warning(args), tested_from=_source(args, result)
    )


def machine(args: argparse.Namespace) -> Machine | None:
    """Return this machine with the labels that `args` give it, of which the last one counts; `None` without any."""
    return reports.this_machine(dict(args.labels)) if args.labels else None


def _source(args: argparse.Namespace, result: ConnectivityResult | DebugReport) -> tuple[str, ...]:
    if not args.show_source:
        return ()
    from wsconn._cli.source import local_addresses  # here: few ask for them

    return local_addresses(result if isinstance(result, ConnectivityResult) else result.result)


def put_text(report: str) -> None:
    """Write a text report to stdout, in colour where that is seen."""
    if is_coloured(sys.stdout):
        from wsconn._cli.display.colour import coloured  # here: rich is an extra, and slow to load

        report = coloured(report)
    put(report)
