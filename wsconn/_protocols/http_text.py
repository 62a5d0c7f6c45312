"""What a person gets to read of an answer that says no: a line of text, or the title of a page. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from wsconn._protocols.compression import PLAIN, NotPacked, UnknownCoding, unpack
from wsconn._text import LONGEST, sanitize

_MOST_BYTES = LONGEST * 4  # of an unpacked body: what a person gets to see, in UTF-8
_TEXT_TYPES = ("text/plain", "application/json", "text/json", "text/html")  # HTML by name alone: Node's ws does so
# Of the names of encodings those that old servers use: `bytes.decode` would import whatever a peer names.
_CHARSETS = (
    r"iso-8859-(?:[1-9]|1[013-6])|us-ascii|windows-125[0-8]|koi8-[ru]|shift_jis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5"
)
# Written as HTML wants it. Browsers take `&copy=` for a sign too; in what a page repeats of a request it is none.
_CHARACTER = r"&#?\w{1,32};"
_HALF_CHARACTER = r"(?:&#?\w{0,32}|\\u?[0-9a-fA-F]{0,3}|(?:\\x[0-9a-f]{2}){1,3})\Z"  # in HTML, in JSON, in UTF-8
_TITLE = r"(?is)<title[^>]{0,100}>(.*?)(</title|$)"


class BodyStart(NamedTuple):
    """The first bytes of a body; it is `whole` where nothing follows them."""

    data: bytes
    whole: bool


def as_written(field: str) -> str:
    """Return what a head says, read as Latin-1 (RFC 9110, section 5.5), in UTF-8 where it is that."""
    if field.isascii():
        return field
    try:
        return field.encode("latin-1").decode()
    except UnicodeError:
        return field


def quote(fields: Mapping[str, str], body: BodyStart) -> str | None:
    """Return the first line of a body in text, all that came of one in JSON, and nothing of a page or of binary data.

    Some servers call text HTML, or say nothing of its type; a page begins with a tag.
    """
    text, whole = _text(fields, body)
    if not text or text.startswith("<") or not _may_be_text(_kind(fields), text):
        return None
    if text.startswith(("{", "[", '"')):
        line = " ".join(_unescape(text).split())
    else:
        line, *more = re.split(r"[\r\n]", text, maxsplit=1)
        whole = whole or bool(more)
    return sanitize(line.rstrip() if whole else _cut(line))


def title(fields: Mapping[str, str], body: BodyStart) -> str | None:
    """Return the title of a page in HTML, where it came with the first bytes."""
    text, _ = _text(fields, body)
    found = re.search(_TITLE, text) if text.startswith("<") else None
    if not found:
        return None
    import html  # few answers are pages

    said = " ".join(re.sub(_CHARACTER, lambda written: html.unescape(written[0]), found[1]).split())
    return sanitize(said if found[2] else _cut(said)) if said else None


def _cut(text: str) -> str:
    """Mark a text that has not come to its end, without half a character there: a secret may end in it."""
    return re.sub(_HALF_CHARACTER, "", text) + "…"


def may_hold_title(page: bytes | bytearray) -> bool:
    """Whether the beginning of a page ends in the midst of its title."""
    page = page.lower()
    return b"<title" in page and b"</title" not in page


def _text(fields: Mapping[str, str], body: BodyStart) -> tuple[str, bool]:
    """Return the text of a body, unpacked, and whether it is all of it."""
    coding = fields.get("content-encoding", "").strip().lower()
    try:
        data, unpacked = unpack(coding, body.data, _MOST_BYTES)
    except (UnknownCoding, NotPacked):
        return "", False
    whole = unpacked and (body.whole or coding not in PLAIN)
    charset = re.search(r"(?i)charset=\"?([\w.:-]{1,40})", fields.get("content-type", ""))
    known = charset and re.fullmatch(_CHARSETS, charset[1].lower())
    return data.decode(known[0] if known else "utf-8-sig", "backslashreplace").lstrip(), whole


def _kind(fields: Mapping[str, str]) -> str:
    return fields.get("content-type", "").partition(";")[0].strip().lower()


def _may_be_text(kind: str, text: str) -> bool:
    if not kind:
        return not re.search(r"[\x00-\x08\x0e-\x1f]", text)
    return kind in _TEXT_TYPES or kind.endswith("+json")


def _unescape(text: str) -> str:
    """Write the characters of a JSON text as they are: a secret that it repeats is to be found there."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    return re.sub(r'\\(["/\\])', r"\1", plain)
