"""From the bytes of a PAC file to its text, as Chromium does it."""

from __future__ import annotations

import codecs
import re

LARGEST_BYTES = 1024 * 1024  # as in Chromium

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Those that files are in. Python has codecs besides that are no charsets, and some that are slow.
_CHARSET = re.compile(r"utf-?8|utf-?16(le|be)?|(us-)?ascii|iso-8859-\d+|windows-\d+|shift_jis|euc-\w+|gbk|big5")


def decode(data: bytes, charset: str | None = None) -> str:
    """Return the text of a PAC file.

    Args:
        data: what the file holds, `LARGEST_BYTES` at most.
        charset: the one that its media type names, if it does. Else the file's first bytes say it, or it is Latin-1.
    """
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return data.removeprefix(mark).decode(marked, "replace")
    if charset and _CHARSET.fullmatch(charset.strip().lower()):
        try:
            return data.decode(charset.strip(), "replace")
        except LookupError:
            pass
    return data.decode("latin-1")
