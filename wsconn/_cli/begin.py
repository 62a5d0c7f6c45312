"""From options to a test that is under way."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import wsconn
from wsconn import ConnectivityTest, Region
from wsconn._cli.signals import held_back
from wsconn._cli.start_options import of_argument, start_arguments


@contextlib.contextmanager
def under_way(
    args: argparse.Namespace, regions: Sequence[Region], contexts: Mapping[str, Any]
) -> Iterator[ConnectivityTest]:
    """Start the test that `args` ask for, and abort what is unfinished at the end of the block.

    Raises:
        UsageError: for an argument that is unfit.
    """
    with contextlib.ExitStack() as ending:
        with held_back():  # Ctrl-C in `start` would leave a test that nobody can abort
            handle = ending.enter_context(_start(args, regions, contexts))
        yield handle


def _start(args: argparse.Namespace, regions: Sequence[Region], contexts: Mapping[str, Any]) -> ConnectivityTest:
    try:
        return wsconn.start(regions, **contexts, **start_arguments(args))
    except ValueError as error:
        raise of_argument(error) from error
