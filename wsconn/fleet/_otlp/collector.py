"""Sends a message to a collector by OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp.

It goes over the engine's own stages and stream, so that one deadline holds for all of it: the name, the connection,
TLS, sending, and whatever the collector answers, or does not. The exporter of OpenTelemetry's SDK uses `requests`,
whose timeout is for each read, so that a collector holds it for as long as it sends a byte now and then. `requests`
also follows redirects, and asks the environment for a proxy; nothing here does either.
"""

from __future__ import annotations

import ssl
from typing import NamedTuple

import attrs

from wsconn._arguments import make_route
from wsconn._diagnosis.evidence import StageFailed
from wsconn._diagnosis.recorder import Recorder
from wsconn._exceptions import InvalidRegionError, about_argument
from wsconn._io.abort import CancelScope
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Stage
from wsconn._probe.route import Route
from wsconn._protocols.http_body import read_body, read_start
from wsconn._protocols.http_head import read_head
from wsconn._protocols.http_response import Head, NotHttp
from wsconn._protocols.http_text import BodyStart, quote
from wsconn._regions import Target, parse_url
from wsconn._request_fields import Headers, check_headers
from wsconn._stages.request import Request
from wsconn._stages.tls import failure as tls_failure
from wsconn._text import describe, plain, redact_url, sanitize

_ACCEPTED = (200, 202, 204)  # OTLP has 200 alone, some backends the others
_NO_PLACE = (404, 405, 501)  # 405 is what answers where a page in HTML is served at any path
_TOO_LARGE = 413  # as a collector would say
_MIB = 1024 * 1024
_LARGEST_ANSWER_BYTES = 64 * 1024
_LARGEST_MESSAGE_BYTES = 20 * _MIB  # what the specification recommends as the limit for both sides
_PROTOBUF = "application/x-protobuf"
_GRPC_PORT = 4317
_OURS = ("content-length", "content-type", "content-encoding", "transfer-encoding", "expect")


class Lost(Exception):
    """A message did not arrive, or nobody knows: why, in one line. `status` is that of the answer in HTTP, if any."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status

    @property
    def is_unknown_path(self) -> bool:
        """Whether nothing takes messages of this kind there."""
        return self.status in _NO_PLACE


class BadAnswer(Exception):
    """An answer that is no message of OTLP's."""


class _Answer(NamedTuple):
    head: Head
    body: BodyStart


@attrs.frozen
class Collector:
    """An endpoint of OTLP over HTTP: below its URL each kind of message has a path."""

    base: Target
    request: Request = attrs.field(repr=False)
    route: Route = attrs.field(repr=False)

    @classmethod
    def of(cls, url: str, headers: Headers | None, context: ssl.SSLContext | None) -> Collector:
        """Check the arguments; `TypeError` or `ValueError` names the one that is unfit."""
        request = Request.of(_check_headers(headers), (), None)
        return cls(_check_url(url), request, make_route(None, context, None))

    def post(self, path: str, message: bytes, scope: CancelScope) -> bytes:
        """Send a message to a path, as `/v1/traces`, and return what the collector says to it; or raise `Lost`."""
        if len(message) > _LARGEST_MESSAGE_BYTES:
            size, limit = len(message) / _MIB, _LARGEST_MESSAGE_BYTES // _MIB
            raise Lost(f"{size:.1f} MiB are more than a collector has to take, which is {limit}", _TOO_LARGE)
        recorder = Recorder("", None)  # for its words: what it notes is of no region
        try:
            answer = self._ask(path, message, scope, recorder)
        except StageFailed as failed:
            raise Lost(plain(recorder.url_failed(failed).message)) from failed
        except NotHttp as error:
            raise Lost(self._said(f"answered: {error}{self._hint()}", recorder)) from error
        return self._accepted(answer, recorder)

    def _ask(self, path: str, message: bytes, scope: CancelScope, recorder: Recorder) -> _Answer:
        target = self.base
        recorder.begin_url(target.scheme, target.host, target.port, target.url)
        recorder.hide(*self.request.secrets)
        stream = self.route.open(target, scope, recorder)
        try:
            recorder.stage = Stage.DISCOVERY
            stream.write(self._head(path, len(message)) + message)
            return _read(stream)
        except LimitExceeded as error:
            raise NotHttp("it sends without end") from error
        except ssl.SSLError as error:  # an alert that TLS 1.3 sent late
            raise tls_failure(error, Stage.TLS) from error
        finally:
            stream.close()

    def _head(self, path: str, length: int) -> bytes:
        lines = [
            f"POST {self.base.resource.rstrip('/')}{path} HTTP/1.1",
            f"Host: {self.base.authority}",
            f"Content-Type: {_PROTOBUF}",
            f"Content-Length: {length}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in self.request.headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def _accepted(self, answer: _Answer, recorder: Recorder) -> bytes:
        """Return the body of an answer that accepts the message, or raise `Lost`."""
        head, body = answer
        status = f"answered HTTP {head.status} {sanitize(head.reason)}".rstrip()
        if head.status not in _ACCEPTED:
            raise Lost(self._said(f"{status}{_reason(answer)}", recorder), head.status)
        kind = head.fields.get("content-type", _PROTOBUF).partition(";")[0].strip().lower()
        if body.data and kind != _PROTOBUF:
            raise Lost(self._said(f"{status} with {sanitize(kind)}, as no collector does", recorder), head.status)
        if not body.whole:
            most = f"{_LARGEST_ANSWER_BYTES // 1024} KiB"
            raise Lost(self._said(f"{status} with more than {most}", recorder), head.status)
        return body.data

    def _said(self, what: str, recorder: Recorder) -> str:
        return f"{self.base.authority} {recorder.redact(what)}"

    def _hint(self) -> str:
        return f"; port {_GRPC_PORT} is mostly gRPC's, and HTTP's is 4318" if self.base.port == _GRPC_PORT else ""


def _check_url(url: object) -> Target:
    if not isinstance(url, str):
        raise about_argument(TypeError, "url", f" must be a str, not {describe(url)}")
    try:
        base = parse_url(url, schemes=("https", "http"))
    except InvalidRegionError as error:
        raise about_argument(ValueError, "url", str(error).removeprefix("url")) from None
    shown = f" '{redact_url(url)}'"
    if "?" in url:
        raise about_argument(ValueError, "url", f"{shown} has a query; send a token in headers")
    if base.resource.rstrip("/").endswith(("/v1/traces", "/v1/metrics", "/v1/logs")):
        raise about_argument(ValueError, "url", f"{shown} must end before /v1/…, which each kind of message adds")
    return base


def _check_headers(headers: Headers | None) -> dict[str, str]:
    checked = check_headers(headers)
    for name in checked:
        if name.lower() in _OURS:
            raise about_argument(ValueError, "headers", f": {name!r} is wsconn's own to send")
    return checked


def _read(stream: Stream) -> _Answer:
    head = read_head(stream, wanted=_ACCEPTED)
    if head.status not in _ACCEPTED:
        return _Answer(head, read_start(stream, head, _LARGEST_ANSWER_BYTES))
    data = read_body(stream, head, _LARGEST_ANSWER_BYTES)
    return _Answer(head, BodyStart(data, whole=len(data) < _LARGEST_ANSWER_BYTES))


def _reason(answer: _Answer) -> str:
    """Say what an answer that is a refusal says beside its status."""
    head, body = answer
    if head.is_redirect:
        return f", a redirect to {head.evidence().location or 'nowhere'}, which is not followed"
    said = quote(head.fields, body)
    return f": {said}" if said and said != head.reason else ""
