"""Faults after a right 101, in frames (RFC 6455 section 5)."""

from __future__ import annotations

import functools
import itertools
import socket

import attrs

from wsconn.lab._fault import Fault, Serve
from wsconn.lab._healthy import answer_frames, healthy
from wsconn.lab._wire import (
    CLOSE,
    PIECE_BYTES,
    close_frame,
    drain,
    end_after_echo,
    hang_up,
    pause,
    pour,
    reset,
    upgrade,
)

_TEXT = 0x81
_BINARY = 0x82  # FIN and opcode 2
_PONG = 0x8A
_HUGE_BYTES = 1 << 20
_ENDLESS_BYTES = 1 << 62
_PIECE = bytes(16384)
_LATE_SECONDS = 0.3


def raw_frame(data: bytes, *, name: str = "raw-frame", summary: str | None = None) -> Fault:
    """Send bytes right after the 101, whatever they mean, then read and never answer.

    Args:
        data: The bytes.
        name: The fault's.
        summary: The fault's.
    """
    return Fault(
        name=name, summary=summary or f"The bytes {data[:16].hex()} follow the 101.", serve=_after_upgrade(data, drain)
    )


def close(code: int = 1008, *, reason: str = "") -> Fault:
    """Close the WebSocket right after the 101, as RFC 6455 wants it; named `close-<code>`.

    Args:
        code: 1000 to 4999, not 1004 to 1006 nor 1015, which are never sent (section 7.4). For these: `raw_frame`.
        reason: At most 123 bytes of UTF-8.
    """
    if not 1000 <= code <= 4999 or code in (1004, 1005, 1006, 1015):
        raise ValueError(f"code must be a close code that may be sent; use raw_frame for others: {code!r}")
    if len(reason.encode()) > 123:
        raise ValueError(f"reason must be at most 123 bytes: {reason!r}")
    return Fault(
        name=f"close-{code}",
        summary=f"The server opens the WebSocket, then closes it with code {code}.",
        serve=_after_upgrade(close_frame(code, reason), end_after_echo),
    )


def greeting(text: str = "hello") -> Fault:
    """Be healthy, and send a text frame before anything else; named `greeting`.

    Args:
        text: What the frame holds.
    """
    return Fault(
        name="greeting",
        summary="A healthy server sends a text frame first.",
        serve=functools.partial(healthy, opened=lambda protocol: protocol.send_text(text.encode())),
    )


def _bad_frame(data: bytes, *, name: str, summary: str) -> Fault:
    return attrs.evolve(raw_frame(data, name=name, summary=summary), stage="frames", causes=("bad_frames",))


def _after_upgrade(data: bytes, then: Serve) -> Serve:
    def serve(sock: socket.socket) -> None:
        upgrade(sock)
        sock.sendall(data)
        then(sock)

    return serve


def _speak_first(sock: socket.socket) -> None:
    ping = sock.recv(PIECE_BYTES)
    answer_frames(sock, received=ping + pause(sock, _LATE_SECONDS))


def _pong_empty(sock: socket.socket) -> None:
    while sock.recv(PIECE_BYTES):
        sock.sendall(bytes([_PONG, 0]))


def _pour_zeros(sock: socket.socket) -> None:
    pour(sock, itertools.repeat(_PIECE))


def _send_huge_payload(sock: socket.socket) -> None:
    pour(sock, itertools.repeat(_PIECE, _HUGE_BYTES // len(_PIECE)))
    drain(sock)


SWALLOWED_FRAMES = Fault(
    name="swallowed-frames",
    summary="The WebSocket opens, and no frame is ever answered.",
    serve=_after_upgrade(b"", drain),
    stage="frames",
    causes=("no_pong",),
)
CORRUPT_FRAMES = _bad_frame(
    b"\xfb\x05hello",
    name="corrupt-frames",
    summary="A frame comes with every reserved bit set and a reserved opcode.",
)
RESERVED_BITS = _bad_frame(
    bytes([0x40 | _BINARY, 5]) + b"hello",
    name="reserved-bits",
    summary="A binary frame comes with RSV1 set, though no extension was agreed on.",
)
BAD_OPCODE = _bad_frame(
    b"\x83\x05hello",
    name="bad-opcode",
    summary="A frame comes with opcode 3, which is reserved.",
)
MASKED_FRAME = _bad_frame(
    bytes([_PONG, 0x80]) + b"mask",
    name="masked-frame",
    summary="A pong comes masked, which a server must not do.",
)
NON_MINIMAL_LENGTH = _bad_frame(
    bytes([_BINARY, 126, 0, 5]) + b"hello",
    name="non-minimal-length",
    summary="A frame of 5 bytes comes with its length in the 16-bit form.",
)
FRAGMENTED_PONG = _bad_frame(
    bytes([0x0A, 0]),
    name="fragmented-pong",
    summary="A pong comes without FIN.",
)
LONG_PONG = _bad_frame(
    bytes([_PONG, 126, 0, 126]) + bytes(126),
    name="long-pong",
    summary="A pong comes with 126 bytes, one more than a control frame may have.",
)
CONTINUATION_FIRST = _bad_frame(
    b"\x80\x05hello",
    name="continuation-first",
    summary="A continuation frame comes with nothing to continue.",
)
INVALID_UTF8 = _bad_frame(
    b"\x81\x02\xff\xfe",
    name="invalid-utf8",
    summary="A text frame comes that is not UTF-8.",
)
ONE_BYTE_CLOSE = _bad_frame(
    bytes([CLOSE, 1, 3]),
    name="one-byte-close",
    summary="A Close comes with half a code.",
)
CLOSE_1005 = _bad_frame(
    bytes([CLOSE, 2]) + (1005).to_bytes(2),
    name="close-1005",
    summary="A Close comes with the code 1005, which must never be sent.",
)
HUGE_FRAME = Fault(
    name="huge-frame",
    summary="A valid binary frame of 1 MiB comes first, whole.",
    serve=_after_upgrade(bytes([_BINARY, 127]) + _HUGE_BYTES.to_bytes(8), _send_huge_payload),
)
STALLED_FRAME = raw_frame(
    bytes([_BINARY, 127]) + _HUGE_BYTES.to_bytes(8),
    name="stalled-frame",
    summary="The header of a binary frame of 1 MiB comes, and nothing of its payload.",
)
ENDLESS_FRAME = Fault(
    name="endless-frame",
    summary="A binary frame of 2**62 bytes comes, as fast as it is read.",
    serve=_after_upgrade(bytes([_BINARY, 127]) + _ENDLESS_BYTES.to_bytes(8), _pour_zeros),
    stage="frames",
    causes=("bad_frames",),
)
RESET_AFTER_UPGRADE = Fault(
    name="reset-after-upgrade",
    summary="The server resets the connection right after its 101.",
    serve=_after_upgrade(b"", reset),
    stage="frames",
    causes=("closed",),
)
EOF_AFTER_UPGRADE = Fault(
    name="eof-after-upgrade",
    summary="The server ends the connection right after its 101, without a Close frame; over TLS that is a pass.",
    serve=_after_upgrade(b"", hang_up),
    stage="frames",
    causes=("closed",),
)
CLOSE_1008 = close()
GREETING = greeting()
SPEAKS_FIRST = Fault(
    name="speaks-first",
    summary="A healthy server sends a text frame first, and its pong 0.3 s after the ping.",
    serve=_after_upgrade(bytes([_TEXT, 5]) + b"hello", _speak_first),
)
PING_FIRST = Fault(
    name="ping-first",
    summary="A healthy server sends a ping of its own before any pong.",
    serve=functools.partial(healthy, opened=lambda protocol: protocol.send_ping(b"lab")),
)
EMPTY_PONG = Fault(
    name="empty-pong",
    summary="The pong comes with an empty payload, whatever the ping held.",
    serve=_after_upgrade(b"", _pong_empty),
)
