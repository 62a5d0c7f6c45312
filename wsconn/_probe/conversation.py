"""What is said to a server over a connection: the request for a WebSocket, the first frames, the Close.

Loaded while a process' first connections are made: websocket-client and ssl take their time.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable

from wsconn._diagnosis.evidence import StageFailed
from wsconn._diagnosis.interceptors import is_authentic
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Stage
from wsconn._protocols.websocket_client import OpenWebSocket
from wsconn._regions import Target
from wsconn._stages.frames import exchange_frames
from wsconn._stages.request import Request
from wsconn._stages.upgrade import upgrade


def converse(
    stream: Stream,
    target: Target,
    request: Request,
    recorder: Recorder,
    verify_frames: bool,
    keep: Callable[[Stream], object] | None,
) -> None:
    """Open a WebSocket and say goodbye, or raise `StageFailed`; a stream that `keep` takes over is left as it is."""
    recorder.learn(request=request.as_evidence)
    try:
        with recorder.timed(Stage.UPGRADE):
            opened = upgrade(stream, target, request)
        recorder.learn(http_status=101)
        if keep is not None:
            keep(stream)
            return
        if verify_frames:
            _verify_frames(opened, recorder)
    except ssl.SSLError as error:  # an alert that TLS 1.3 sent late
        from wsconn._stages.tls import failure

        raise failure(error, Stage.TLS) from error
    with contextlib.suppress(StageFailed, LimitExceeded, ssl.SSLError):  # it has passed; whoever hung up first may
        stream.hold_last_words()
        opened.send_close()


def _verify_frames(opened: OpenWebSocket, recorder: Recorder) -> None:
    with recorder.timed(Stage.FRAMES):
        first = exchange_frames(opened, end_is_proof=is_authentic(recorder.tls))
    recorder.learn(
        round_trip=first.round_trip,
        close_code=first.close_code,
        close_reason=recorder.redact(first.close_reason),
        ended_after=first.ended_after,
    )
