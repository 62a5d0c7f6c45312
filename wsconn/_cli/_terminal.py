"""What is at the other end of stdout and stderr: how wide it is, what it can show, and whether it is still there."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import sys

from wsconn._cli._exit_code import ExitCode
from wsconn.reports._printable import printable

_GONE = (errno.EPIPE, errno.EINVAL)  # EINVAL is how Windows says it


def width() -> int:
    """Return how many columns there are: `COLUMNS`, else the terminal's, else 80."""
    return shutil.get_terminal_size().columns


def can_show(signs: str) -> bool:
    """Tell whether stdout's encoding knows `signs`."""
    try:
        signs.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def put(text: str) -> None:
    """Write `text` to stdout. A reader that left (`| head`) is no error: the code still tells the result."""
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # which flushes what argparse wrote
        print(text, end="", flush=True)
    except OSError as error:
        _leave_stdout()
        if error.errno not in _GONE:
            raise


def say(text: str) -> None:
    """Write `text` to stderr as one line, if there is one that takes it."""
    if sys.stderr is not None:  # print() would take stdout then
        with contextlib.suppress(OSError):
            print(printable(text), file=sys.stderr, flush=True)


def say_meanwhile(text: str) -> None:
    """Say to a person who waits at the terminal what goes on; to nobody else."""
    if sys.stderr is not None and sys.stderr.isatty():
        say(text)


def complain(command: str, error: Exception | str) -> ExitCode:
    """Say what was wrong with the way `command` was used, and what to try; return the code for that."""
    if isinstance(error, OSError) and error.filename is not None:
        error = f"{error.filename}: {error.strerror}"
    say(f"{command}: {error}; try {command} --help")
    return ExitCode.USAGE


def _leave_stdout() -> None:
    """Let what is still in the buffer go nowhere: else the interpreter complains about it when it ends."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
