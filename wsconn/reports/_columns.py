"""How many columns of a terminal a text takes."""

from __future__ import annotations

import unicodedata


def wide(text: str) -> int:
    """Return how many columns `text` takes: Chinese signs take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def padded(text: str, columns: int) -> str:
    """Return `text` with blanks behind it up to so many columns."""
    return text + " " * (columns - wide(text))
