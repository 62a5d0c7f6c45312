"""What is handed out in the end: the report in the format asked for, to stdout or to a file."""

from __future__ import annotations

import argparse
import html
import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from wsconn import ConnectivityResult, reports
from wsconn._cli.file import replace
from wsconn._cli.terminal import is_coloured, is_terminal, put, say, signs, width
from wsconn._cli.trust import INSECURE
from wsconn._cli.usage_error import missing

_MAKERS: Mapping[str, Callable[[ConnectivityResult], str]] = {
    "json": reports.to_json,
    "markdown": reports.to_markdown,
    "html": reports.to_html,
    "prometheus": reports.to_prometheus,
}
_MARKUP = html.escape(INSECURE)
_NOTHING = ConnectivityResult(outcomes=(), started_at=datetime.now(UTC), duration=0.0)


def check_format(form: str) -> None:
    """Raise `UsageError` where the format's library is not installed: better now than when all has been tested."""
    if form == "html":
        try:
            reports.to_html(_NOTHING)
        except ImportError as error:
            raise missing(error) from error


def publish(args: argparse.Namespace, result: ConnectivityResult) -> None:
    """Write the report to where it is wanted; a person who does not see it there is told what was found."""
    report = render(args, result)
    if args.output is not None:
        replace(args.output, report)
    elif args.format == "text":
        put_text(report)
    else:
        put(report)
    if not args.quiet and (args.output is not None or (is_terminal(sys.stderr) and not is_terminal(sys.stdout))):
        for finding in reports.findings(result):
            say(finding)
        if args.output is not None:
            say(f"The report is in {args.output}.")


def render(args: argparse.Namespace, result: ConnectivityResult) -> str:
    """Return the report in the format that `args` ask for, with a warning where certificates were not verified."""
    if args.format != "text":
        report = _MAKERS[args.format](result)
    elif args.output is not None:  # a file is UTF-8, and read who knows where
        report = reports.to_text(result)
    else:
        report = reports.to_text(result, width=width(), signs=signs(sys.stdout))
    return warned(report, args.format) if args.insecure else report


def put_text(report: str) -> None:
    """Write a text report to stdout, in colour where that is seen."""
    if is_coloured(sys.stdout):
        from wsconn._cli.display.colour import coloured  # here: rich is an extra, and slow to load

        report = coloured(report)
    put(report)


def warned(report: str, form: str) -> str:
    """Put the warning into a report that was made without it: nobody who reads it may take the result for verified."""
    match form:
        case "json":
            return json.dumps({"warning": INSECURE, **json.loads(report)}, indent=2) + "\n"
        case "markdown":
            return f"**Warning:** {INSECURE}.\n\n{report}"
        case "html":
            return report.replace("<main>", f'<main>\n<p class="finding failed"><b>Warning:</b> {_MARKUP}.</p>', 1)
        case "prometheus":
            return f"# Warning: {INSECURE}.\n{report}"
        case _:
            return f"! Warning: {INSECURE}.\n\n{report}"
