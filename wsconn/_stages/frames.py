"""The first frames: a ping, and whatever comes back. They prove that frames pass both ways."""

from __future__ import annotations

import os

import attrs

from wsconn._deadline import now
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Cause, Evidence
from wsconn._protocols import frames
from wsconn._protocols.websocket_client import OpenWebSocket
from wsconn._text import sanitize

_PIECE_BYTES = 4 * 1024  # text takes four times its size while it is decoded


@attrs.frozen(kw_only=True)
class FirstFrame:
    """The frame that proved that frames pass. `round_trip` is in seconds, where it was our ping's pong."""

    round_trip: float | None = None
    close_code: int | None = None
    close_reason: str | None = None


def exchange_frames(websocket: OpenWebSocket) -> FirstFrame:
    """Send a ping and return what came back, or raise `StageFailed`."""
    payload = os.urandom(8)
    sent = now()
    try:
        websocket.send_ping(payload)
        return _read_first_frame(websocket, payload, sent)
    except frames.BadFrame as error:
        raise StageFailed(Cause.BAD_FRAMES, Evidence(detail=str(error))) from error
    except LimitExceeded as error:
        raise StageFailed(Cause.BAD_FRAMES, Evidence(detail="more bytes than any frame of ours")) from error
    except StageFailed as failed:
        if failed.cause is Cause.TIMEOUT:
            raise StageFailed(Cause.NO_PONG, failed.evidence) from failed
        raise


def _read_first_frame(websocket: OpenWebSocket, payload: bytes, sent: float) -> FirstFrame:
    stream = websocket.stream
    size = frames.header_size(stream.peek(frames.HEADER_BYTES))
    header = frames.read_header(stream.peek(size))
    if not header.is_control:
        _read_message(stream, header, size)
        return FirstFrame()
    if header.opcode == frames.CLOSE:
        frames.check_close(stream.peek(size + header.length)[size : size + header.length])
    data = websocket.read_control_frame()
    if header.opcode == frames.CLOSE and data:
        return FirstFrame(close_code=int.from_bytes(data[:2]), close_reason=sanitize(data[2:]))
    answered = header.opcode == frames.PONG and data == payload
    return FirstFrame(round_trip=now() - sent if answered else None)


def _read_message(stream: Stream, header: frames.Header, size: int) -> None:
    """Read a frame of data and check its text, a piece at a time: nothing of it is kept."""
    if header.length > frames.LONGEST_READ_BYTES:
        return
    stream.read(size)
    check = frames.TextCheck(header)
    left = header.length
    while left:
        piece = stream.read(min(left, _PIECE_BYTES))
        left -= len(piece)
        check.add(piece, last=not left)
