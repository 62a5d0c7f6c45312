"""Asks a PAC for the way to a URL."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from datetime import datetime


class PacFailed(Exception):
    """The script gives no answer. `detail` says why, in text that is fit to be shown."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def available() -> bool:
    """Whether the extra `pac` is installed."""
    return importlib.util.find_spec("_quickjs") is not None


def evaluate(
    script: str,
    url: str,
    look_up: Callable[[str], Sequence[str]],
    own_addresses: Callable[[], Sequence[str]],
    *,
    now: datetime,
    remaining: Callable[[], float],
    run: Callable[[Callable[[], str]], str],
) -> str:
    """Return what the script answers for `url`, as it stands; `ways` reads it.

    The script is told no more of the URL than it is in a browser. It is stopped where it needs a name's addresses, and
    run again when they are known.

    Args:
        script: the text of the PAC file.
        url: of the server; `wss` and `ws` are fit.
        look_up: gives the addresses of a name, of both families, and none where it has none or the lookup failed. What
            it raises ends the evaluation and is raised on: a deadline, an abort.
        own_addresses: gives this machine's, the one that it would connect from first.
        now: the moment that the script is told.
        remaining: gives the seconds that the evaluation may still take.
        run: calls what it is given, and returns or raises what that does. A script that was written to do harm can
            hold the thread that runs it for as long as the process lives, with the interpreter's lock released: so this
            is the place for a daemon thread that can be left behind, as with a name lookup.

    Raises:
        PacFailed: the script has a fault, takes too long, or answers no string.
    """
    raise PacFailed("not evaluated yet")
