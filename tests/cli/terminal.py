"""A terminal as a person has it: a real pseudo-terminal, the child in front of it, and pyte for the screen.

What the child writes is read on a thread and drawn on pyte's screen; `wait_for` waits until the screen shows something.
"""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pyte

from tests.cli.command_line import AS_MODULE, BOUND_SECONDS, arguments, environment

Look: TypeAlias = Callable[[list[str]], bool]

_IN_FRONT = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"  # so that Ctrl-C reaches the child


class Terminal:
    """The screen, and the child that writes on it."""

    def __init__(self, ours: int, child: subprocess.Popen[bytes], columns: int, lines: int) -> None:
        self._ours = ours
        self._child = child
        self._screen = pyte.HistoryScreen(columns, lines, history=1000, ratio=0.5)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._changed = threading.Condition()  # guards the screen and what was written
        self._written = b""
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    @property
    def lines(self) -> list[str]:
        """Return what a person sees, line by line, without the blanks at the ends."""
        with self._changed:
            return self._lines()

    @property
    def written(self) -> bytes:
        """Return all that the child wrote, escapes included."""
        with self._changed:
            return self._written

    @property
    def all_lines(self) -> list[str]:
        """Return the lines that have left the screen at its top, and those on it."""
        with self._changed:
            width = self._screen.columns
            gone = ["".join(line[column].data for column in range(width)) for line in self._screen.history.top]
            return [*(line.rstrip() for line in gone), *self._lines()]

    def cursor_is_hidden(self) -> bool:
        """Tell whether the cursor is not to be seen."""
        with self._changed:
            return bool(self._screen.cursor.hidden)

    def wait_for(self, look: Look) -> list[str]:
        """Wait until the screen looks so, and return it."""
        with self._changed:
            seen = self._changed.wait_for(lambda: look(self._lines()), BOUND_SECONDS)
            assert seen, "this is all that is to be seen:\n" + "\n".join(self._lines())
            return self._lines()

    def type(self, keys: str) -> None:
        """Press keys; `\\x03` is Ctrl-C."""
        os.write(self._ours, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Make the window another size, as a person does with the mouse."""
        with self._changed:
            self._screen.resize(lines, columns)
            _set_size(self._ours, columns, lines)

    def end(self) -> int:
        """Wait for the child to end and for all of its words, and return its code."""
        code = self._child.wait(BOUND_SECONDS)
        self._reader.join(BOUND_SECONDS)
        return code

    def _lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._ours, 65536)
            except OSError:  # EIO: nobody has the other end any more
                return
            with self._changed:
                self._written += data
                self._stream.feed(self._decoder.decode(data))
                self._changed.notify_all()


@contextlib.contextmanager
def in_terminal(
    *args: str, columns: int = 80, lines: int = 24, code: str = "", stdout: int | None = None, **changes: str
) -> Iterator[Terminal]:
    """Run `wsconn` in front of a terminal; `code` comes before it, `changes` are of the environment.

    `stdout` is where that goes in place of the terminal.
    """
    ours, theirs = pty.openpty()
    _set_size(ours, columns, lines)
    try:
        child = subprocess.Popen(
            arguments(*args, code=_IN_FRONT + code + AS_MODULE),
            stdin=theirs,
            stdout=theirs if stdout is None else stdout,
            stderr=theirs,
            env=environment(**{"TERM": "xterm-256color", **changes}),
            start_new_session=True,
        )
    finally:
        os.close(theirs)
    terminal = Terminal(ours, child, columns, lines)
    try:
        yield terminal
    finally:
        child.kill()
        terminal.end()
        os.close(ours)


def _set_size(terminal: int, columns: int, lines: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
