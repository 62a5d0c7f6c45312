"""What wsconn logs, at the command line: at -vv it goes to stderr, since the traceback of a fault is wanted too."""

from __future__ import annotations

import logging

from wsconn._cli.terminal import say


def set_up_log(*, to_stderr: bool) -> None:
    """Give wsconn's log a handler: without any, the traceback of a callback or a fault would be written to stderr."""
    logging.getLogger("wsconn").addHandler(_OnStderr() if to_stderr else logging.NullHandler())


class _OnStderr(logging.Handler):
    """Says what wsconn logs."""

    def emit(self, record: logging.LogRecord) -> None:
        say_lines(self.format(record))


def say_lines(text: str) -> None:
    """Write `text` to stderr, line by line."""
    for line in text.splitlines():
        say(line)
