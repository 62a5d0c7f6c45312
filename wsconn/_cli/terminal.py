"""What is at the other end of stdout and stderr: how wide it is, what it can show, and whether it is still there.

What is slow to load is loaded where it is used: `--version` needs none of it.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from wsconn.reports._signs import Signs

_COLUMNS = 80  # of what is no terminal
_GONE = (errno.EPIPE, errno.EINVAL)  # EINVAL is how Windows says it
_DUMB = ("dumb", "unknown")  # values of TERM: a terminal that only prints


def width() -> int:
    """Return how many columns there are: `COLUMNS`, else the terminal's, else 80, as `shutil` does, which loads bz2."""
    with contextlib.suppress(ValueError):
        if (columns := int(os.environ.get("COLUMNS", ""))) > 0:
            return columns
    with contextlib.suppress(AttributeError, OSError, ValueError):  # there is no stdout, or it is no terminal
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _COLUMNS  # type: ignore[union-attr]  # suppressed
    return _COLUMNS


def can_show(text: str, stream: TextIO | None) -> bool:
    """Return whether the encoding of `stream` has all of `text`."""
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def signs(stream: TextIO | None) -> Signs:
    """Return the signs that `stream` can show."""
    from wsconn.reports._signs import ASCII_SIGNS, SIGNS

    return SIGNS if can_show("✓✗○", stream) else ASCII_SIGNS


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a person looks at `stream`."""
    return stream is not None and stream.isatty()


def is_live() -> bool:
    """Return whether stderr can be drawn on: a terminal that moves its cursor, and rich to do it."""
    if not is_terminal(sys.stderr) or _is_dumb() or not _has_rich():
        return False
    from rich.console import detect_legacy_windows

    return not detect_legacy_windows()


def is_coloured(stream: TextIO | None) -> bool:
    """Return whether to colour what goes to `stream`: as no-color.org and force-color.org have it, by rich."""
    if stream is None or os.environ.get("NO_COLOR") or not _has_rich():
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (is_terminal(stream) and not _is_dumb())


def put(text: str) -> None:
    """Write `text` to stdout. A reader that left (`| head`) is no error: the exit code is still right.

    `OSError` where stdout takes nothing, or was closed from the beginning (`>&-`): the report is lost then.
    """
    if sys.stdout is None and text:
        raise OSError("cannot write to stdout: it is closed")
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # which flushes what argparse wrote
        print(text, end="", flush=True)
    except OSError as error:
        _leave_stdout()
        if error.errno not in _GONE:
            raise OSError(f"cannot write to stdout: {error.strerror}") from error


def say(text: str) -> None:
    """Write `text` to stderr as one line, if there is one that takes it; a terminal gets its words unbroken."""
    from wsconn.reports._printable import printable

    if sys.stderr is None:  # print() would take stdout then
        return
    line = printable(text)
    with contextlib.suppress(OSError):
        if sys.stderr.isatty():
            import textwrap

            line = textwrap.fill(line, _columns(sys.stderr), break_long_words=False, break_on_hyphens=False)
        print(line, file=sys.stderr, flush=True)


def _columns(stream: TextIO) -> int:
    return os.get_terminal_size(stream.fileno()).columns or width()


def _is_dumb() -> bool:
    return os.environ.get("TERM", "").lower() in _DUMB


def _has_rich() -> bool:
    from importlib.util import find_spec

    return find_spec("rich") is not None


def _leave_stdout() -> None:
    """Let what is still in the buffer go nowhere: else the interpreter complains about it when it ends."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
