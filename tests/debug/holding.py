"""Connections held open to regions, as `wsconn.debug` holds them, and nothing else of it."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Mapping

from wsconn import Hold
from wsconn._arguments import make_probe
from wsconn._deadline import Deadline
from wsconn._debug.holding import Holding
from wsconn._io.abort import Abort, CancelScope
from wsconn._region_files import load_regions

AROUND_SECONDS = 30.0  # to open and to close


def hold(
    regions: Mapping[str, str],
    seconds: float,
    *,
    ping_every: float = 0.2,
    ssl_context: ssl.SSLContext | None = None,
    proxy: str | bool | None = None,
    headers: Mapping[str, str] | None = None,
    within: float | None = None,
    abort: Abort | None = None,
    tell: Callable[[Hold], object] = lambda _: None,
) -> tuple[Hold, ...]:
    """Hold connections open, idle and kept alive in turn; all of it ends `within` so many seconds."""
    probe = make_probe(
        verify_frames=True,
        proxy=proxy,
        proxy_ssl_context=None,
        ssl_context=ssl_context,
        headers=headers,
        subprotocols=None,
        origin=None,
    )
    deadline = Deadline.after(seconds + AROUND_SECONDS if within is None else within)
    with contextlib.ExitStack() as stack:
        stack.callback(probe.join)
        scope = CancelScope(deadline, abort or stack.enter_context(contextlib.closing(Abort())))
        held = Holding(load_regions(regions), probe, scope, seconds=seconds, ping_every=ping_every, tell=tell)
        return held.run()
