"""Text as Markdown shows it unchanged, whatever it holds.

Whatever a peer or a configuration may have written stands between backticks, where no dialect looks for links,
mentions, formulas or markup: of a sentence the values that are marked in it, each whole, and nothing else.
"""

from __future__ import annotations

import re

from wsconn._text import words_and_values
from wsconn.reports._printable import printable


def code(text: str) -> str:
    """Return `text` as code: one line, between more backticks than it has itself (CommonMark 0.31, section 6.1)."""
    text = printable(text)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    blank = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") else ""
    return f"{fence}{blank}{text or ' '}{blank}{fence}"


def cell(text: str) -> str:
    """Return `text` as code in a table, where a pipe would end the cell even there."""
    return code(text).replace("|", r"\|")


def prose(sentence: str) -> str:
    """Return a sentence of ours with the values in it as code."""
    parts = words_and_values(sentence)
    return "".join(code(part) if place % 2 else part for place, part in enumerate(parts))
