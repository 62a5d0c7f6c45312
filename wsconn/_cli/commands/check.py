"""`wsconn check`: test regions and print the report."""

from __future__ import annotations

import argparse

from wsconn._cli.begin import under_way
from wsconn._cli.display.check_display import check_display
from wsconn._cli.display.follow import follow
from wsconn._cli.exit_code import ExitCode, FailOn
from wsconn._cli.file import check_place
from wsconn._cli.otlp import exporting
from wsconn._cli.regions import regions
from wsconn._cli.report import check_format, publish
from wsconn._cli.terminal import say
from wsconn._cli.trust import ssl_contexts, warning


def check(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    check_format(args.format)
    check_place(args.output)
    with exporting(args, again_and_again=False) as exporter:
        with under_way(args, regions(args), ssl_contexts(args)) as handle:
            if unverified := warning(args):
                say(f"WARNING: {unverified}")
            with check_display(args, args.timeout) as display:
                result, interrupted = follow(handle, display.show)
        if exporter is not None and not interrupted:
            exporter.export(result)
        publish(args, result)
    return ExitCode.INTERRUPTED if interrupted else ExitCode.of(result.result, FailOn(args.fail_on))
