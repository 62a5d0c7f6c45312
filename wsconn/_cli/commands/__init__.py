"""Which command is which function. Each is loaded when it is called: together they are slow to load."""

from __future__ import annotations

import argparse

from wsconn._cli.exit_code import ExitCode
from wsconn._cli.signals import heed
from wsconn._cli.usage_error import missing_extra


def run(args: argparse.Namespace) -> ExitCode:
    """Run the command that `args.command` names. `UsageError` for one whose extra is not installed."""
    match args.command:
        case "check":
            from wsconn._cli.commands.check import check as command
        case "watch":
            from wsconn._cli.commands.watch import watch as command
        case "proxy":
            from wsconn._cli.commands.proxy import proxy as command
        case "debug":
            from wsconn._cli.commands.debug import debug as command
        case "merge":
            from wsconn._cli.commands.merge import merge as command
        case "explain":
            from wsconn._cli.commands.explain import explain as command
        case _:
            try:
                import wsconn.lab  # noqa: F401 - only asks whether the extra is there
            except ImportError as error:
                raise missing_extra("wsconn.lab", "lab", error) from error
            if args.command == "lab":
                from wsconn._cli.commands.lab import lab as command
            else:
                from wsconn._cli.commands.demo import demo as command
    heed()  # not before: Ctrl-C amid an import would show a traceback
    return command(args)
