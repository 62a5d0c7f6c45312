"""Reads the head of an HTTP answer from a stream: its status line and header fields, and not a byte more."""

from __future__ import annotations

from collections.abc import Container

import attrs

from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._protocols.http_response import Head, NotHttp, read_fields, read_status_line
from wsconn._text import sanitize

HEAD_BYTES = 64 * 1024  # all that the head of an answer may take
_INTERIM = (100, *range(102, 200))  # RFC 9110, section 15.2: another answer follows
REFUSAL_SECONDS = 1.0  # once the status says no, the rest of the head gets no longer than this


def read_head(stream: Stream, wanted: Container[int]) -> Head:
    """Read a head, or raise `NotHttp`.

    Where the status is none of those `wanted`, the answer is known: what stalls, or is too large, after that costs
    neither the status nor the rest of the deadline.
    """
    left = HEAD_BYTES
    while True:
        head, left = _read_one(stream, wanted, left)
        if head.status not in _INTERIM:
            return head


def _read_one(stream: Stream, wanted: Container[int], left: int) -> tuple[Head, int]:
    """Read one head, which may be an interim one that announces another; return what may still be read, too."""
    status_line = _read_status_line(stream, left)
    head = read_status_line(status_line)
    left -= len(status_line)
    lines: list[bytes] = []
    awaited = head.status in wanted or head.status in _INTERIM
    if not awaited:
        stream.tighten_deadline(REFUSAL_SECONDS)
    whole = True
    try:
        while (line := stream.read_line(left)) not in (b"\r\n", b"\n"):
            left -= len(line)
            lines.append(line)
    except LimitExceeded as error:
        if awaited:
            raise _too_large() from error
        whole = False
    except StageFailed:
        if awaited:
            raise
        whole = False
    read = read_fields(head, lines)
    return read if whole else attrs.evolve(read, whole=False), left


def _read_status_line(stream: Stream, limit: int) -> bytes:
    try:
        start = stream.peek(5)
    except LimitExceeded as error:  # of records of TLS that hold nothing
        raise NotHttp("it sends without end and says nothing") from error
    if not start.startswith(b"HTTP/"):
        raise _no_http(start)
    try:
        return stream.read_line(limit)
    except LimitExceeded as error:
        raise _too_large() from error


def _no_http(start: bytes) -> NotHttp:
    if start.startswith((b"\x15\x03", b"\x16\x03")):
        return NotHttp(speaks_tls=True)
    if _is_http2(start):
        return NotHttp("no HTTP/1.1, but HTTP/2", speaks_http2=True)
    return NotHttp(f"no HTTP, but '{sanitize(start.splitlines()[0])}'")


def _is_http2(start: bytes) -> bool:
    """Whether a connection in HTTP/2 begins so: with a SETTINGS or GOAWAY frame (RFC 9113, sections 3.4 and 4.1)."""
    return start.startswith(b"PRI *") or (start[0] == 0 and start[3] in (0x4, 0x7) and start[4] == 0)


def _too_large() -> NotHttp:
    return NotHttp(f"its headers are larger than {HEAD_BYTES // 1024} KiB")
