"""From options to a test that is under way."""

from __future__ import annotations

import argparse
import ssl
from collections.abc import Sequence

import wsconn
from wsconn import ConnectivityTest, Region
from wsconn._cli.usage_error import of_argument


def begin(args: argparse.Namespace, regions: Sequence[Region], context: ssl.SSLContext | None) -> ConnectivityTest:
    """Start the test that `args` ask for. `UsageError` for an argument that is unfit."""
    try:
        return wsconn.start(
            regions,
            timeout=args.timeout,
            total_timeout=args.total_timeout,
            max_workers=args.max_workers,
            verify_frames=args.verify_frames,
            proxy=_proxy(args.proxy),
            ssl_context=context,
            headers=args.headers,
            subprotocols=args.subprotocols,
            origin=args.origin,
        )
    except ValueError as error:
        raise of_argument(error) from error


def _proxy(option: str | None) -> str | bool | None:
    """Read `--proxy`: not given, the environment's and the system's; `none`, a direct way; else a URL."""
    if option is None:
        return True
    return None if option.lower() == "none" else option
