"""A request to the control, read and checked: from whom it is, and what it holds. Each of its sizes is bounded."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import attrs

from wsconn.lab._wire import read_request

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
_BODY_LIMIT_BYTES = 4096
_MOST_BRACKETS = 100  # `json` goes as deep as they do, and a thread's stack may be small
_SHOWN_CHARACTERS = 100
_FIRST_LINE = re.compile(rb"([A-Z]{1,16}) (/[\x21-\x7e]*) HTTP/1\.[01]")


class RefusedError(Exception):
    """A request is answered with this HTTP status and a sentence that says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(status, why)
        self.status = status
        self.why = why


@attrs.frozen
class Request:
    """What is asked. `path` is split at slashes and decoded; `body` is what the JSON holds, of a PUT."""

    method: str
    path: tuple[str, ...]
    body: Mapping[str, Any]


def read(sock: socket.socket) -> Request:
    """Read a request from somebody who may ask.

    Raises:
        RefusedError: It is refused, with the status and the sentence for the answer.
    """
    head, _, rest = read_request(sock).partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    found = _FIRST_LINE.fullmatch(first)
    if found is None:
        raise RefusedError(400, f"this is no request of HTTP/1.1: {shown(first.decode('latin-1'))}")
    headers = _headers(lines)
    _check_origin(headers)
    method, target = found[1].decode(), found[2].decode()
    return Request(method, _path(target), _body(sock, headers, rest) if method == "PUT" else {})


def shown(value: object) -> str:
    """Return a value as an error shows it."""
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _headers(lines: list[bytes]) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        lower = name.lower()
        if not colon or not name.strip() or lower in headers:
            raise RefusedError(400, f"a header is not one, or is there twice: {shown(name)}")
        headers[lower] = value.strip()
    return headers


def _check_origin(headers: Mapping[str, str]) -> None:
    """Refuse what comes from a page, be it one whose host name was made to lead to this machine (DNS rebinding)."""
    host = headers.get("host", "")
    if not _LOOPBACK.fullmatch(host):
        raise RefusedError(403, f"the Host must be 127.0.0.1 or localhost, not {shown(host)}")
    origin = headers.get("origin")
    if origin is not None:
        raise RefusedError(403, f"a page may not ask, so ask from the test's own process: Origin {shown(origin)}")


def _path(target: str) -> tuple[str, ...]:
    path = target.partition("?")[0]
    try:
        return tuple(unquote(part, errors="strict") for part in path.removeprefix("/").split("/"))
    except UnicodeDecodeError as error:
        raise RefusedError(400, f"the path is not UTF-8, percent-encoded: {shown(path)}") from error


def _body(sock: socket.socket, headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
    kind = headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, f"the Content-Type must be application/json, not {shown(kind)}")
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or not re.fullmatch(r"[0-9]{1,18}", length):
        raise RefusedError(411, f"there must be a Content-Length, in bytes, not {shown(length)}")
    if int(length) > _BODY_LIMIT_BYTES:
        raise RefusedError(413, f"the body may have {_BODY_LIMIT_BYTES} bytes, not {length}")
    while len(body) < int(length):
        piece = sock.recv(int(length) - len(body))
        if not piece:
            raise ConnectionAbortedError("the body is not whole")
        body += piece
    return _parsed(body[: int(length)])


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        if body.count(b"[") + body.count(b"{") > _MOST_BRACKETS:
            raise ValueError(f"more than {_MOST_BRACKETS} brackets")
        parsed = json.loads(body, object_pairs_hook=_without_repeats)
    except ValueError as error:
        raise RefusedError(400, f"the body is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise RefusedError(400, f'the body must be an object, as in {{"fault": "http-503"}}, not {shown(parsed)}')
    return parsed


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key is there twice")
    return dict(pairs)
