"""Runs a command, and turns every way in which it may end into an exit code: a traceback appears only at -vv."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from wsconn import __version__, _interrupt
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.garbage import no_search_for_garbage
from wsconn._cli.signals import heed_no_more
from wsconn._cli.terminal import put, say
from wsconn._cli.usage_error import UsageError

_TRACEBACKS = 2  # this many -v


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (else `sys.argv`) asks for, and return one of `ExitCode`."""
    _interrupt.arm()
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        try:
            return _print_version() if words == ["--version"] else _run(words)
        finally:
            heed_no_more()
    except KeyboardInterrupt:  # in silence: people know what they pressed
        return ExitCode.INTERRUPTED


def _print_version() -> int:
    """Do it here, where nothing else was loaded: scripts ask for it, again and again."""
    try:
        put(f"wsconn {__version__}\n")
    except OSError as error:
        return _explain(error, None)
    return ExitCode.PASSED


def _run(words: Sequence[str]) -> int:
    with no_search_for_garbage():
        import argparse  # here, as what follows: `--version` needs none of it

        from wsconn._cli.commands import run
        from wsconn._cli.log import say_lines, set_up_log
        from wsconn._cli.parser import parse

    args = argparse.Namespace(command=None, verbose=0)
    try:
        parse(words, args)
        set_up_log(to_stderr=args.verbose >= _TRACEBACKS)
        return run(args)
    except SystemExit as end:  # argparse, after --help and --version
        return _end(end)
    except Exception as error:  # noqa: BLE001 - a person gets one line, whatever it was
        if args.verbose >= _TRACEBACKS:
            import traceback

            say_lines(traceback.format_exc())
        return _explain(error, args.command)


def _end(end: SystemExit) -> int:
    try:
        put("")  # what argparse printed may still find that its reader left
    except OSError as error:
        return _explain(error, None)
    return int(end.code or 0)


def _explain(error: Exception, command: str | None) -> ExitCode:
    """Say in one line what went wrong, and return the code for it."""
    program = f"wsconn {command}" if command else "wsconn"
    if isinstance(error, UsageError):
        say(f"{program}: {error}; try {error.to_try or f'{program} --help'}")
        return ExitCode.USAGE
    if isinstance(error, OSError):  # stdout is a full disk, the lab finds no descriptors
        say(f"wsconn: {error}")
    elif isinstance(error, MemoryError):
        say("wsconn: there is not enough memory on this machine")
    else:
        say(f"wsconn: internal error: {_described(error)}; please report it")
    return ExitCode.INTERNAL


def _described(error: Exception) -> str:
    """Return what was raised, and the line it was raised on: without a traceback that is what a maintainer needs."""
    from traceback import extract_tb

    where = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}, line {where.lineno})"  # noqa: PTH119 - pathlib is slow to load
