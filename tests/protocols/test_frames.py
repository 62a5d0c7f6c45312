"""What a frame of a server must look like, judged without a socket."""

from __future__ import annotations

import contextlib

import hypothesis
import pytest
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from wsconn._protocols import frames
from wsconn._protocols.frames import BadFrame, TextCheck, header_size, read_header


def check_payload(header: frames.Header, payload: bytes) -> None:
    """Check a payload as it would come in pieces of three bytes."""
    check = TextCheck(header)
    pieces = [payload[at : at + 3] for at in range(0, len(payload), 3)] or [b""]
    for number, piece in enumerate(pieces, 1):
        check.add(piece, last=number == len(pieces))


OPCODES = (Opcode.TEXT, Opcode.BINARY, Opcode.CLOSE, Opcode.PING, Opcode.PONG)
CONTROL = (Opcode.CLOSE, Opcode.PING, Opcode.PONG)


def header(data: bytes) -> frames.Header:
    return read_header(data[: header_size(data[:2])])


def raw(first: int, length: int, *, mask: int = 0, written: int | None = None) -> bytes:
    """Write a frame's header bit by bit; `written` is the size of the length's field."""
    size = written or (7 if length < 126 else 16 if length < 1 << 16 else 64)
    short = {7: length, 16: 126, 64: 127}[size]
    return bytes([first, mask | short]) + (length.to_bytes(size // 8) if size > 7 else b"")


@hypothesis.given(
    st.sampled_from(OPCODES), st.booleans(), st.integers(0, 70_000) | st.sampled_from([125, 126, 65535, 65536])
)
def test_a_servers_frames_are_read(opcode: Opcode, final: bool, length: int) -> None:
    """What the `websockets` library writes for a server comes out as it went in."""
    if opcode in CONTROL:
        final, length = True, min(length, 125)
    data = Frame(opcode, bytes(length), fin=final).serialize(mask=False)
    assert header(data) == frames.Header(final, opcode, length)
    assert header_size(data[:2]) == len(data) - length


@hypothesis.given(st.binary(min_size=2, max_size=2), st.binary(min_size=8, max_size=8))
def test_arbitrary_bytes_are_a_frame_or_a_bad_one(start: bytes, rest: bytes) -> None:
    """Nothing else than `BadFrame` is raised, and what passes is within the rules."""
    size = header_size(start)
    assert size in (2, 4, 10)
    with contextlib.suppress(BadFrame):
        found = read_header((start + rest)[:size])
        assert found.opcode in OPCODES
        assert 0 <= found.length <= frames.LONGEST_FRAME_BYTES
        assert found.opcode not in CONTROL or (found.final and found.length <= 125)
        assert raw((found.final << 7) | found.opcode, found.length) == (start + rest)[:size]


def test_first_bytes() -> None:
    """Of all first bytes those pass that RFC 6455 knows for a message's beginning and for control frames."""
    passed = set()
    for first in range(256):
        with contextlib.suppress(BadFrame):
            assert header(raw(first, 0)).final is bool(first & 0x80)
            passed.add(first)
    assert passed == {0x01, 0x02, 0x81, 0x82, 0x88, 0x89, 0x8A}


BAD_FRAMES = {
    "RSV1": (raw(0xC1, 0), "reserved"),
    "RSV2": (raw(0xA1, 0), "reserved"),
    "RSV3": (raw(0x91, 0), "reserved"),
    "opcode 3": (raw(0x83, 0), "opcode 3"),
    "opcode 11": (raw(0x8B, 0), "opcode 11"),
    "masked": (raw(0x81, 5, mask=0x80), "masked"),
    "masked pong": (raw(0x8A, 8, mask=0x80), "masked"),
    "continuation of nothing": (raw(0x80, 0), "continues"),
    "fragmented ping": (raw(0x09, 0), "fragmented"),
    "fragmented pong": (raw(0x0A, 0), "fragmented"),
    "fragmented close": (raw(0x08, 0), "fragmented"),
    "long ping": (raw(0x89, 126), "125"),
    "long pong": (raw(0x8A, 1 << 16), "125"),
    "long close": (raw(0x88, 126), "125"),
    "16 bits for 125": (raw(0x81, 125, written=16), "shortest"),
    "16 bits for 0": (raw(0x82, 0, written=16), "shortest"),
    "64 bits for 65535": (raw(0x81, 65535, written=64), "shortest"),
    "64 bits for 0": (raw(0x81, 0, written=64), "shortest"),
    "16 MiB and one": (raw(0x82, 16 * 1024 * 1024 + 1), "beyond reason"),
    "a negative length": (raw(0x82, 1 << 63), "beyond reason"),
    "the longest length": (raw(0x82, (1 << 64) - 1), "beyond reason"),
}


@pytest.mark.parametrize(("data", "fact"), BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
def test_each_rule_of_frames(data: bytes, fact: str) -> None:
    """A header that breaks one rule is refused, and the message says which."""
    with pytest.raises(BadFrame, match=fact):
        header(data)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 128 * 1024, 16 * 1024 * 1024])
def test_lengths_at_the_edges(length: int) -> None:
    """Each form of the length is read, up to 16 MiB."""
    assert header(raw(0x82, length)).length == length


PAYLOADS = {
    "text": (0x81, "ä東🏁".encode(), True),
    "empty text": (0x81, b"", True),
    "Latin-1": (0x81, "ä".encode("latin-1"), False),
    "a surrogate": (0x81, b"\xed\xa0\x80", False),
    "an overlong slash": (0x81, b"\xc0\xaf", False),
    "cut in a character": (0x81, "東".encode()[:2], False),
    "a fragment cut in a character": (0x01, "東".encode()[:2], True),
    "a fragment that is wrong": (0x01, b"\xff", False),
    "binary": (0x82, b"\xff\xfe", True),
    "a pong": (0x8A, b"\xff\xfe", True),
}


@pytest.mark.parametrize(("first", "payload", "good"), PAYLOADS.values(), ids=PAYLOADS.keys())
def test_text_must_be_utf8(first: int, payload: bytes, good: bool) -> None:
    """Text is UTF-8, a first fragment up to where it ends; other frames hold what they like."""
    with contextlib.nullcontext() if good else pytest.raises(BadFrame, match="UTF-8"):
        check_payload(header(raw(first, len(payload))), payload)


@pytest.mark.parametrize(
    ("payload", "fact"),
    [
        (b"\x03", "half a code"),
        (b"\x03\xed", "has the code 1005, which may not be sent"),
        (b"\x00\x00", "code 0,"),
        (b"\x03\xf8", "code 1016,"),
        (b"\x13\x88no", "code 5000,"),
        (b"\x03\xf0ab\xd7", "reason of its close is not UTF-8"),
    ],
    ids=["half a code", "1005", "0", "1016", "5000", "half a character"],
)
def test_each_rule_of_closes(payload: bytes, fact: str) -> None:
    """A close that breaks a rule is told in wsconn's words."""
    with pytest.raises(BadFrame, match=fact):
        frames.check_close(payload)


@hypothesis.given(st.binary(max_size=40), st.booleans())
def test_arbitrary_text_frames(payload: bytes, final: bool) -> None:
    """Python's own decoder agrees on what is UTF-8; a fragment may end within a character, and nowhere else."""
    passed = True
    try:
        check_payload(frames.Header(final, Opcode.TEXT, len(payload)), payload)
    except BadFrame:
        passed = False
    tails = [b""] if final else [b"", b"\x80", b"\x80\x80", b"\x80\x80\x80", b"\xbf", b"\xa0\x80", b"\x90\x80\x80"]
    assert passed is any(_decodes(payload + tail) for tail in tails)


def _decodes(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@hypothesis.given(st.sampled_from(CONTROL), st.binary(max_size=125))
def test_what_a_client_sends_is_masked(opcode: Opcode, payload: bytes) -> None:
    """A server takes it, and reads what was meant."""
    protocol = Protocol(Side.SERVER)
    protocol.receive_data(frames.client_frame(opcode, payload if opcode is not Opcode.CLOSE else b"\x03\xe8"))
    (frame,) = protocol.events_received()
    assert isinstance(frame, Frame)
    assert frame.opcode is opcode
    assert opcode is Opcode.CLOSE or frame.data == payload


def test_a_message_may_go_on() -> None:
    """A frame that continues a message is right where one was begun, and nowhere else."""
    assert read_header(b"\x80\x05", continues=True).final
    with pytest.raises(BadFrame, match="never began"):
        read_header(b"\x80\x05")
