"""Gets a PAC file: once a test, over stages of our own and through no proxy, or from this machine's files.

Whatever is wrong with it is a value, since the way then leads on without it. The first region that needs the file gets
it, within a half of its time, and the others wait for that, each within its own.
"""

from __future__ import annotations

import contextlib
import re
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple
from urllib.parse import urljoin

from wsconn._diagnosis.evidence import StageFailed, symbol
from wsconn._diagnosis.recorder import Recorder
from wsconn._exceptions import InvalidRegionError
from wsconn._io.abort import CancelScope
from wsconn._io.file_reading import READINGS
from wsconn._io.stream import Stream
from wsconn._io.waiting import WorkFailed, result_of
from wsconn._outcome import Stage
from wsconn._pac_settings import PacSetting
from wsconn._protocols.http_coding import decoded
from wsconn._protocols.http_fetch import fetch
from wsconn._protocols.http_response import Head, NotHttp
from wsconn._protocols.pac import LARGEST_BYTES, decode, is_charset
from wsconn._regions import Target, parse_url
from wsconn._stages.tls import failure as tls_failure
from wsconn._text import plain, sanitize

Open = Callable[[Target, CancelScope, Recorder], Stream]

_MEDIA_TYPE = "application/x-ns-proxy-autoconfig"
_MOST_REDIRECTS = 5
_CHARSET = re.compile(r""";[ \t]*charset[ \t]*=[ \t]*["']?([\w.:-]{1,40})""", re.IGNORECASE)


class PacText(NamedTuple):
    """The script, and what its server says it is; or the `problem` with it."""

    script: str = ""
    media_type: str | None = None
    problem: str | None = None
    http_status: int | None = None


_TOO_LATE = PacText(problem="it was not there in half the region's time")


class PacFile:
    """A PAC file, which is got once."""

    def __init__(self, setting: PacSetting, open_stream: Open) -> None:
        self._setting = setting
        self._open = open_stream
        self._lock = threading.Lock()  # guards _future
        self._future: Future[PacText] | None = None

    def get(self, scope: CancelScope) -> PacText:
        """Get it, or wait for who does; raises `Aborted`."""
        with self._lock:
            future, is_first = self._future, self._future is None
            if future is None:
                self._future = future = Future()
        if is_first:
            return self._get_for_all(future, scope)
        try:
            return result_of(future, scope)
        except WorkFailed:
            scope.raise_if_aborted()  # as the region was that got it
            raise
        except StageFailed:
            return _TOO_LATE

    def _get_for_all(self, future: Future[PacText], scope: CancelScope) -> PacText:
        try:
            text = self._read(scope)
        except BaseException as error:
            future.set_exception(error)
            raise
        future.set_result(text)
        return text

    def _read(self, scope: CancelScope) -> PacText:
        setting = self._setting
        if setting.target:
            return _over_http(setting.target, self._open, scope)
        return _from_file(setting.path, scope) if setting.path else PacText(problem=setting.unfit)


def _over_http(target: Target, open_stream: Open, scope: CancelScope) -> PacText:
    for _ in range(_MOST_REDIRECTS + 1):
        recorder = Recorder("", None)  # for its words: what it notes is of no region
        try:
            head, body = _ask(target, open_stream, scope, recorder)
            if not head.is_redirect:
                return _answered(head, body)
            target = _redirected(target, head)
        except StageFailed as failed:
            return PacText(problem=_said(failed, recorder))
        except (NotHttp, InvalidRegionError) as error:
            return PacText(problem=recorder.redact(str(error)))
    return PacText(problem=f"it is redirected more than {_MOST_REDIRECTS} times")


def _ask(target: Target, open_stream: Open, scope: CancelScope, recorder: Recorder) -> tuple[Head, bytes]:
    recorder.begin_url(target.scheme, target.host, target.port, target.url)
    recorder.hide(*target.secrets)
    stream = open_stream(target, scope, recorder)
    try:
        recorder.stage = Stage.DISCOVERY
        stream.allow(LARGEST_BYTES)
        return fetch(stream, target, accept=f"{_MEDIA_TYPE}, */*", limit=LARGEST_BYTES + 1)
    except ssl.SSLError as error:  # an alert that TLS 1.3 sent late
        raise tls_failure(error) from error
    finally:
        stream.close()


def _answered(head: Head, body: bytes) -> PacText:
    kind = head.fields.get("content-type", "")
    media_type = sanitize(kind.partition(";")[0].strip()) or None
    if head.status != 200:
        return PacText("", media_type, f"HTTP {head.status} {sanitize(head.reason)}".rstrip(), head.status)
    charset = _CHARSET.search(kind)
    body = decoded(head, body, LARGEST_BYTES + 1)
    return _read_text(body, media_type, charset[1] if charset else None)._replace(http_status=head.status)


def _redirected(target: Target, head: Head) -> Target:
    """Return where an answer sends its client, as browsers go there, though never from TLS to what lacks it."""
    location = head.fields.get("location", "")
    with contextlib.suppress(ValueError):  # half an address of IPv6; what is wrong with it is told below
        location = urljoin(target.url, location)
    schemes = ("https",) if target.secure else ("http", "https")
    what = f"HTTP {head.status}: where it redirects to,"
    return parse_url(location.partition("#")[0], schemes=schemes, what=what)


def _from_file(path: str, scope: CancelScope) -> PacText:
    try:
        return _read_text(result_of(READINGS.start(path, LARGEST_BYTES + 1), scope), None, None)
    except StageFailed:
        return _TOO_LATE
    except WorkFailed as error:
        cause = error.__cause__
        if isinstance(cause, StageFailed):  # there was no thread to read it on
            raise cause from None
        if not isinstance(cause, OSError):
            raise
        return PacText(problem=f"it cannot be read: {symbol(cause)}")


def _read_text(data: bytes, media_type: str | None, charset: str | None) -> PacText:
    if len(data) > LARGEST_BYTES:
        return PacText("", media_type, f"it is larger than {LARGEST_BYTES // (1024 * 1024)} MiB")
    if charset and not is_charset(charset):
        return PacText("", media_type, f"no browser knows its charset '{sanitize(charset)}'")
    return PacText(decode(data, charset), media_type)


def _said(failed: StageFailed, recorder: Recorder) -> str:
    return plain(recorder.url_failed(failed).message)
