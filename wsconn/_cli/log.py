"""What wsconn logs, at the command line: at -vv it goes to stderr, since the traceback of a fault is wanted too."""

from __future__ import annotations

import logging
from collections.abc import Callable

from wsconn._cli.terminal import say


def set_up_log(*, to_stderr: bool) -> None:
    """Give wsconn's log a handler: without any, the traceback of a callback or a fault would be written to stderr."""
    logging.getLogger("wsconn").addHandler(_OnStderr() if to_stderr else logging.NullHandler())


class _OnStderr(logging.Handler):
    """Says what wsconn logs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it, line by line."""
        say_lines(self.format(record))


class Teller(logging.Handler):
    """Tells what is logged as one line for a person, without its traceback."""

    def __init__(self, tell: Callable[[str], object] = say, level: int = logging.WARNING) -> None:
        super().__init__(level)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell it."""
        self._tell(record.getMessage())


def say_lines(text: str) -> None:
    """Write `text` to stderr, line by line."""
    for line in text.splitlines():
        say(line)
