"""Which command is which function. Each is loaded when it is called: together they are slow to load."""

from __future__ import annotations

import argparse

from wsconn._cli.exit_code import ExitCode
from wsconn._cli.usage_error import missing


def run(args: argparse.Namespace) -> ExitCode:
    """Run the command that `args.command` names. `UsageError` for one whose extra is not installed."""
    match args.command:
        case "check":
            from wsconn._cli.commands.check import check

            return check(args)
        case "watch":
            from wsconn._cli.commands.watch import watch

            return watch(args)
        case "explain":
            from wsconn._cli.commands.explain import explain

            return explain(args)
    try:
        import wsconn.lab  # noqa: F401 - only asks whether the extra is there
    except ImportError as error:
        raise missing(error) from error
    if args.command == "lab":
        from wsconn._cli.commands.lab import lab

        return lab(args)
    from wsconn._cli.commands.demo import demo

    return demo(args)
