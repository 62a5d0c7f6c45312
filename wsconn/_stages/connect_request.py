"""CONNECT requests to a proxy (RFC 9110, section 9.3.6): over one connection while that lasts, then over another."""

from __future__ import annotations

from collections.abc import Callable

from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Cause
from wsconn._protocols.http_body import read_body, read_start
from wsconn._protocols.http_head import REFUSAL_SECONDS, read_head
from wsconn._protocols.http_response import Head, NotHttp
from wsconn._protocols.http_text import BodyStart
from wsconn._version import __version__

SUCCESS = range(200, 300)
LOGIN_WANTED = (401, 407)  # the first is tinyproxy's for wrong credentials; a server's 401 comes through the tunnel
_LONGEST_BODY_BYTES = 64 * 1024  # of a refusal; one connection more is cheaper than to read on
_QUOTED_BODY_BYTES = 4 * 1024  # of which a line is shown
_LONGEST_LINE_BYTES = 4 * 1024  # of the trailers that may follow a body


class ConnectRequests:
    """Asks a proxy for a tunnel to `target`, as often as need be. `reach` makes a connection to the proxy."""

    def __init__(self, reach: Callable[[], Stream], target: str) -> None:
        self.target = target
        self._reach = reach
        self._stream: Stream | None = None
        self._answer: Head | None = None  # the last one; its body may still be unread

    def ask(self, authorization: bytes = b"", *, bound: bool = False, patient: bool = False) -> Head:
        """Ask, and return the head of the answer.

        `bound`: over the connection under way or not at all (`Cause.CLOSED`). `patient`: a refusal is awaited, and gets
        as long as any other answer.
        """
        if not self._is_ready(patient=bound):
            if bound:
                raise StageFailed(Cause.CLOSED)
            self.renew()
        is_used = self._answer is not None
        try:
            return self._ask(authorization, patient=patient)
        except StageFailed as failed:
            if bound or not is_used or failed.cause is not Cause.CLOSED:
                raise
            self.renew()  # the proxy ended it while nothing was asked
            return self._ask(authorization, patient=patient)

    def renew(self) -> None:
        """Ask over a new connection next."""
        if self._stream:
            self._stream.close()
        self._stream = self._answer = None

    def body(self) -> BodyStart | None:
        """Return how the last answer's body begins, where it can still be read: for a second at most."""
        stream, answer = self._stream, self._answer
        if stream is None or answer is None or not answer.whole or "content-type" not in answer.fields:
            return None
        with stream.keeping_deadline():
            stream.tighten_deadline(REFUSAL_SECONDS)
            return read_start(stream, answer, _QUOTED_BODY_BYTES)

    def stream(self) -> Stream:
        """Return the connection over which was asked last; it is the caller's now."""
        assert self._stream  # noqa: S101 - for the types alone: it has been asked
        return self._stream

    def _ask(self, authorization: bytes, *, patient: bool) -> Head:
        stream = self._stream = self._stream or self._reach()
        stream.write(self._request(authorization))
        try:
            with stream.keeping_deadline():
                self._answer = read_head(stream, (*SUCCESS, *LOGIN_WANTED) if patient else SUCCESS)
        except NotHttp as error:
            raise StageFailed(Cause.PROXY_BAD_ANSWER, error.evidence()) from error
        return self._answer

    def _request(self, authorization: bytes) -> bytes:
        lines = [
            f"CONNECT {self.target} HTTP/1.1".encode(),
            f"Host: {self.target}".encode(),
            f"User-Agent: wsconn/{__version__}".encode(),
            b"Proxy-Connection: keep-alive",  # in no RFC, but old proxies want it, and browsers send it
        ]
        if authorization:
            lines.append(b"Proxy-Authorization: " + authorization)
        return b"\r\n".join([*lines, b"", b""])

    def _is_ready(self, *, patient: bool) -> bool:
        """Read the rest of the last answer, where one more can follow it, and tell whether it can."""
        stream, answer = self._stream, self._answer
        if stream is None or answer is None:
            return stream is None
        if not _stays_open(answer):
            return False
        with stream.keeping_deadline():
            if not patient:
                stream.tighten_deadline(REFUSAL_SECONDS)
            return _has_read_on(stream, answer)


def _stays_open(head: Head) -> bool:
    """Tell whether an answer leaves its connection open (RFC 9112, section 9.3) and says where its body ends."""
    is_framed = "content-length" in head.fields or "transfer-encoding" in head.fields
    said = ",".join(head.fields.get(name, "") for name in ("connection", "proxy-connection")).lower()
    options = {option.strip() for option in said.split(",")}
    is_persistent = "keep-alive" in options if head.version == "1.0" else True
    return head.whole and is_framed and is_persistent and "close" not in options


def _has_read_on(stream: Stream, head: Head) -> bool:
    try:
        body = read_body(stream, head, _LONGEST_BODY_BYTES + 1)
        if len(body) > _LONGEST_BODY_BYTES:
            return False
        while "transfer-encoding" in head.fields and stream.read_line(_LONGEST_LINE_BYTES) not in (b"\r\n", b"\n"):
            pass  # a trailer
    except (NotHttp, LimitExceeded, StageFailed):
        return False
    return True
