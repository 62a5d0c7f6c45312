"""The first frames: a ping, and whatever comes back. They prove that frames pass both ways.

Any valid frame is proof. The pong to our ping measures the round trip too, so where the server says something else
first, its pong is waited for a little longer; the region has passed either way.
"""

from __future__ import annotations

import contextlib
import os
import ssl

import attrs

from wsconn._deadline import now
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Cause, Evidence
from wsconn._protocols import frames
from wsconn._protocols.http_head import REFUSAL_SECONDS
from wsconn._protocols.websocket_client import OpenWebSocket
from wsconn._text import sanitize

PONG_SECONDS = 1.0  # for the pong, once another frame has come
_MOST_FRAMES = 64  # before the pong: nobody has so much to say in a second
_HTTP = b"HTTP/"
_PIECE_BYTES = 4 * 1024  # text takes four times its size while it is decoded


@attrs.frozen(kw_only=True)
class FirstFrames:
    """What proved that frames pass. `round_trip` is in seconds, where our ping's pong came.

    `ended_after` is set where the server ended the connection in an orderly way and without a Close: seconds after the
    WebSocket had opened.
    """

    round_trip: float | None = None
    close_code: int | None = None
    close_reason: str | None = None
    ended_after: float | None = None


def exchange_frames(websocket: OpenWebSocket, *, end_is_proof: bool = False) -> FirstFrames:
    """Send a ping and return what came back, or raise `StageFailed`.

    Args:
        websocket: the open one.
        end_is_proof: whether an orderly end can only be the server's own, so that it proves as much as a Close.
    """
    payload = os.urandom(8)
    sent = now()
    try:
        websocket.send_ping(payload)
        if found := _read_frame(websocket, payload, sent):
            return found
    except frames.BadFrame as error:
        raise StageFailed(Cause.BAD_FRAMES, Evidence(detail=str(error))) from error
    except LimitExceeded as error:
        raise StageFailed(Cause.BAD_FRAMES, Evidence(detail="more bytes than any frame of ours")) from error
    except StageFailed as failed:
        if end_is_proof and is_orderly_end(failed):
            return FirstFrames(ended_after=now() - sent)
        if failed.cause is Cause.TIMEOUT:
            raise StageFailed(Cause.NO_PONG, failed.evidence) from failed
        raise
    return _wait_for_pong(websocket, payload, sent)


def is_orderly_end(failed: StageFailed) -> bool:
    """Tell whether the connection was ended, and not reset."""
    return failed.cause is Cause.CLOSED and not (failed.evidence and failed.evidence.os_error)


def _wait_for_pong(websocket: OpenWebSocket, payload: bytes, sent: float) -> FirstFrames:
    """Read on, after a first frame that was valid: whatever comes now, the region has passed."""
    websocket.stream.tighten_deadline(PONG_SECONDS)
    try:
        for _ in range(_MOST_FRAMES):
            if found := _read_frame(websocket, payload, sent):
                return found
    except (StageFailed, LimitExceeded, frames.BadFrame, ssl.SSLError):
        pass
    return FirstFrames()


def _read_frame(websocket: OpenWebSocket, payload: bytes, sent: float) -> FirstFrames | None:
    """Read a frame, and return what the exchange ends with, or `None` where the pong may follow."""
    stream = websocket.stream
    start = stream.peek(frames.HEADER_BYTES)
    if start.startswith(_HTTP[: len(start)]) and (line := _read_second_answer(stream)):
        raise StageFailed(Cause.BAD_FRAMES, Evidence(second_answer=line))
    size = frames.header_size(start)
    header = frames.read_header(stream.peek(size))
    if not header.is_control:
        return _read_message(stream, header, size)
    if header.opcode == frames.CLOSE:
        frames.check_close(stream.peek(size + header.length)[size : size + header.length])
    data = websocket.read_control_frame()
    if header.opcode == frames.CLOSE:
        code = int.from_bytes(data[:2]) if data else frames.NO_CODE
        return FirstFrames(close_code=code, close_reason=sanitize(data[2:]) if data else None)
    if header.opcode == frames.PONG and data in (payload, b""):  # uWSGI sends none of the payload back
        return FirstFrames(round_trip=now() - sent)
    return None


def _read_second_answer(stream: Stream) -> str | None:
    """Read a status line, where one comes in place of a frame: no frame begins so."""
    stream.tighten_deadline(REFUSAL_SECONDS)
    with contextlib.suppress(StageFailed, LimitExceeded, ssl.SSLError):
        if not stream.peek(len(_HTTP)).startswith(_HTTP):
            return None
        with contextlib.suppress(StageFailed, LimitExceeded, ssl.SSLError):
            return sanitize(stream.read_line(_PIECE_BYTES).rstrip())
        return sanitize(stream.peek(len(_HTTP)))
    return None


def _read_message(stream: Stream, header: frames.Header, size: int) -> FirstFrames | None:
    """Read a frame of data and check its text, a piece at a time: nothing of it is kept."""
    if header.length > frames.LONGEST_READ_BYTES:
        return FirstFrames()
    stream.read(size)
    check = frames.TextCheck(header)
    left = header.length
    while left:
        piece = stream.read(min(left, _PIECE_BYTES))
        left -= len(piece)
        check.add(piece, last=not left)
    return None
