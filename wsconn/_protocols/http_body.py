"""Reads the body of an HTTP answer from a stream (RFC 9112, sections 6 and 7), as far as it is wanted.

`http.client` would do, but it has the head parsed as if it were a mail's: a Content-Type of 200 KiB kept a processor
busy for 49 s, past any deadline. Nothing here takes longer than reading what there is.
"""

from __future__ import annotations

import re

from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Cause
from wsconn._protocols.http_response import Head, NotHttp
from wsconn._text import sanitize

_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?\r?\n", re.DOTALL)
_LENGTH = re.compile(r"[0-9]{1,18}")
_LONGEST_LINE_BYTES = 4 * 1024  # of a chunk's size and its extensions, which nobody uses


def read_body(stream: Stream, head: Head, limit: int) -> bytes:
    """Return the body, `limit` bytes of it at most, or raise `NotHttp`; `StageFailed` where it ends too early."""
    try:
        if (coding := head.fields.get("transfer-encoding")) is not None:
            return _read_chunks(stream, coding, limit)
        if (length := head.fields.get("content-length")) is not None:
            return _read_exactly(stream, min(_length(length), limit))
        return _read_to_the_end(stream, limit)
    except LimitExceeded as error:
        raise NotHttp("it sends without end") from error


def _length(field: str) -> int:
    """Return what Content-Length says; the same number twice is one (RFC 9110, section 8.6)."""
    said = {part.strip() for part in field.split(",")}
    length = said.pop()
    if said or not _LENGTH.fullmatch(length):
        raise NotHttp(f"its Content-Length is '{sanitize(field)}'")
    return int(length)


def _read_exactly(stream: Stream, size: int) -> bytes:
    body = bytearray()
    while len(body) < size:
        body += stream.read(size - len(body))
    return bytes(body)


def _read_to_the_end(stream: Stream, limit: int) -> bytes:
    body = bytearray()
    try:
        while len(body) < limit:
            body += stream.read(limit - len(body))
    except StageFailed as failed:
        if failed.cause is not Cause.CLOSED or (failed.evidence and failed.evidence.os_error):
            raise
    return bytes(body)


def _read_chunks(stream: Stream, coding: str, limit: int) -> bytes:
    if coding.lower() != "chunked":
        raise NotHttp(f"its Transfer-Encoding is '{sanitize(coding)}'")
    body = bytearray()
    while len(body) < limit:
        line = stream.read_line(_LONGEST_LINE_BYTES)
        found = _CHUNK_SIZE.fullmatch(line)
        if not found:
            raise NotHttp(f"the size of a chunk is '{sanitize(line.rstrip())}'")
        size = int(found[1], 16)
        if not size:
            break  # trailers may follow, and nobody waits for them
        body += _read_exactly(stream, min(size, limit - len(body)))
        if len(body) < limit and _read_exactly(stream, 2) != b"\r\n":
            raise NotHttp("a chunk is longer than its size")
    return bytes(body)
