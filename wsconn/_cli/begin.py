"""From options to a test that is under way."""

from __future__ import annotations

import argparse
import contextlib
import ssl
from collections.abc import Iterator, Sequence

import wsconn
from wsconn import ConnectivityTest, Region
from wsconn._cli.signals import held_back
from wsconn._cli.start_options import of_argument, start_arguments


@contextlib.contextmanager
def under_way(
    args: argparse.Namespace, regions: Sequence[Region], context: ssl.SSLContext | None
) -> Iterator[ConnectivityTest]:
    """Start the test that `args` ask for, and abort what is unfinished at the end of the block.

    Raises:
        UsageError: for an argument that is unfit.
    """
    with contextlib.ExitStack() as ending:
        with held_back():  # Ctrl-C in `start` would leave a test that nobody can abort
            handle = ending.enter_context(_start(args, regions, context))
        yield handle


def _start(args: argparse.Namespace, regions: Sequence[Region], context: ssl.SSLContext | None) -> ConnectivityTest:
    try:
        return wsconn.start(regions, ssl_context=context, **start_arguments(args))
    except ValueError as error:
        raise of_argument(error) from error
