"""Asks an endpoint for a region's URL: GET, JSON, a pointer into it. The answer comes from outside and is checked."""

from __future__ import annotations

from typing import Any

from wsconn._channel import Channel
from wsconn._evidence import Evidence
from wsconn._exceptions import InvalidRegionError, StageFailed
from wsconn._http_answer import NotHttp, refusal
from wsconn._http_body import read_body
from wsconn._http_head import read_head
from wsconn._outcome import Cause
from wsconn._regions import Target, parse_url
from wsconn._shown import UNSEEN, redacted, shown
from wsconn._version import __version__

LONGEST_ANSWER_BYTES = 64 * 1024
LONGEST_URL = 2000  # characters
LONGEST_HOST = 253  # characters, RFC 1035 section 2.3.4


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
    if len(found) > LONGEST_URL:
        raise _bad(f"the URL it names has more than {LONGEST_URL} characters")
    if not found.isprintable() or UNSEEN.search(found):  # it is told as it is, in outcomes, reports and logs
        raise _bad(f"the URL it names, '{redacted(found)}', holds characters that cannot be seen")
    try:
        target = parse_url(found, schemes=("wss",) if endpoint.secure else ("ws", "wss"), what="the URL it names,")
    except InvalidRegionError as error:
        raise _bad(str(error)) from error
    if len(target.host) > LONGEST_HOST:
        raise _bad(f"the URL it names has a host of more than {LONGEST_HOST} characters")
    return target


def _get(channel: Channel, endpoint: Target) -> bytes:
    lines = (
        f"GET {endpoint.resource} HTTP/1.1",
        f"Host: {endpoint.authority}",
        f"User-Agent: wsconn/{__version__}",
        "Accept: application/json",
        "Connection: close",
    )
    channel.write("\r\n".join([*lines, "", ""]).encode())
    try:
        head = read_head(channel, wanted=(200,))
        if head.status != 200:
            raise refusal(head)
        body = read_body(channel, head, LONGEST_ANSWER_BYTES + 1)
    except NotHttp as error:
        raise _bad(f"no answer in HTTP: {error}") from error
    if len(body) > LONGEST_ANSWER_BYTES:
        raise _bad(f"more than {LONGEST_ANSWER_BYTES // 1024} KiB")
    return body


def _at(document: Any, pointer: str) -> str:  # noqa: ANN401 - any JSON
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
