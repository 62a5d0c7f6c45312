"""The parser: commands and their options. It loads none of them, so that `--help` and `--version` are quick."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from typing import NoReturn

from wsconn import __version__
from wsconn._cli import options
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.terminal import width
from wsconn._cli.usage_error import UsageError

CHECK_FORMATS = ("text", "json", "markdown", "html", "prometheus")
WATCH_FORMATS = ("text", "json", "prometheus")
_NARROWEST_TEXT = 30
_FILE = "write the report to FILE, all of it or nothing, and not to stdout"


class Parser(argparse.ArgumentParser):
    """As argparse's, but for its errors: they are raised as `UsageError`, and abbreviations are among them."""

    def error(self, message: str) -> NoReturn:
        """Leave it to `main` to say it in one line, without argparse's usage above."""
        raise UsageError(message)


def parse(argv: Sequence[str] | None, args: argparse.Namespace) -> None:
    """Put what `argv` says into `args`. `UsageError` for what it should not say."""
    _, others = _parser().parse_known_args(argv, args)
    if "regions" in args:
        # argparse leaves over the regions behind an option that stands between them, and takes for a region a misspelt
        # option that has a blank in its value.
        given = [*args.regions, *others]
        args.regions = [argument for argument in given if not argument.startswith("-")]
        others = [argument for argument in given if argument.startswith("-")]
    if others:  # the value is not shown: it may be a secret
        raise UsageError(f"there is no {others[0].partition('=')[0]!r} here")


def _parser() -> Parser:
    parser = Parser(
        prog="wsconn",
        description=textwrap.fill(
            "Tell which server regions this machine can open a WebSocket to, and for the others, why not.", _columns()
        ),
        epilog=_exit_codes(),
        formatter_class=argparse.RawDescriptionHelpFormatter,  # which wraps neither
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"wsconn {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for add in (_add_check, _add_watch, _add_lab, _add_demo, _add_explain):
        add(commands)
    return parser


def _exit_codes() -> str:
    told = (
        textwrap.fill(code.meaning, _columns(), initial_indent=f"  {code.value:>3}  ", subsequent_indent=" " * 7)
        for code in ExitCode
    )
    return "exit codes:\n" + "\n".join(told)


def _columns() -> int:
    return max(width() - 2, _NARROWEST_TEXT)  # argparse leaves as many free


def _add_check(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "check",
        help="test regions and say what came of it",
        description="Test whether a WebSocket can be opened to each region, all at once, and say what came of it.",
        allow_abbrev=False,
    )
    options.add_regions(parser)
    options.add_connection(parser)
    options.add_report(parser, CHECK_FORMATS, _FILE)
    options.add_fail_on(parser)
    options.add_talk(parser)


def _add_watch(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "watch",
        help="test regions again and again, and keep count",
        description="Test the regions every so often, and keep count: loss, round trips, the last cause. Ctrl-C ends it"
        " and shows the summary.",
        allow_abbrev=False,
    )
    options.add_regions(parser)
    parser.add_argument(
        "--interval",
        type=float,
        default=10.0,
        metavar="S",
        help="seconds from the beginning of a round to that of the next (default: 10)",
    )
    parser.add_argument("--count", type=int, metavar="N", help="rounds (default: until Ctrl-C)")
    options.add_connection(parser)
    options.add_report(
        parser,
        WATCH_FORMATS,
        "keep this file: text and prometheus are replaced after each round, of json a line is added to it",
    )
    options.add_fail_on(parser)
    options.add_talk(parser)


def _add_lab(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "lab",
        help="serve regions with faults of your choice on this machine",
        description="Serve regions on this machine, healthy or each with a fault, until Ctrl-C, and print the file of"
        ' regions that --regions reads. Needs the extra "lab".',
        allow_abbrev=False,
    )
    parser.add_argument("faults", nargs="*", metavar="NAME=FAULT", help="a region, for example us=http-503")
    parser.add_argument("--list", action="store_true", help="tell all faults, and end")
    parser.add_argument("--tls", action="store_true", help="serve wss; faults of TLS are always served so")
    parser.add_argument("--latency", type=float, default=0.0, metavar="S", help="round trip in seconds (default: 0)")
    parser.add_argument(
        "--ca-file", metavar="FILE", help="write the lab's authority to FILE (PEM), for check's --ca-file, and keep it"
    )
    options.add_output(parser, "write the regions to FILE (TOML) and not to stdout")
    options.add_talk(parser, verbosely="")


def _add_demo(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "demo",
        help="see a check of 25 regions on this machine, some of them broken",
        description="Start 25 regions on this machine, nine of them broken on purpose, and check them. Needs no"
        ' network. Needs the extra "lab".',
        allow_abbrev=False,
    )
    options.add_report(parser, CHECK_FORMATS, _FILE)
    options.add_talk(parser)
    parser.set_defaults(insecure=False)


def _add_explain(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "explain",
        help="say what a cause means, how it comes about and what to do",
        description="Say what a cause means, how it comes about, and what to do. Without one: all causes, a line each.",
        allow_abbrev=False,
    )
    parser.add_argument("cause", nargs="?", metavar="CAUSE", help="for example tls_untrusted")
