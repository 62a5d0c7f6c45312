"""Asks an endpoint for a region's URL: GET, JSON, a pointer into it. The answer comes from outside and is checked."""

from __future__ import annotations

import re
from typing import Any

from wsconn._diagnosis.evidence import StageFailed
from wsconn._exceptions import InvalidRegionError
from wsconn._io.stream import Stream
from wsconn._json import read_json
from wsconn._outcome import Cause, Evidence
from wsconn._protocols.http_fetch import fetch
from wsconn._protocols.http_response import NotHttp, refusal
from wsconn._regions import Target, parse_url
from wsconn._text import UNSEEN, redact_url, sanitize

LONGEST_ANSWER_BYTES = 64 * 1024
LONGEST_URL = 2000  # characters
LONGEST_HOST = 253  # characters, RFC 1035 section 2.3.4
_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")  # RFC 6901, section 4; as many digits as an answer may hold
# What may be secret in a URL, in JSON or not, up to white space or a quote that is not escaped: a login, and a query or
# a fragment. A quote of ours at the end stays.
_LOGIN = re.compile(r'(:(?:\\?/|\\u002[fF]){2})[^\s"]*(?:@|\\u0040)')
_QUERY = re.compile(r"""([?#]|\\u00(?:3[fF]|23))(?:\\.|[^\s"])+?(?=[\s"]|'?$)""")
_PERUSED_BYTES = 1000  # of what is no JSON; 200 characters of it are shown


def discover(stream: Stream, endpoint: Target, pointer: str) -> Target:
    """Ask over a stream that is open to `endpoint`, and return the region's URL or raise `StageFailed`.

    An endpoint that was asked over TLS may not lead to a region without it.
    """
    body = _get(stream, endpoint)
    try:
        document = read_json(body.decode("utf-8-sig"))  # UTF-8 it is (RFC 8259, section 8.1)
    except (ValueError, RecursionError) as error:
        said = _without_secrets(body[:_PERUSED_BYTES].decode("utf-8", "backslashreplace"))
        raise _bad(f"no JSON, but '{sanitize(said)}'") from error
    found = _at(document, pointer)
    if len(found) > LONGEST_URL:
        raise _bad(f"the URL it names has more than {LONGEST_URL} characters")
    if not found.isprintable() or re.search(UNSEEN, found):  # it is told as it is, in outcomes, reports and logs
        raise _bad(f"the URL it names, '{redact_url(found)}', holds characters that cannot be seen")
    try:
        target = parse_url(found, schemes=("wss",) if endpoint.secure else ("ws", "wss"), what="the URL it names,")
    except InvalidRegionError as error:
        raise _bad(str(error)) from error
    if len(target.host) > LONGEST_HOST:
        raise _bad(f"the URL it names has a host of more than {LONGEST_HOST} characters")
    return target


def _get(stream: Stream, endpoint: Target) -> bytes:
    try:
        head, body = fetch(stream, endpoint, accept="application/json", limit=LONGEST_ANSWER_BYTES + 1)
    except NotHttp as error:
        raise _bad(f"no answer in HTTP: {_without_secrets(str(error))}") from error
    if head.status != 200:
        raise refusal(head)
    if len(body) > LONGEST_ANSWER_BYTES:
        raise _bad(f"more than {LONGEST_ANSWER_BYTES // 1024} KiB")
    return body


def _at(document: Any, pointer: str) -> str:  # noqa: ANN401 - any JSON
    """Follow a JSON pointer (RFC 6901)."""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        try:
            document = document[_index(key)] if isinstance(document, list) else document[key]
        except (LookupError, TypeError, ValueError) as error:
            raise _bad(f"JSON without anything at {sanitize(pointer)}") from error
    if not isinstance(document, str):
        raise _bad(f"JSON with no string at {sanitize(pointer)}")
    return document


def _index(key: str) -> int:
    if not _INDEX.fullmatch(key):
        raise LookupError(key)
    return int(key)


def _without_secrets(said: str) -> str:
    """Hide what may be secret in the URLs that an endpoint names: the region's may hold a token."""
    return _QUERY.sub(r"\1…", _LOGIN.sub(r"\1…@", said))


def _bad(detail: str) -> StageFailed:
    return StageFailed(Cause.BAD_DISCOVERY, Evidence(detail=detail))
