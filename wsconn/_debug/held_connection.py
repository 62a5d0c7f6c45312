"""One WebSocket that is held open: the pings that are sent over it, what comes back, and how it ends.

It never waits. Who holds it calls `receive` when something has come, and `at_time` when the moment `next_at` is there.
"""

from __future__ import annotations

import contextlib
import os
import ssl
from typing import Any

import attrs

from wsconn._deadline import now
from wsconn._debug.records import HoldEnd, RoundTrip
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.abort import STALL_SECONDS
from wsconn._io.held_stream import HeldStream, NothingYet
from wsconn._io.stream import LimitExceeded
from wsconn._outcome import Cause
from wsconn._protocols import frames
from wsconn._text import sanitize

PONG_SECONDS = 2.0  # for the last pong: TCP has sent a lost packet again three times by then
_PIECE_BYTES = 4 * 1024
_NORMAL = (1000).to_bytes(2)  # RFC 6455, section 7.4.1
_RESETS = ("ECONNRESET", "EPIPE", "ECONNABORTED")


@attrs.frozen(kw_only=True)
class End:
    """How it ended, and when on the clock of `now`; `not_before` is when it is last known to have stood."""

    by: HoldEnd
    at: float
    not_before: float
    close_code: int | None = None
    close_reason: str | None = None
    close_notify: bool | None = None
    detail: str | None = None


class HeldConnection:
    """Held for `seconds` since now, with a ping at the end, and if `ping_every` is given one each so many seconds."""

    def __init__(self, stream: HeldStream, seconds: float, ping_every: float | None = None) -> None:
        self.stream = stream
        self.began = now()
        self.end: End | None = None
        self.frames_received = 0
        self._seconds = seconds
        self._every = ping_every or seconds
        self._sent: list[float] = []
        self._took: dict[int, float] = {}  # the seconds of each ping that was answered, by its number
        self._untimed: set[int] = set()
        self._unanswered: dict[bytes, int] = {}
        self._heard = self.began
        self._not_before = self.began
        self._left = 0  # bytes of a frame of data that are still to come
        self._continues = False
        self._ping: bytes | None = None  # the peer's, which is still to be answered

    @property
    def next_at(self) -> float:
        """When there is something to do, if nothing comes before that."""
        if self._is_last_sent:
            return self._sent[-1] + PONG_SECONDS
        return self.began + min((len(self._sent) + 1) * self._every, self._seconds)

    @property
    def round_trips(self) -> tuple[RoundTrip, ...]:
        """The pings so far, but for those whose pong may have waited for this process to run again."""
        return tuple(
            RoundTrip(at=sent - self.began, seconds=self._took.get(number))
            for number, sent in enumerate(self._sent)
            if number not in self._untimed
        )

    @property
    def is_unanswered(self) -> bool:
        """Whether the last ping has had no answer."""
        return bool(self._sent) and len(self._sent) - 1 not in self._took

    def at_time(self) -> None:
        """Do what is due: send a ping, or say how it ended."""
        if self.end or now() < self.next_at:
            return
        if self._is_last_sent:
            self.finish()
        else:
            self._send_ping()

    def receive(self, not_before: float) -> None:
        """Take what has come, since this moment at the earliest."""
        self._not_before = not_before
        try:
            while not self.end:
                self._read_frame()
        except NothingYet:
            self._answer_ping()
        except (frames.BadFrame, ssl.SSLError) as error:
            self._ended(HoldEnd.BROKEN, detail=sanitize(str(error)))
        except LimitExceeded:
            self._ended(HoldEnd.BROKEN, detail="it sent more than is read of one peer")
        except StageFailed as failed:
            self._cut(failed)

    def finish(self) -> None:
        """Say how it ended, now that its time is over, and close it."""
        if self.is_unanswered and self._heard < self._silent_since:
            self.end = End(by=HoldEnd.SILENCE, at=self._silent_since, not_before=self._heard)
        else:
            at = min(now(), self.began + self._seconds)
            self.end = End(by=HoldEnd.HELD, at=at, not_before=at)
            self._send(frames.CLOSE, _NORMAL)
        self.stream.close()

    def abort(self) -> None:
        """Give it up."""
        self.end = self.end_so_far()
        self.stream.close()

    def end_so_far(self) -> End:
        """Return how it ended, or would if it were given up now. May be called from any thread."""
        return self.end or End(by=HoldEnd.ABORTED, at=now(), not_before=self._heard)

    @property
    def _is_last_sent(self) -> bool:
        return bool(self._sent) and len(self._sent) * self._every >= self._seconds

    @property
    def _silent_since(self) -> float:
        """When the first was sent of the pings that had no answer up to now."""
        return self._sent[max(self._took, default=-1) + 1]

    def _send_ping(self) -> None:
        payload = os.urandom(8)
        self._unanswered[payload] = len(self._sent)
        self._sent.append(now())
        self._send(frames.PING, payload)

    def _send(self, opcode: int, payload: bytes) -> None:
        """Send a frame; where that cannot be done, what can be read tells why."""
        with contextlib.suppress(NothingYet, StageFailed, LimitExceeded, ssl.SSLError):
            self.stream.write(frames.client_frame(opcode, payload))

    def _read_frame(self) -> None:
        """Read a frame, or a piece of what it carries, which is dropped."""
        if self._left:
            self._left -= len(self.stream.read(min(self._left, _PIECE_BYTES)))
            self._heard = now()
            return
        size = frames.header_size(self.stream.peek(frames.HEADER_BYTES))
        header = frames.read_header(self.stream.peek(size), continues=self._continues)
        if header.is_control:
            whole = size + header.length
            self.stream.peek(whole)
            self._take_control(header.opcode, self.stream.read(whole)[size:])
        else:
            self.stream.read(size)
            self.frames_received += 1
            self._left, self._continues = header.length, not header.final
        self._heard = now()

    def _take_control(self, opcode: int, payload: bytes) -> None:
        if opcode == frames.PONG:
            self._take_pong(payload)
            return
        self.frames_received += 1
        if opcode == frames.PING:
            self._ping = payload
        else:
            frames.check_close(payload)
            self._closed(payload)

    def _take_pong(self, payload: bytes) -> None:
        number = self._unanswered.pop(payload, None)
        if number is None and not payload and self._unanswered:  # uWSGI sends none of the payload back
            number = self._unanswered.pop(next(iter(self._unanswered)))
        if number is not None:
            self._took[number] = now() - self._sent[number]
            if now() - self._not_before > STALL_SECONDS:
                self._untimed.add(number)
            if self._is_last_sent and not self.is_unanswered:
                self.finish()

    def _answer_ping(self) -> None:
        """Answer the last ping of those that came together; that answers them all (RFC 6455, section 5.5.3)."""
        if self._ping is not None:
            self._send(frames.PONG, self._ping)
            self._ping = None

    def _closed(self, payload: bytes) -> None:
        code = int.from_bytes(payload[:2]) if payload else None
        reason = sanitize(payload[2:]) if payload else None
        self._send(frames.CLOSE, payload[:2])
        self._ended(HoldEnd.CLOSE, close_code=code, close_reason=reason)

    def _cut(self, failed: StageFailed) -> None:
        error = failed.evidence.os_error if failed.evidence else None
        if self.is_unanswered:  # it may have been the ping that brought the news
            self._not_before = self._heard
        if failed.cause is Cause.TIMEOUT:  # the system gave up what was never acknowledged
            self._ended(HoldEnd.SILENCE, at=self._silent_since if self.is_unanswered else None, detail=error)
        elif error is None:
            self._ended(HoldEnd.END, close_notify=self.stream.ended_by_tls())
        else:
            self._ended(HoldEnd.RESET if error in _RESETS else HoldEnd.BROKEN, detail=error)

    def _ended(self, by: HoldEnd, *, at: float | None = None, **seen: Any) -> None:  # noqa: ANN401 - fields of `End`
        self.end = End(by=by, at=now() if at is None else at, not_before=self._not_before, **seen)
        self.stream.close()
