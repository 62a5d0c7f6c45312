"""Reads the head of an HTTP answer from a channel: its status line and header fields, and not a byte more."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from wsconn._channel import Channel, OverBudget
from wsconn._exceptions import StageFailed
from wsconn._http_answer import Head, NotHttp, read_fields, read_status_line
from wsconn._shown import shown

HEAD_BYTES = 64 * 1024  # all that the head of an answer may take
SPEAKS_TLS = "it speaks TLS"
REFUSAL_SECONDS = 1.0  # once the status says no, the rest of the head gets no longer than this


class RawHead(NamedTuple):
    """The head of an answer, and the lines that it was read from."""

    head: Head
    status_line: bytes
    lines: list[bytes]


def read_head(channel: Channel, wanted: Container[int]) -> RawHead:
    """Read a head, or raise `NotHttp`.

    Where the status is none of those `wanted`, the answer is known: what stalls, or is too large, after that costs
    neither the status nor the rest of the deadline.
    """
    status_line = _read_status_line(channel)
    head = read_status_line(status_line)
    left, lines = HEAD_BYTES - len(status_line), []
    if head.status not in wanted:
        channel.hurry(REFUSAL_SECONDS)
    try:
        while (line := channel.read_line(left)) not in (b"\r\n", b"\n"):
            left -= len(line)
            lines.append(line)
    except OverBudget as error:
        if head.status in wanted:
            raise _too_large() from error
    except StageFailed:
        if head.status in wanted:
            raise
    return RawHead(read_fields(head, lines), status_line, lines)


def _read_status_line(channel: Channel) -> bytes:
    start = channel.peek(5)
    if start.startswith((b"\x15\x03", b"\x16\x03")):
        raise NotHttp(SPEAKS_TLS)
    if not start.startswith(b"HTTP/"):
        raise NotHttp(f"no HTTP, but {shown(start.splitlines()[0])!r}")
    try:
        return channel.read_line(HEAD_BYTES)
    except OverBudget as error:
        raise _too_large() from error


def _too_large() -> NotHttp:
    return NotHttp(f"its headers are larger than {HEAD_BYTES // 1024} KiB")
