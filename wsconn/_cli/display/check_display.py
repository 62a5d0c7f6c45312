"""How a check is displayed while it runs: chosen by what was asked for, and by what stderr is."""

from __future__ import annotations

import argparse

from wsconn._cli.display.follow import Display
from wsconn._cli.display.lines import Lines, Silence
from wsconn._cli.terminal import is_live


def check_display(args: argparse.Namespace, seconds: float) -> Display:
    """Return the display that fits; `seconds` is what a region may take.

    With -v these are lines: they are there to be kept.
    """
    if args.quiet:
        return Silence()
    if args.verbose or not is_live():
        return Lines(seconds, verbose=bool(args.verbose))
    from wsconn._cli.display.live import LiveTable  # here: rich is an extra, and slow to load

    return LiveTable(seconds)
