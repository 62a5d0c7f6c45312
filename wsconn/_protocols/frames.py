"""What a frame from a server must look like: RFC 6455, sections 5.1 to 5.5, with no I/O.

websocket-client is kinder: it takes masked frames, pongs that are long or fragmented, lengths that are not minimal,
a continuation of nothing and text that is not UTF-8, and looks at a frame only when all of its payload has come.
"""

from __future__ import annotations

import codecs
import os

import attrs

LONGEST_READ_BYTES = 128 * 1024  # of a larger frame the header is evidence enough
LONGEST_FRAME_BYTES = 16 * 1024 * 1024  # nobody greets with more: these are no frames
HEADER_BYTES = 2  # what `header_size` must see

CLOSE, PING, PONG = 0x8, 0x9, 0xA
_CONTINUATION, _TEXT, _BINARY = 0x0, 0x1, 0x2
_NAMES = {_CONTINUATION: "continuation", _TEXT: "text", _BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong"}
_LONGEST_CONTROL_BYTES = 125  # section 5.5
NO_CODE = 1005  # what a Close without a code counts as: section 7.1.5
_SENT_CODES = (range(1000, 1004), range(1007, 1015), range(3000, 5000))  # section 7.4, and IANA's registry of codes


class BadFrame(Exception):
    """The peer broke a rule; the message says which."""


@attrs.frozen
class Header:
    """What the first bytes of a frame say."""

    final: bool
    opcode: int
    length: int

    @property
    def is_control(self) -> bool:
        """Whether it is a close, a ping or a pong."""
        return bool(self.opcode & 0x8)


def header_size(start: bytes) -> int:
    """Return how many bytes the header has that begins with the two bytes of `start`."""
    return {126: 4, 127: 10}.get(start[1] & 0x7F, 2)


def client_frame(opcode: int, payload: bytes) -> bytes:
    """Return a whole control frame as a client sends it: masked with a key that nobody can foresee (section 5.3)."""
    key = os.urandom(4)
    masked = bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))
    return bytes([0x80 | opcode, 0x80 | len(payload)]) + key + masked


def read_header(data: bytes, *, continues: bool = False) -> Header:
    """Read and check the header at the start of `data`, which holds `header_size` bytes at least.

    `continues` says that a message was begun and has not ended.
    """
    final, reserved, opcode = bool(data[0] & 0x80), data[0] & 0x70, data[0] & 0x0F
    masked, short = data[1] & 0x80, data[1] & 0x7F
    if reserved:
        raise BadFrame("a reserved bit is set")
    if opcode not in _NAMES:
        raise BadFrame(f"the opcode {opcode} is unknown")
    if masked:
        raise BadFrame("a server's frame is masked")
    if opcode == _CONTINUATION and not continues:
        raise BadFrame("it continues a message that never began")
    length = short if short < 126 else int.from_bytes(data[2 : header_size(data)])
    if opcode & 0x8 and (not final or length > _LONGEST_CONTROL_BYTES):
        raise BadFrame(f"a {_NAMES[opcode]} is fragmented or longer than {_LONGEST_CONTROL_BYTES} bytes")
    if length < {126: 126, 127: 1 << 16}.get(short, 0):
        raise BadFrame("its length is not written in the shortest way")
    if length > LONGEST_FRAME_BYTES:
        raise BadFrame(f"its length of {length} bytes is beyond reason")
    return Header(final, opcode, length)


def check_close(payload: bytes) -> None:
    """Check the code and the reason that a close gives (section 5.5.1), or that it has neither.

    websocket-client checks the code too, in words that are for its programmers, and takes a reason that ends in half a
    character.
    """
    if len(payload) == 1:
        raise BadFrame("its close holds half a code")
    code = int.from_bytes(payload[:2])
    if payload and not any(code in codes for codes in _SENT_CODES):
        raise BadFrame(f"its close has the code {code}, which may not be sent")
    try:
        payload[2:].decode()
    except UnicodeDecodeError as error:
        raise BadFrame("the reason of its close is not UTF-8") from error


class TextCheck:
    """Checks that what a text frame carries is UTF-8, a piece at a time; data of other kinds may be anything."""

    def __init__(self, header: Header) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")() if header.opcode == _TEXT else None
        self._final = header.final

    def add(self, piece: bytes, *, last: bool) -> None:
        """Check the next piece; a message that goes on in another frame may end in half a character."""
        if self._decoder is not None:
            try:
                self._decoder.decode(piece, final=last and self._final)
            except UnicodeDecodeError as error:
                raise BadFrame("its text is not UTF-8") from error
