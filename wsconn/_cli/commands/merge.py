"""`wsconn merge`: many machines' reports as one."""

from __future__ import annotations

import argparse
import glob
import pathlib
import sys
from collections.abc import Iterator

from wsconn._cli.exit_code import ExitCode, FailOn
from wsconn._cli.file import check_place, replace
from wsconn._cli.fleet_formats import FLEET_FORMATS
from wsconn._cli.report import put_text
from wsconn._cli.terminal import is_terminal, put, say, signs, width
from wsconn._cli.usage_error import UsageError, missing_extra
from wsconn._text import sanitize
from wsconn.fleet import FleetReport
from wsconn.fleet._merged.formats import WRITERS
from wsconn.fleet._merged.formats.text_format import text
from wsconn.fleet._merged.limits import MOST_BYTES
from wsconn.fleet._merged.merging import Merger
from wsconn.fleet._merged.sources import SUFFIXES, files_in, reports_from
from wsconn.fleet._merged.summary import Summary
from wsconn.reports._quantities import counted

_STDIN = "-"
_MOST_NAMED = 10  # reports that could not be read


def merge(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    _check_format(args.format)
    check_place(args.output)
    report = _merged(args)
    summary = Summary(report)
    _publish(args, summary)
    if summary.verdict is None:
        raise UsageError("no report tells of a region that passed or failed")
    return ExitCode.of(summary.verdict, FailOn(args.fail_on))


def _check_format(name: str) -> None:
    form = FLEET_FORMATS[name]
    try:
        WRITERS[name](Summary(FleetReport(regions=(), hosts=())))
    except ImportError as error:
        raise missing_extra(form.title, form.extra or "", error) from error


def _merged(args: argparse.Namespace) -> FleetReport:
    if not args.reports:
        raise UsageError("there are no reports to merge", "wsconn merge FOLDER (or -: stdin)")
    try:
        merger = Merger(args.last)
    except ValueError as error:
        raise UsageError(f"--last{vars(error)['wrong']}") from error
    sources = [(name, [*_found(name)]) for name in args.reports if name != _STDIN]  # what is wrong is said before
    for _, files in sources:
        for file in files:
            merger.add_file(file)
    if _STDIN in args.reports:
        _add_stdin(merger)
    report = merger.report()
    _say_left_out(report)
    if not merger.reports:
        raise UsageError("none of the reports could be read")
    return report


def _found(name: str) -> Iterator[pathlib.Path]:
    try:
        yield from _files(name)
    except OSError as error:  # the name is too long, as 3.13 and older say it
        raise UsageError(f"{sanitize(name)}: {error.strerror}") from error


def _files(name: str) -> Iterator[pathlib.Path]:
    """Yield the files that an argument means; a pattern is one that the shell has left as it is, as Windows' do."""
    path = pathlib.Path(name)
    if not name:
        raise UsageError("a report needs the name of a file")
    if path.is_dir():
        found = files_in(path)
        what = f"no file in it ends in {', '.join(SUFFIXES)}"
    elif path.exists():
        found, what = iter([path]), ""
    elif glob.has_magic(name):
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - pathlib's takes no absolute pattern
        found = (each for match in matches for each in _each(pathlib.Path(match)))
        what = "no file matches"
    else:
        raise UsageError(f"{sanitize(name)}: there is no such file or folder")
    first = next(found, None)
    if first is None:
        raise UsageError(f"{name}: {what}")
    yield first
    yield from found


def _each(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yield the files that a match of a pattern means: of a pipe, which nobody has named, there may be no end."""
    if path.is_dir():
        yield from files_in(path)
    elif not path.is_fifo() and not path.is_char_device():
        yield path


def _add_stdin(merger: Merger) -> None:
    if sys.stdin is None:
        raise UsageError("stdin is closed")
    if is_terminal(sys.stdin):
        say("Reading reports from stdin, until its end.")
    merger.add_all(reports_from(sys.stdin.buffer, "stdin", MOST_BYTES))


def _say_left_out(report: FleetReport) -> None:
    for one in report.left_out[:_MOST_NAMED]:
        say(f"left out: {one.place}: {one.why}")
    if (more := len(report.left_out) + report.more_left_out - _MOST_NAMED) > 0:
        say(f"left out: {more} more")
    if report.more_regions:
        say(f"left out: {counted(report.more_regions)} that few machines name; {len(report.regions)} are the most")


def _publish(args: argparse.Namespace, summary: Summary) -> None:
    """Write the report to where it is wanted, and the findings to stderr for a person who does not see them there."""
    if args.output is not None:
        replace(args.output, WRITERS[args.format](summary))
    elif args.format == "text":
        put_text(text(summary, width=width(), signs=signs(sys.stdout)))
    else:
        put(WRITERS[args.format](summary))
    if not args.quiet and args.output is not None:
        for finding in summary.findings:
            say(finding.sentence)
        say(f"The report is in {args.output}.")
