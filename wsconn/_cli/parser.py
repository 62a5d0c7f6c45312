"""The parser: commands and their options. It loads no command, so that `--help` and `--version` are quick."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import NoReturn

from wsconn import __version__
from wsconn._cli import options
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.fleet_formats import FLEET_FORMATS, LAST, fleet_format_of
from wsconn._cli.terminal import width
from wsconn._cli.usage_error import UsageError, near
from wsconn.reports._formats import FORMATS

_NARROWEST_TEXT = 30
_FILE = "write the report to FILE, whole or not at all, and not to stdout"
_HELP = "help"  # what people try in place of --help


class Parser(argparse.ArgumentParser):
    """As argparse's, but for its errors: they are raised as `UsageError`, and abbreviations are among them."""

    def error(self, message: str) -> NoReturn:
        """Leave it to `main` to say it in one line, without argparse's usage above."""
        raise UsageError(message)

    def near(self, option: str) -> str | None:
        """Return the options that a misspelt one may mean, or `None`."""
        return near(
            option.lstrip("-"), [known.lstrip("-") for known in self._option_string_actions if known[1:2] == "-"], "--"
        )


def parse(argv: Sequence[str] | None, args: argparse.Namespace) -> None:
    """Put what `argv` says into `args`. `UsageError` for what it should not say."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser, commands = whole_parser()
    _check_command(words, commands)
    _, others = parser.parse_known_args(words, args)
    if "regions" in args:
        # argparse leaves over the regions behind an option that stands between them, and takes for a region a misspelt
        # option that has a blank in its value.
        given = [*args.regions, *others]
        args.regions = [argument for argument in given if not argument.startswith("-")]
        others = [argument for argument in given if argument.startswith("-")]
    if others:  # the value stays out of the message: it may be a secret
        unknown = others[0].partition("=")[0]
        raise UsageError(f"there is no {unknown!r} here", commands[args.command].near(unknown))
    if "format" in args:
        options.settle_format(args)


def _check_command(words: Sequence[str], commands: Mapping[str, Parser]) -> None:
    """Raise `UsageError` where the first word that is no option names no command."""
    word, *others = [word for word in words if not word.startswith("-")] or [""]
    if not word or word in commands:
        return
    if word == _HELP:
        raise UsageError(
            "there is no command 'help'", " ".join(["wsconn", *(o for o in others[:1] if o in commands), "--help"])
        )
    if "=" in word or "://" in word:  # it stays out of the message: it may hold a secret
        raise UsageError("there is no command before the region", f"wsconn check {options.EXAMPLE}")
    raise UsageError(f"there is no command {word!r}", near(word, commands, "wsconn "))


def whole_parser() -> tuple[Parser, Mapping[str, Parser]]:
    """Return the parser, and that of each command by its name."""
    parser = Parser(
        prog="wsconn",
        description=textwrap.fill(
            "Find out which server regions this machine can open a WebSocket to, and why not to the others.", _columns()
        ),
        epilog=_exit_codes(),
        formatter_class=argparse.RawDescriptionHelpFormatter,  # which wraps neither
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"wsconn {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    for add in (_add_check, _add_watch, _add_debug, _add_proxy, _add_merge, _add_lab, _add_demo, _add_explain):
        add(commands)
    return parser, commands.choices


def _exit_codes() -> str:
    lines = (
        textwrap.fill(code.meaning, _columns(), initial_indent=f"  {code.value:>3}  ", subsequent_indent=" " * 7)
        for code in ExitCode
    )
    return "exit codes:\n" + "\n".join(lines)


def _columns() -> int:
    return max(width() - 2, _NARROWEST_TEXT)  # argparse leaves as many free


def _add_check(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "check",
        help="test regions and print a report",
        description="Test whether a WebSocket can be opened to each region, all at once, and print a report.",
        allow_abbrev=False,
    )
    options.add_regions(parser)
    options.add_connection(parser)
    report = options.add_report(parser, [*FORMATS.values()], _FILE)
    options.add_show_source(report)
    options.add_labels(report)
    options.add_fail_on(parser)
    options.add_verbosity(parser)


def _add_watch(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "watch",
        help="test regions again and again, and keep statistics",
        description="Test the regions at an interval, and keep statistics: loss, round trips, the last cause. Ctrl-C"
        " ends it and prints the summary.",
        allow_abbrev=False,
    )
    options.add_regions(parser)
    parser.add_argument(
        "--interval",
        type=float,
        default=10.0,
        metavar="S",
        help="seconds from the start of a round to the start of the next (default: 10)",
    )
    parser.add_argument("--count", type=int, metavar="N", help="how many rounds (default: until Ctrl-C)")
    options.add_connection(parser)
    report = options.add_report(
        parser,
        [form for form in FORMATS.values() if form.watch],
        "keep FILE up to date: of json a line is added after each round, otherwise the content is replaced",
    )
    options.add_labels(report)
    options.add_fail_on(parser)
    options.add_verbosity(parser)


def _add_debug(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "debug",
        help="find out who is in the way",
        description="Test the regions, then make experiments on those that fail, each of which differs from the test in"
        " one thing, and say who is in the way and whom to tell. It takes up to three times --timeout, and --hold.",
        allow_abbrev=False,
    )
    options.add_regions(parser)
    options.add_debugger(parser)
    options.add_connection(parser)
    report = options.add_report(parser, [*FORMATS.values()], _FILE)
    options.add_show_source(report)
    options.add_labels(report)
    options.add_fail_on(parser)
    options.add_verbosity(parser)


def _add_proxy(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "proxy",
        help="tell by which proxy a region would be tested, and who says so",
        description="Tell by which ways a region would be tested: through which proxies, or directly, and which setting"
        " says so. A PAC file is fetched and asked; nothing is sent to the regions.",
        allow_abbrev=False,
    )
    options.add_regions(parser)
    options.add_way(parser)
    parser.set_defaults(connect_to=None, source_address=None)
    parser.set_defaults(ca_file=None, client_cert=None, client_key=None, insecure=False)  # nothing is sent to a server
    options.add_report(parser, [FORMATS["text"], FORMATS["json"]], _FILE)
    options.add_verbosity(parser, verbose="")


def _add_merge(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "merge",
        help="make one report of many machines' reports",
        description="Make one report of many machines' reports, as check and watch write them in JSON: what they show"
        " together, which machines fail in which regions, and since when.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "reports",
        nargs="*",
        metavar="FILE|FOLDER|PATTERN",
        help="a file of one or more reports, a folder of such files, or a pattern (-: stdin)",
    )
    parser.add_argument(
        "--last", type=int, default=LAST, metavar="N", help=f"rounds of each machine to keep (default: {LAST})"
    )
    options.add_report(parser, [*FLEET_FORMATS.values()], _FILE, fleet_format_of)
    options.add_fail_on(parser)
    options.add_verbosity(parser, verbose="")


def _add_lab(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "lab",
        help="serve regions with faults of your choice on this machine",
        description="Serve regions on this machine, healthy or each with a fault, until Ctrl-C, and print the file of"
        ' regions that --regions reads. Needs the extra "lab".',
        allow_abbrev=False,
    )
    parser.add_argument("faults", nargs="*", metavar="NAME=FAULT", help="a region, for example us=http-503")
    parser.add_argument("--list", action="store_true", help="list all faults and exit")
    parser.add_argument("--tls", action="store_true", help="serve wss; faults of TLS are always served with it")
    parser.add_argument("--latency", type=float, default=0.0, metavar="S", help="round trip in seconds (default: 0)")
    parser.add_argument(
        "--ca-file", metavar="FILE", help="write the lab's authority to FILE (PEM), for check's --ca-file, and keep it"
    )
    options.add_output(parser, "write the regions to FILE (TOML) and not to stdout")
    options.add_verbosity(parser, verbose="")


def _add_demo(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "demo",
        help="see a check of 25 regions on this machine, some of them broken",
        description="Start 25 regions on this machine, nine of them broken on purpose, and check them. Needs no"
        ' network. Needs the extra "lab".',
        allow_abbrev=False,
    )
    options.add_report(parser, [*FORMATS.values()], _FILE)
    options.add_verbosity(parser)
    parser.set_defaults(insecure=False, proxy_insecure=False)


def _add_explain(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = commands.add_parser(
        "explain",
        help="explain a cause, a stage or an HTTP status, and what to do",
        description="Explain a cause: what it means, why it happens and what to do. Or a stage, or an HTTP status."
        " Without a word: all causes, a line each.",
        allow_abbrev=False,
    )
    parser.add_argument("cause", nargs="?", metavar="WORD", help="for example tls_untrusted, upgrade or 403")
