"""Lines of text with a label before them, wrapped so that name, label and text each keep their column."""

from __future__ import annotations

import textwrap

STATUS = 7  # characters of the longest status, and of the labels that stand under it
TEXT_BEGINS = 2 + STATUS + 2  # after a sign, a blank, the status and two blanks
_WIDEST_TEXT = 100  # columns; longer lines are hard to read
_NARROWEST_TEXT = 40


def labelled(label: str, said: str, width: int) -> list[str]:
    """Return a text with a label before it."""
    return wrapped(f"  {label:{STATUS}}  ", said, width)


def wrapped(first: str, said: str, width: int) -> list[str]:
    """Return a text with this before its first line."""
    return textwrap.wrap(
        said,
        max(min(width, _WIDEST_TEXT), TEXT_BEGINS + _NARROWEST_TEXT),
        initial_indent=first,
        subsequent_indent=" " * TEXT_BEGINS,
        break_long_words=False,  # a URL or an address is copied
        break_on_hyphens=False,
    )
