"""`wsconn check`: test regions, print what came of it."""

from __future__ import annotations

import argparse

import wsconn
from wsconn import ConnectivityResult, ConnectivityTest, Region
from wsconn._cli._exit_code import ExitCode
from wsconn._cli._terminal import can_show, complain, put, say_meanwhile, width
from wsconn.reports import ASCII_SIGNS, SIGNS, to_json, to_text


def check(args: argparse.Namespace) -> ExitCode:
    """Run the command with what argparse found."""
    try:
        handle = wsconn.start(_regions(args), timeout=args.timeout)
    except (ValueError, OSError) as error:  # of a region, the file of regions, or the timeout
        return complain("wsconn check", error)
    say_meanwhile(f"Testing; each region has {args.timeout:g} s. Ctrl-C ends it and shows what is known by then.")
    result, interrupted = _result(handle)
    put(to_json(result) if args.json else as_text(result))
    return ExitCode.INTERRUPTED if interrupted else ExitCode.of(result.result)


def as_text(result: ConnectivityResult) -> str:
    """Return the report that fits stdout."""
    signs = SIGNS if can_show("".join(map(SIGNS.of, wsconn.Verdict))) else ASCII_SIGNS
    return to_text(result, width=width(), signs=signs)


def _regions(args: argparse.Namespace) -> list[Region]:
    regions = [Region(name, url) for name, url in args.regions]
    if args.file is not None:
        regions = [*wsconn.load_regions(args.file), *regions]
    if not regions:
        raise ValueError("no region is named: give NAME=URL, or --regions FILE")
    return regions


def _result(handle: ConnectivityTest) -> tuple[ConnectivityResult, bool]:
    """Wait for the end, or for Ctrl-C, which makes one; the second value tells whether it did."""
    try:
        return handle.result(), False
    except KeyboardInterrupt:
        handle.abort()
        return handle.result(), True
