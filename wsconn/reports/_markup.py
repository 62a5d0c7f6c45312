"""Text as Markdown shows it unchanged, whatever it holds.

Whatever a peer or a configuration may have written stands between backticks, where no dialect looks for links,
mentions, formulas or markup: of a sentence the values that are marked in it, each whole, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from wsconn._text import words_and_values
from wsconn.reports._printable import printable

_PLAIN_WORD = re.compile(r"[(\"']?([A-Za-z0-9][A-Za-z0-9'-]*|[0-9]+\.[0-9]+)[.,;:)\"'?]{0,3}")
_BEHIND = ".,;:)"
_LINK = re.compile("^www")
_NUMBER_OF_A_LIST = re.compile(r"\d+[.)]+$")
_BLANK = "\x00"  # within a value of several words; no text that was made printable holds one


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


def loose(text: str, values: Iterable[str] = ()) -> str:
    """Return a text that may be anybody's, and reads as a sentence: what is more than plain words in it as code.

    Each of `values` that is in it is code as a whole, though some of its words are plain.
    """
    parts: list[tuple[bool, list[str]]] = []
    for word in _joined(printable(text), values).split():
        is_plain = bool(_PLAIN_WORD.fullmatch(word)) and not _LINK.search(word)
        is_plain = is_plain and bool(parts or not _NUMBER_OF_A_LIST.match(word))
        if parts and parts[-1][0] is is_plain:
            parts[-1][1].append(word)
        else:
            parts.append((is_plain, [word]))
    said = " ".join(" ".join(words) if is_plain else _code_in(" ".join(words)) for is_plain, words in parts)
    return said or code(" ")


def loose_cell(text: str) -> str:
    """Return the same for a table, where a pipe would end the cell."""
    return loose(text).replace("|", r"\|")


def _joined(text: str, values: Iterable[str]) -> str:
    """Return a text in which each value is one word."""
    for value in sorted(map(printable, values), key=len, reverse=True):
        if " " in value:
            text = text.replace(value, value.replace(" ", _BLANK))
    return text


def _code_in(words: str) -> str:
    """Return words as code, without the bracket before them, and the bracket, point or comma behind them."""
    value = words.rstrip(_BEHIND)
    before, behind = "", words[len(value) :]
    if value.startswith("(") and _is_open(value):
        before, value = "(", value[1:]
    if _is_open(value) and behind.startswith(")"):
        value, behind = f"{value})", behind[1:]
    return before + code(value.replace(_BLANK, " ")) + behind if value else code(words)


def _is_open(value: str) -> bool:
    return value.count("(") > value.count(")")
