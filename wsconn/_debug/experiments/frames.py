"""What can be changed about the first frames: how many, how large, and of which kind."""

from __future__ import annotations

import os

import attrs

from wsconn._deadline import now
from wsconn._debug.experiments.tls import SMALL_SEGMENT_BYTES, in_small_segments
from wsconn._debug.trial import Bench, Finding, Trial
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._io.waiting import result_of
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._probe.probe import Probe
from wsconn._protocols import frames

PINGS = 64
PAYLOAD_BYTES = 64  # with its header a frame has 70: some 4 KiB each way
_LAST_BYTES = PAYLOAD_BYTES - 1  # of the last ping, so that its pong is known: it may be the only one (RFC 6455, 5.5.3)
_PIECE_BYTES = 4096
_MOST_FRAMES = 256  # of the server's own, before all answers are there


def _opened(bench: Bench, probe: Probe) -> Stream:
    """Open a WebSocket as the check does, and return its stream, over which no frame has gone yet."""
    case, recorder = bench.case, bench.recorder
    bench.begin(case.target, *case.request.secrets)
    library = probe.library.begin()
    stream = probe.route.open(case.target, bench.scope, recorder)
    try:
        recorder.stage = Stage.UPGRADE
        result_of(library, bench.scope)
        from wsconn._stages.upgrade import upgrade  # here: it is loaded now

        upgrade(stream, case.target, case.request)
    except BaseException:
        stream.close()
        raise
    recorder.stage = Stage.FRAMES
    return stream


def _exchange(bench: Bench, sent: bytes, wanted: int, size: int | None = None, probe: Probe | None = None) -> Finding:
    """Send frames in one write and read until one of this kind and size answers, or raise `StageFailed`."""
    stream = _opened(bench, probe or bench.probe)
    began, got = now(), 0
    try:
        stream.write(sent)
        for _ in range(_MOST_FRAMES):
            frame = _read_frame(stream)
            got += frame.opcode == wanted
            if frame.opcode == wanted and size in (None, frame.length):
                break
        else:
            raise StageFailed(Cause.NO_PONG)
    except frames.BadFrame as error:
        raise StageFailed(Cause.BAD_FRAMES, Evidence(detail=str(error))) from error
    except LimitExceeded as error:
        raise StageFailed(Cause.BAD_FRAMES, Evidence(detail="it sends without end")) from error
    except StageFailed as failed:
        if wanted == frames.CLOSE and failed.cause is Cause.CLOSED:
            return Finding(message="it ended the connection")  # which answers a Close as well
        raise _counted(failed, got if size else None) from failed
    finally:
        stream.close()
    bench.recorder.learn(round_trip=now() - began)
    return Finding()


def _counted(failed: StageFailed, got: int | None) -> StageFailed:
    cause = Cause.NO_PONG if failed.cause is Cause.TIMEOUT else failed.cause
    detail = None if got is None else f"{got} of {PINGS} answers came"
    return StageFailed(cause, attrs.evolve(failed.evidence or Evidence(), detail=detail))


def _read_frame(stream: Stream) -> frames.Header:
    """Read a frame and return its header; nothing of its payload is kept."""
    size = frames.header_size(stream.peek(frames.HEADER_BYTES))
    header = frames.read_header(stream.peek(size))
    stream.read(size)
    left = header.length
    while left:
        left -= len(stream.read(min(left, _PIECE_BYTES)))
    return header


def _many(opcode: int, last: int = PAYLOAD_BYTES) -> bytes:
    sizes = (*[PAYLOAD_BYTES] * (PINGS - 1), last)
    return b"".join(frames.client_frame(opcode, os.urandom(size)) for size in sizes)


def _many_pings(bench: Bench) -> Finding:
    return _exchange(bench, _many(frames.PING, _LAST_BYTES), frames.PONG, _LAST_BYTES)


def _many_in_small_segments(bench: Bench) -> Finding:
    sent, probe = _many(frames.PING, _LAST_BYTES), in_small_segments(bench.probe)
    return _exchange(bench, sent, frames.PONG, _LAST_BYTES, probe)


def _large_up(bench: Bench) -> Finding:
    """Send pongs that nobody asked for, which nobody answers (RFC 6455, section 5.5.3), and one ping."""
    return _exchange(bench, _many(frames.PONG) + frames.client_frame(frames.PING, b""), frames.PONG)


def _close_at_once(bench: Bench) -> Finding:
    normal = (1000).to_bytes(2)  # RFC 6455, section 7.4.1
    return _exchange(bench, frames.client_frame(frames.CLOSE, normal), frames.CLOSE)


EXPERIMENTS = (
    Trial(
        name="many_pings",
        changed=f"{PINGS} pings in one write",
        sent=f"The check's request to {{server}}; then {PINGS} pings, some 4 KiB, which come back as many pongs.",
        tells="large packets that are lost, and what holds frames back until there are enough",
        run=_many_pings,
    ),
    Trial(
        name="many_pings_in_small_segments",
        changed=f"{PINGS} pings in one write, in segments of TCP of at most {SMALL_SEGMENT_BYTES} bytes",
        sent=f"The check's request to {{server}}; then {PINGS} pings, some 4 KiB, which come back as many pongs.",
        tells="large packets that are lost, from a server that does not answer so many pings",
        run=_many_in_small_segments,
        variants=lambda case: ("",) if case.proxy is None else (),
    ),
    Trial(
        name="large_up",
        changed=f"{PINGS} pongs that nobody asked for, and a ping, in one write: much up, little down",
        sent=f"The check's request to {{server}}; then {PINGS} pongs, some 4 KiB, and a ping.",
        tells="large packets that are lost on the way up, from those lost on the way down",
        run=_large_up,
    ),
    Trial(
        name="close_at_once",
        changed="a Close in place of the ping",
        sent="The check's request to {server}; then a Close.",
        tells="frames that are held back, from a server that answers no ping",
        run=_close_at_once,
    ),
)
