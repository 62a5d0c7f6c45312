"""Asks an endpoint for a region's URL: GET, JSON, a pointer into it. The answer comes from outside and is checked."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from wsconn._channel import Channel, OverBudget
from wsconn._evidence import Evidence
from wsconn._exceptions import InvalidRegionError, StageFailed
from wsconn._http_answer import Head, refusal
from wsconn._outcome import Cause
from wsconn._regions import Target, parse_url
from wsconn._shown import shown
from wsconn._version import __version__

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from _typeshed import WriteableBuffer

LONGEST_ANSWER_BYTES = 64 * 1024


def discover(channel: Channel, endpoint: Target, pointer: str) -> Target:
    """Ask over a channel that is open to `endpoint`, and return the region's URL or raise `StageFailed`.

    An endpoint that was asked over TLS may not lead to a region without it.
    """
    import json

    body = _get(channel, endpoint)
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _bad(f"no JSON, but '{shown(body)}'") from error
    found = _at(document, pointer)
    try:
        return parse_url(found, schemes=("wss",) if endpoint.secure else ("ws", "wss"), what="the URL it names,")
    except InvalidRegionError as error:
        raise _bad(str(error)) from error


def _get(channel: Channel, endpoint: Target) -> bytes:
    from http.client import HTTPException, HTTPResponse

    lines = (
        f"GET {endpoint.resource} HTTP/1.1",
        f"Host: {endpoint.authority}",
        f"User-Agent: wsconn/{__version__}",
        "Accept: application/json",
        "Connection: close",
    )
    channel.write("\r\n".join([*lines, "", ""]).encode())
    response = HTTPResponse(_Readable(channel), method="GET")  # type: ignore[arg-type]  # makefile is all it asks for
    try:
        response.begin()
        _check_status(response)
        body = response.read(LONGEST_ANSWER_BYTES + 1)
    except (HTTPException, ValueError, OverBudget) as error:
        raise _bad(f"no answer in HTTP: {shown(str(error) or type(error).__name__)}") from error
    if len(body) > LONGEST_ANSWER_BYTES:
        raise _bad(f"more than {LONGEST_ANSWER_BYTES // 1024} KiB")
    return body


def _check_status(response: HTTPResponse) -> None:
    if response.status != 200:
        fields = {name.lower(): value for name, value in response.getheaders()}
        raise refusal(Head("1.1", response.status, response.reason, fields))


def _at(document: Any, pointer: str) -> object:  # noqa: ANN401 - any JSON
    """Follow a JSON pointer (RFC 6901)."""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        try:
            document = document[int(key)] if isinstance(document, list) else document[key]
        except (LookupError, TypeError, ValueError) as error:
            raise _bad(f"JSON without anything at {shown(pointer)}") from error
    if not isinstance(document, str):
        raise _bad(f"JSON with no string at {shown(pointer)}")
    return document


def _bad(detail: str) -> StageFailed:
    return StageFailed(Cause.BAD_DISCOVERY, Evidence(detail=detail))


class _Readable(io.RawIOBase):
    """What http.client takes for a socket, and reads as a file: a channel. Its end is an end of file."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        try:
            data = self._channel.read(len(view))
        except StageFailed as failed:
            if failed.cause is Cause.CLOSED and not (failed.evidence and failed.evidence.os_error):
                return 0
            raise
        view[: len(data)] = data
        return len(data)
