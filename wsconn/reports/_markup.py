"""Text as Markdown shows it unchanged, whatever it holds.

Whatever a peer or a configuration may have written stands between backticks, where no dialect looks for links,
mentions, formulas or markup. In a sentence only those words do that need it, so that it can be read raw too.
"""

from __future__ import annotations

import re

from wsconn.reports._printable import printable

# A word that no dialect takes for more than that: no underscore, no dot between letters.
_HARMLESS = re.compile(r"[^\W_]+(?:[-'/][^\W_]+)*%?|\d+\.\d+|…")
_WORD = re.compile(r"([(\"']*)(.*?)([.,;:!?)\"']*)")


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


def prose(text: str) -> str:
    """Return a sentence with those of its words as code that may mean something to Markdown."""
    return " ".join(_word(word, first=not place) for place, word in enumerate(text.split()))


def _word(word: str, *, first: bool) -> str:
    found = _WORD.fullmatch(word)
    if found is None or not found[2]:
        return code(word)
    opening, core, closing = found.groups()
    numbers_an_item = first and core.isdigit() and closing[:1] in (".", ")")
    return word if _HARMLESS.fullmatch(core) and not numbers_an_item else f"{opening}{code(core)}{closing}"
