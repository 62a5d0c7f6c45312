"""Reads the body of an HTTP answer from a stream (RFC 9112, sections 6 and 7), as far as it is wanted.

`http.client` would do, but it has the head parsed as if it were a mail's: a Content-Type of 200 KiB kept a processor
busy for 49 s, past any deadline. Nothing here takes longer than reading what there is.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Iterator

from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Cause
from wsconn._protocols.http_response import Head, NotHttp
from wsconn._protocols.http_text import BodyStart, may_hold_title
from wsconn._text import sanitize

_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?\r?\n", re.DOTALL)
_WITHOUT_BODY = (204, 304)  # RFC 9112, section 6.3
_LENGTH = re.compile(r"[0-9]{1,18}")
_LONGEST_LINE_BYTES = 4 * 1024  # of a chunk's size and its extensions, which nobody uses


def read_body(stream: Stream, head: Head, limit: int) -> bytes:
    """Return the body, `limit` bytes of it at most, or raise `NotHttp`; `StageFailed` where it ends too early."""
    try:
        return b"".join(_pieces(stream, head, limit))
    except LimitExceeded as error:
        raise NotHttp("it sends without end") from error


def read_start(stream: Stream, head: Head, limit: int) -> BodyStart:
    """Return the first bytes of a body, as many of `limit` as come before the stream's deadline; of a page its title.

    What comes of a page in one piece is mostly enough. Nothing that goes wrong with it takes the answer back.
    """
    data, whole = bytearray(), False
    with contextlib.suppress(StageFailed, LimitExceeded, NotHttp, ssl.SSLError):
        for piece in _pieces(stream, head, limit):
            data += piece
            if data.lstrip().startswith(b"<") and not may_hold_title(data):
                return BodyStart(bytes(data), whole=False)
        whole = len(data) < limit
    return BodyStart(bytes(data), whole)


def _pieces(stream: Stream, head: Head, limit: int) -> Iterator[bytes]:
    if (coding := head.fields.get("transfer-encoding")) is not None:
        return _read_chunks(stream, coding, limit)
    if (length := head.fields.get("content-length")) is not None:
        return _read_exactly(stream, min(_length(length), limit))
    return iter(()) if head.status in _WITHOUT_BODY else _read_to_the_end(stream, limit)


def _length(field: str) -> int:
    """Return what Content-Length says; the same number twice is one (RFC 9110, section 8.6)."""
    said = {part.strip() for part in field.split(",")}
    length = said.pop()
    if said or not _LENGTH.fullmatch(length):
        raise NotHttp(f"its Content-Length is '{sanitize(field)}'")
    return int(length)


def _read_exactly(stream: Stream, size: int) -> Iterator[bytes]:
    while size:
        piece = stream.read(size)
        size -= len(piece)
        yield piece


def _read_to_the_end(stream: Stream, limit: int) -> Iterator[bytes]:
    try:
        yield from _read_exactly(stream, limit)
    except StageFailed as failed:
        if failed.cause is not Cause.CLOSED or (failed.evidence and failed.evidence.os_error):
            raise


def _read_chunks(stream: Stream, coding: str, limit: int) -> Iterator[bytes]:
    if coding.lower() != "chunked":
        raise NotHttp(f"its Transfer-Encoding is '{sanitize(coding)}'")
    left = limit
    while left:
        line = stream.read_line(_LONGEST_LINE_BYTES)
        found = _CHUNK_SIZE.fullmatch(line)
        if not found:
            raise NotHttp(f"the size of a chunk is '{sanitize(line.rstrip())}'")
        size = int(found[1], 16)
        if not size:
            break  # trailers may follow, and nobody waits for them
        yield from _read_exactly(stream, min(size, left))
        left -= min(size, left)
        if left and b"".join(_read_exactly(stream, 2)) != b"\r\n":
            raise NotHttp("a chunk is longer than its size")
