"""Advice where a region names another place to connect to than its URL does (`connect_to`)."""

from __future__ import annotations

import attrs

from wsconn._outcome import Cause, Evidence, Stage
from wsconn._places import split_place
from wsconn._text import host_port, value

_ON_THE_WAY = (Stage.RESOLVE, Stage.CONNECT, Stage.PROXY)  # it is that place to which a way is sought
_OF_OTHERS = (Cause.LOCAL_LIMIT, Cause.INTERNAL_ERROR, Cause.BLOCKED_LOCALLY)
_OF_THE_PLACE_AT_A_PROXY = (Cause.PROXY_DENIED, Cause.PROXY_TARGET_UNREACHABLE)


def as_connected(seen: Evidence) -> Evidence:
    """Return evidence that names the place to which a way was sought in place of the URL's own."""
    if not seen.connect_to or seen.stage not in _ON_THE_WAY:
        return seen
    host, port = split_place(seen.connect_to)
    return attrs.evolve(seen, host=host, port=port)


def in_place(cause: Cause, seen: Evidence) -> str:
    """Say that the setting is to be checked first, where it may be at fault."""
    at_a_proxy = seen.stage is Stage.PROXY and cause not in _OF_THE_PLACE_AT_A_PROXY
    if not seen.connect_to or cause in _OF_OTHERS or at_a_proxy:
        return ""
    own = value(host_port(seen.host or "", seen.port or 0))
    return f"First check the setting connect_to: it names {value(seen.connect_to)} in place of {own}. "
