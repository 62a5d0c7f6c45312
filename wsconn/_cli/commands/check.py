"""`wsconn check`: test regions, print what came of it."""

from __future__ import annotations

import argparse

from wsconn._cli.begin import begin
from wsconn._cli.display.check_display import display
from wsconn._cli.display.follow import follow
from wsconn._cli.exit_code import ExitCode, FailOn
from wsconn._cli.file import check_place
from wsconn._cli.regions import regions
from wsconn._cli.report import check_format, publish
from wsconn._cli.terminal import say
from wsconn._cli.trust import INSECURE, ssl_context


def check(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    check_format(args.format)
    check_place(args.output)
    with begin(args, regions(args), ssl_context(args)) as handle:
        if args.insecure:
            say(f"WARNING: {INSECURE}")
        with display(args, args.timeout) as shown:
            result, interrupted = follow(handle, shown.show)
    publish(args, result)
    return ExitCode.INTERRUPTED if interrupted else ExitCode.of(result.result, FailOn(args.fail_on))
