"""What an answer to the request for a WebSocket must look like: RFC 6455, section 4.1, with no I/O.

websocket-client checks it too, more kindly: it takes HTTP/1.0, compares Sec-WebSocket-Accept without regard to case,
and takes a redirect for an answer.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

import attrs

from wsconn._diagnosis.evidence import StageFailed
from wsconn._outcome import Cause
from wsconn._protocols.http_response import Head, refusal
from wsconn._text import sanitize

# Hixie-75 and Hixie-76, which browsers spoke until 2011.
_DRAFT_HEADERS = ("websocket-origin", "websocket-location", "sec-websocket-origin", "sec-websocket-location")
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


def validate_response(head: Head, key: str, subprotocols: Iterable[str]) -> None:
    """Return if the answer opens a WebSocket; raise `StageFailed` with what it does instead."""
    if head.status != 101:
        raise refusal(head)
    if wrong := _what_is_wrong(head, key):
        drafts = any(name in head.fields for name in _DRAFT_HEADERS)
        raise StageFailed(Cause.BAD_UPGRADE, attrs.evolve(head.evidence(wrong), draft_headers=drafts))
    if (chosen := head.fields.get("sec-websocket-extensions")) is not None:
        seen = head.evidence(f"it chose an extension that nobody offered: {_quoted(chosen)}")
        raise StageFailed(Cause.BAD_UPGRADE, attrs.evolve(seen, extensions=sanitize(chosen) or None))
    chosen = head.fields.get("sec-websocket-protocol")
    if chosen is not None and chosen not in subprotocols:
        seen = head.evidence(f"it chose a subprotocol that nobody offered: {_quoted(chosen)}")
        raise StageFailed(Cause.BAD_UPGRADE, attrs.evolve(seen, subprotocol=sanitize(chosen) or None))


def _what_is_wrong(head: Head, key: str) -> str | None:
    field = head.fields
    if head.version != "1.1":
        return f"it answers in HTTP/{head.version}, which has no upgrade"
    if head.unfit:
        return head.unfit
    upgrade, connection = field.get("upgrade"), field.get("connection")
    if upgrade is None or upgrade.lower() != "websocket":  # one value and no list, as browsers have it too
        return f"its Upgrade header is {_or_missing(upgrade, 'websocket')}"
    if connection is None or "upgrade" not in [part.strip().lower() for part in connection.split(",")]:
        return f"its Connection header is {_or_missing(connection, 'upgrade')}"
    if field.get("sec-websocket-accept") != accept_for(key):
        return f"its Sec-WebSocket-Accept header is {'wrong' if field.get('sec-websocket-accept') else 'missing'}"
    return None


def accept_for(key: str) -> str:
    """Return the Sec-WebSocket-Accept that proves that a server has read `key`."""
    return base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()


def _or_missing(value: str | None, wanted: str) -> str:
    return "missing" if value is None else f"{_quoted(value)} and not {wanted!r}"


def _quoted(value: str) -> str:
    return repr(sanitize(value))
