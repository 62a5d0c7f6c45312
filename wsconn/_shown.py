"""How text that others wrote is shown: escaped, cut, without its secrets."""

from __future__ import annotations

import os
import re

LONGEST = 200  # characters of a peer's text that a person gets to see


# What may not go into a name or a header: controls, and halves of characters, which cannot be encoded.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def shown(text: str | bytes) -> str:
    """Return a peer's text safe for a terminal, a log or a page: control characters escaped, cut at 200 characters."""
    if isinstance(text, bytes):
        text = text[: LONGEST * 5].decode("utf-8", "backslashreplace")
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: LONGEST + 1])
    return safe if len(safe) <= LONGEST else safe[: LONGEST - 1] + "…"


def without_query(url: str) -> str:
    """Return `url` up to its query or fragment, which may hold a secret."""
    return re.split(r"[?#]", url, maxsplit=1)[0]


def redacted(url: str) -> str:
    """Return a URL that was not checked yet, as far as a message may show it: nothing up to an `@`, no query.

    Where it cannot be told which is which (a password may hold anything), nothing behind the scheme is shown.
    """
    scheme, slashes, rest = url.partition("://")
    if not slashes:
        scheme, rest = "", url
    elif not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return "…"
    before, at, behind = rest.rpartition("@")
    if at and re.search(r"[?#]", before):
        behind = "…"
    return shown(scheme + slashes + without_query(behind))


def told(value: object) -> str:
    """Return an argument of the wrong type as a message may show it: numbers as they are, texts redacted."""
    if isinstance(value, bytes):
        return f"the bytes '{redacted(value.decode('latin-1'))}'"
    if isinstance(value, str | os.PathLike):
        return f"'{redacted(os.fsdecode(value))}'"
    if value is None or isinstance(value, int | float | complex):
        try:
            return shown(repr(value))
        except ValueError:  # CPython writes out no more than 4300 digits
            return "a number of thousands of digits"
    return f"a {type(value).__name__}"
