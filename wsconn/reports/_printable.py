"""The last gate before a terminal. A peer's text comes here escaped; a record may also be made by hand."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return `text` as one line without control characters: each is escaped as Python would write it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
