"""Connections held open to regions, as `wsconn.debug` holds them, and nothing else of it."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Mapping

from wsconn import Hold
from wsconn._arguments import make_probe
from wsconn._deadline import Deadline
from wsconn._debug.holding import hold_open
from wsconn._io.abort import Abort, CancelScope
from wsconn._region_files import load_regions

AROUND_SECONDS = 30.0  # to open and to close


def hold(
    regions: Mapping[str, str],
    seconds: float,
    *,
    ping_every: float = 1.0,
    ssl_context: ssl.SSLContext | None = None,
    proxy: str | bool | None = None,
    tell: Callable[[Hold], object] = lambda _: None,
) -> tuple[Hold, ...]:
    """Hold connections open, idle and kept alive in turn."""
    probe = make_probe(
        verify_frames=True, proxy=proxy, ssl_context=ssl_context, headers=None, subprotocols=None, origin=None
    )
    with contextlib.closing(Abort()) as abort:
        scope = CancelScope(Deadline.after(seconds + AROUND_SECONDS), abort)
        try:
            return hold_open(load_regions(regions), probe, scope, seconds=seconds, ping_every=ping_every, tell=tell)
        finally:
            probe.join()
