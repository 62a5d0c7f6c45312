"""Names and what each of them means, as text that fits the terminal: nothing is cut, lines are wrapped."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from wsconn._cli.terminal import width

_WIDEST_TEXT = 100  # columns; longer lines are hard to read
_NARROWEST_TEXT = 20


def definitions(meanings: Mapping[str, str]) -> str:
    """Return names with their meanings beside them, or below where there is no room."""
    begins = max(map(len, meanings)) + 2
    if width() < begins + _NARROWEST_TEXT:
        return "".join(f"{name}\n{wrapped(said, '  ', '  ')}\n" for name, said in meanings.items())
    return "".join(f"{wrapped(said, name.ljust(begins), ' ' * begins)}\n" for name, said in meanings.items())


def wrapped(said: str, first: str = "", others: str = "") -> str:
    """Wrap `said`; its first line begins with `first`, each other one with `others`."""
    columns = max(min(width(), _WIDEST_TEXT), len(others) + _NARROWEST_TEXT)
    return textwrap.fill(said, columns, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
