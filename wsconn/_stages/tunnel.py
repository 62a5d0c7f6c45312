"""A tunnel that is wanted of a proxy."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from wsconn._io.abort import CancelScope
from wsconn._io.stream import Stream
from wsconn._proxies import Proxy


class WantedTunnel(NamedTuple):
    """Through which proxy, and to which server.

    `reach` makes a connection to the proxy, a new one each time. `hide` is told what the proxy was sent in confidence.
    """

    reach: Callable[[], Stream]
    proxy: Proxy
    host: str
    port: int
    scope: CancelScope
    hide: Callable[..., None]
