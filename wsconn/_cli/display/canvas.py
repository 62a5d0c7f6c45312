"""A part of the terminal that is drawn over itself.

rich's own `Live` is not used: Ctrl-C may strike at any moment, and within `Live` it leaves the cursor elsewhere than it
thinks; nor does that know that a terminal which becomes narrower wraps what stands there. Here a frame is made first,
as a text, and then written in one go, with the way back to its beginning in front, while signals are held back.
"""

from __future__ import annotations

import sys
from typing import Self

from rich.console import Console, ConsoleRenderable
from rich.text import Text

from wsconn._cli.signals import held_back
from wsconn._cli.terminal import is_coloured

# Of ECMA-48, but for the cursor, which is DEC's.
_UP = "\x1b[{}A"
_ERASE_TO_THE_END = "\x1b[K"
_ERASE_BELOW = "\x1b[J"
_HIDE_CURSOR, _SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


class Canvas:
    """Lines at the end of stderr, gone when it is left. Nothing runs in the background: who waits, draws.

    It is on stderr so that a report can be piped away under it.
    """

    def __init__(self) -> None:
        coloured = is_coloured(sys.stderr)
        self._console = Console(
            stderr=True,
            force_terminal=True,
            color_system="standard" if coloured else None,
            no_color=False,
            highlight=False,
            emoji=False,
            markup=False,
        )
        self._drawn: list[int] = []  # how many columns each line has

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write(self._back() + _ERASE_BELOW + _SHOW_CURSOR)

    @property
    def size(self) -> tuple[int, int]:
        """Return how many columns and lines there are: a full line would wrap, and one line is the cursor's."""
        width, height = self._console.size
        return max(width - 1, 1), max(height - 1, 1)

    def draw(self, drawn: ConsoleRenderable) -> None:
        """Draw in place of what was drawn before."""
        with self._console.capture() as capture:
            self._console.print(drawn)
        lines = capture.get().splitlines()
        frame = "".join(f"{line}{_ERASE_TO_THE_END}\n" for line in lines)
        with held_back():
            self._write(_HIDE_CURSOR + self._back() + frame + _ERASE_BELOW)
            self._drawn = [Text.from_ansi(line).cell_len for line in lines]

    def say(self, line: str) -> None:
        """Leave a line above what is drawn next."""
        with held_back():
            self._write(self._back() + _ERASE_BELOW + f"{line}\n")
            self._drawn = []

    def _back(self) -> str:
        """Return the way to where the drawing begins. A terminal that became narrower has wrapped what stands there."""
        width = self._console.width
        lines = sum(max(-(-columns // width), 1) for columns in self._drawn)
        return "\r" + (_UP.format(lines) if lines else "")

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
