"""What Ctrl-C and SIGTERM do: while a command runs they raise `KeyboardInterrupt`, once.

Before and after that Ctrl-C ends the process in silence (`wsconn._interrupt`).
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from wsconn._interrupt import end_in_silence

_DEFAULTS = {signal.SIGINT: (signal.default_int_handler, end_in_silence), signal.SIGTERM: (signal.SIG_DFL,)}


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Let neither strike within the block, but after it. For the main thread, and for a block that is short."""
    struck: list[int] = []
    before = {number: signal.signal(number, lambda number, _frame: struck.append(number)) for number in _DEFAULTS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for struck_by in struck[:1]:
            signal.raise_signal(struck_by)


def heed() -> None:
    """Let both raise `KeyboardInterrupt`, but for one that the shell has had ignored: that stays."""
    for number, defaults in _DEFAULTS.items():
        if signal.getsignal(number) in defaults:
            signal.signal(number, _interrupt_once)


def heed_no_more() -> None:
    """Let Ctrl-C end the process in silence: all has been said."""
    if signal.getsignal(signal.SIGINT) in (_interrupt_once, _ignore):
        signal.signal(signal.SIGINT, end_in_silence)


def _interrupt_once(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Raise `KeyboardInterrupt` and ignore further ones: the end is near then, and people press it more than once."""
    for number in _DEFAULTS:
        signal.signal(number, _ignore)
    raise KeyboardInterrupt


def _ignore(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing. With `SIG_IGN` CPython would complain of a signal that came while it was set."""
