"""Runs a command: one file each, which is loaded when it is called, since together they are slow to load."""

from __future__ import annotations

import argparse

from wsconn._cli.commands.table import COMMANDS, Run
from wsconn._cli.exit_code import ExitCode
from wsconn._cli.garbage import no_search_for_garbage
from wsconn._cli.signals import heed
from wsconn._cli.usage_error import missing_extra


def run(args: argparse.Namespace) -> ExitCode:
    """Run the command that `args.command` names. `UsageError` for one whose extra is not installed."""
    with no_search_for_garbage():
        command = _load(args.command)
    heed()  # not before: Ctrl-C amid an import would show a traceback
    return command(args)


def _load(name: str) -> Run:
    command = COMMANDS[name]
    try:
        return command.load()
    except ImportError as error:
        if command.extra is None:
            raise
        raise missing_extra(f"wsconn.{command.extra}", command.extra, error) from error
