"""The parser, and the promise that whatever happens ends with a code and never with a traceback."""

from __future__ import annotations

import argparse
import logging
import pathlib
import signal
import sys
import traceback
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from wsconn import __version__
from wsconn._cli._check import check
from wsconn._cli._exit_code import ExitCode
from wsconn._cli._terminal import complain, put, say

_EXAMPLE = "eu-west-1=wss://eu.example.org/"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (else `sys.argv`) asks for, and return one of `ExitCode`."""
    # Without a handler, logging would write the traceback of a callback or a fault to stderr.
    logging.getLogger("wsconn").addHandler(logging.NullHandler())
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else a shell has it ignored, and that stays
        signal.signal(signal.SIGINT, _interrupt_once)
    try:
        return _run(argv)
    except KeyboardInterrupt:
        say("wsconn: interrupted")
        return ExitCode.INTERRUPTED
    except OSError as error:  # stdout is a full disk, the lab finds no descriptors
        say(f"wsconn: {error}")
        return ExitCode.INTERNAL
    except Exception as error:  # noqa: BLE001 - a person gets one line, whatever it was
        say(f"wsconn: internal error: {_told(error)}; please report it")
        return ExitCode.INTERNAL


def _interrupt_once(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Raise `KeyboardInterrupt` and ignore further ones: the end is near then, and people press it more than once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(argv: Sequence[str] | None) -> int:
    try:
        args = _parser().parse_args(argv)
    except SystemExit as end:  # argparse, after --help, --version or an error of use
        put("")  # what it printed may still find that its reader left
        return int(end.code or 0)
    code: ExitCode = args.run(args)
    return code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say it in one line, without argparse's usage above."""
        sys.exit(complain(self.prog, message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="wsconn",
        description="Tell which server regions this machine can open a WebSocket to, and for the others, why not.",
        epilog="exit codes:\n" + "".join(f"  {code.value:>3}  {code.meaning}\n" for code in ExitCode),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"wsconn {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    _add_check(commands)
    _add_demo(commands)
    return parser


def _add_check(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "check",
        help="test regions and say what came of it",
        description="Test whether a WebSocket can be opened to each region, all at once, and say what came of it.",
    )
    parser.add_argument(
        "regions", nargs="*", type=_name_and_url, metavar="NAME=URL", help=f"a region, for example {_EXAMPLE}"
    )
    parser.add_argument(
        "--regions", dest="file", type=pathlib.Path, metavar="FILE", help="a TOML or JSON file of regions"
    )
    parser.add_argument(
        "--timeout", type=float, default=10.0, metavar="S", help="seconds that a region may take (default: 10)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object for programs")
    parser.set_defaults(run=check)


def _add_demo(commands: argparse._SubParsersAction[_Parser]) -> None:
    parser = commands.add_parser(
        "demo",
        help="see a check of 25 regions on this machine, some of them broken",
        description="Start 25 regions on this machine, nine of them broken on purpose, and check them. Needs no"
        ' network. Needs the extra "lab".',
    )
    parser.set_defaults(run=_demo)


def _demo(args: argparse.Namespace) -> ExitCode:
    try:
        from wsconn._cli._demo import demo  # here: the lab is an extra, and slow to load
    except ImportError as error:
        say(f"wsconn demo: {error}")
        return ExitCode.USAGE
    return demo(args)


def _name_and_url(argument: str) -> tuple[str, str]:
    name, equals, url = argument.partition("=")
    if not equals or "://" in name:  # the argument is not shown: it may be a URL with a secret
        raise argparse.ArgumentTypeError(f"expected a name, = and a URL, as in {_EXAMPLE}")
    return name, url


def _told(error: Exception) -> str:
    """Return what was raised, and the line it was raised on: without a traceback that is what a maintainer needs."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({pathlib.Path(where.filename).name}, line {where.lineno})"
