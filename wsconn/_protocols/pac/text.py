"""From the bytes of a PAC file to its text, as Chromium does it."""

from __future__ import annotations

import codecs
import re

LARGEST_BYTES = 1024 * 1024  # as in Chromium

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Python's codecs, and the names on the web of those charsets, without signs. Python has codecs besides that are no
# charsets, and some that are slow. Those of ISO and Windows have their number in their names.
_LATIN1 = "latin-1"
_NAMES = {
    "utf-8": "utf8 unicode11utf8",
    "utf-16-le": "utf16 utf16le",
    "utf-16-be": "utf16be",
    _LATIN1: "ascii usascii ansix341968 latin1 l1 iso88591 88591 cp1252 xcp1252 windows1252",
    "koi8-r": "koi8r koi8 koi",
    "koi8-u": "koi8u koi8ru",
    "mac-roman": "macintosh mac xmacroman",
    "cp874": "tis620",
    "cp932": "shiftjis sjis xsjis windows31j mskanji",
    "euc-jp": "eucjp xeucjp",
    "iso2022-jp": "iso2022jp",
    "cp949": "euckr ksc56011987 ksc5601 korean windows949",
    "gb18030": "gb18030 gbk xgbk gb2312 chinese",
    "big5": "big5 xxbig5 cnbig5",
}
_CODECS = {name: codec for codec, names in _NAMES.items() for name in names.split()}
_NUMBERED = re.compile(r"iso8859(?P<iso>[2-9]|1[0134-6])[ei]?|(?:windows|x?cp)(?P<windows>125[013-8]|874)")
# What browsers call Latin-1 has printed characters where that has a second set of control characters.
_AS_WINDOWS = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}


def is_charset(name: str) -> bool:
    """Whether browsers know a charset of that name; a file in one that they do not know is of no use to them."""
    return _codec(name) is not None


def decode(data: bytes, charset: str | None = None) -> str:
    """Return the text of a PAC file.

    Args:
        data: what the file holds, `LARGEST_BYTES` at most.
        charset: the one that its media type names, if it does. Else the file's first bytes say it, or it is Latin-1.
    """
    if charset:
        codec = _codec(charset) or _LATIN1
        text = data.decode(codec, "replace").removeprefix("\ufeff")
        return text.translate(_AS_WINDOWS) if codec == _LATIN1 else text
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return data.removeprefix(mark).decode(marked, "replace")
    return data.decode(_LATIN1).translate(_AS_WINDOWS)


def _codec(charset: str) -> str | None:
    name = re.sub("[^0-9a-z]", "", charset.lower())
    if numbered := _NUMBERED.fullmatch(name):
        return f"iso8859-{numbered['iso']}" if numbered["iso"] else f"cp{numbered['windows']}"
    return _CODECS.get(name)
