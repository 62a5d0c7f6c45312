"""What an answer to the request for a WebSocket must look like: RFC 6455, section 4.1, with no I/O.

websocket-client checks it too, more kindly: it takes HTTP/1.0, compares Sec-WebSocket-Accept without regard to case,
and takes a redirect for an answer.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

import attrs

from wsconn._evidence import Evidence
from wsconn._exceptions import StageFailed
from wsconn._outcome import Cause
from wsconn._shown import shown

_STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) (\d{3})(?: (.*))?", re.DOTALL)
_REDIRECTS = (301, 302, 303, 307, 308)
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


class NotHttp(Exception):
    """What came is no answer in HTTP; the message says what it is."""


@attrs.frozen
class Head:
    """The status line of an answer and its header fields, names in lower case, those given twice joined by a comma."""

    version: str
    status: int
    reason: str
    fields: dict[str, str] = attrs.field(factory=dict)
    unfit: str | None = None

    def evidence(self, detail: str | None = None) -> Evidence:
        """Return what a person is to see of it."""
        field = {name: shown(value) for name, value in self.fields.items() if value}
        return Evidence(
            detail=detail,
            http_status=self.status,
            http_reason=shown(self.reason) or None,
            location=field.get("location"),
            retry_after=_wait(field.get("retry-after")),
            server=field.get("server"),
        )


def read_status_line(line: bytes) -> Head:
    """Take a status line apart, or raise `NotHttp`."""
    found = _STATUS_LINE.fullmatch(line.rstrip(b"\r\n"))
    if not found:
        raise NotHttp(f"no HTTP status line: {shown(line)!r}")
    version, status, reason = found.groups(default=b"")
    return Head(version.decode(), int(status), reason.decode("latin-1").strip())


def read_fields(head: Head, lines: Iterable[bytes]) -> Head:
    """Return `head` with the header fields that `lines` hold; the first line that is none is noted as `unfit`."""
    fields: dict[str, str] = {}
    unfit = None
    for line in lines:
        name, colon, value = line.decode("latin-1").rstrip("\r\n").partition(":")
        if not colon or not name or name != name.strip():
            unfit = unfit or f"no header line: {shown(line)!r}"
            continue
        key, value = name.lower(), value.strip()
        fields[key] = f"{fields[key]}, {value}" if key in fields else value
    return attrs.evolve(head, fields=fields, unfit=unfit)


def refusal(head: Head) -> StageFailed:
    """Return what an answer means whose status is not the one that was wanted."""
    return StageFailed(Cause.REDIRECTED if head.status in _REDIRECTS else Cause.HTTP_STATUS, head.evidence())


def judge(head: Head, key: str, subprotocols: Iterable[str]) -> None:
    """Return if the answer opens a WebSocket; raise `StageFailed` with what it does instead."""
    if head.status != 101:
        raise refusal(head)
    if wrong := _what_is_wrong(head, key, subprotocols):
        raise StageFailed(Cause.BAD_UPGRADE, head.evidence(wrong))


def _what_is_wrong(head: Head, key: str, subprotocols: Iterable[str]) -> str | None:
    field = head.fields
    if head.version != "1.1":
        return f"it answers in HTTP/{head.version}, which has no upgrade"
    if head.unfit:
        return head.unfit
    for name, token in (("upgrade", "websocket"), ("connection", "upgrade")):
        if token not in [part.strip().lower() for part in field.get(name, "").split(",")]:
            return f"its {name.title()} header is {_quoted(field.get(name))} and not {token}"
    if field.get("sec-websocket-accept") != accept_for(key):
        return f"its Sec-WebSocket-Accept header is {'wrong' if field.get('sec-websocket-accept') else 'missing'}"
    if "sec-websocket-extensions" in field:
        return f"it chose an extension that nobody offered: {_quoted(field['sec-websocket-extensions'])}"
    chosen = field.get("sec-websocket-protocol")
    if chosen is not None and chosen not in subprotocols:
        return f"it chose a subprotocol that nobody offered: {_quoted(chosen)}"
    return None


def accept_for(key: str) -> str:
    """Return the Sec-WebSocket-Accept that proves that a server has read `key`."""
    return base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()


def _quoted(value: str | None) -> str:
    return "missing" if value is None else repr(shown(value))


def _wait(retry_after: str | None) -> str | None:
    """Say how long to wait; the header holds seconds or a date (RFC 9110, section 10.2.3)."""
    return f"{retry_after} s" if retry_after and retry_after.isdigit() else retry_after
