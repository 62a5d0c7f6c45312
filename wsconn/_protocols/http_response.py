"""What the head of an HTTP answer says (RFC 9112, section 4), with no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from wsconn._diagnosis.evidence import StageFailed
from wsconn._outcome import Cause, Evidence
from wsconn._protocols.http_hints import hints
from wsconn._protocols.http_text import BodyStart, as_written, quote, title
from wsconn._text import sanitize, without_query

_STATUS_LINE = re.compile(rb"HTTP/(\d\.\d) ([1-9]\d{2})(?: (.*))?", re.DOTALL)
_SECONDS = re.compile(r"[0-9]{1,9}")
_DATE = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")  # RFC 9110, section 5.6.7
_REDIRECTS = (301, 302, 303, 307, 308)


class NotHttp(Exception):
    """What came is no answer in HTTP; the message says what it is, unless it is TLS."""

    def __init__(self, detail: str = "it speaks TLS", *, speaks_tls: bool = False, speaks_http2: bool = False) -> None:
        super().__init__(detail)
        self._speaks_tls = speaks_tls
        self._speaks_http2 = speaks_http2

    def evidence(self) -> Evidence:
        """Return what a person is to see of it."""
        detail = None if self._speaks_tls else str(self)
        return Evidence(detail=detail, speaks_tls=self._speaks_tls, speaks_http2=self._speaks_http2)


@attrs.frozen
class Head:
    """The status line of an answer and its header fields, names in lower case, those given twice joined by a comma.

    Of an answer that says no, the fields may have ended too early: then it is not `whole`.
    """

    version: str
    status: int
    reason: str
    fields: dict[str, str] = attrs.field(factory=dict, repr=False)
    unfit: str | None = None
    whole: bool = True

    def evidence(self, detail: str | None = None, auth_schemes: tuple[str, ...] = ()) -> Evidence:
        """Return what a person is to see of it."""
        location, retry_after, server, via = map(self._said, ("location", "retry-after", "server", "via"))
        return Evidence(
            detail=detail,
            auth_schemes=auth_schemes,
            http_status=self.status,
            http_reason=sanitize(as_written(self.reason)) or None,
            location=location and (without_query(location) or f"{location[0]}…"),
            retry_after=_wait(retry_after),
            server=server,
            via=via,
        )

    def refusal(self, body: BodyStart | None = None) -> Evidence:
        """Return what a person is to see of an answer that says no to a WebSocket."""
        return attrs.evolve(
            self.evidence(),
            body=None if body is None else quote(self.fields, body),
            body_empty=body is not None and body.whole and not body.data,
            page_title=None if body is None else title(self.fields, body),
            **hints(self.fields, self._said),
        )

    @property
    def is_redirect(self) -> bool:
        """Whether the status sends the client elsewhere."""
        return self.status in _REDIRECTS

    def _said(self, name: str) -> str | None:
        return sanitize(as_written(self.fields.get(name, ""))) or None


def read_status_line(line: bytes) -> Head:
    """Take a status line apart, or raise `NotHttp`."""
    found = _STATUS_LINE.fullmatch(line.rstrip(b"\r\n"))
    if not found:
        raise NotHttp(f"no HTTP status line: '{sanitize(line)}'")
    version, status, reason = found.groups(default=b"")
    return Head(version.decode(), int(status), reason.decode("latin-1").strip())


def read_fields(head: Head, lines: Iterable[bytes]) -> Head:
    """Return `head` with the header fields that `lines` hold; a line that is not a field is noted as `unfit`."""
    fields: dict[str, str] = {}
    unfit = None
    for line in _unfolded(lines):
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip() or "\0" in line:  # RFC 9110, section 5.5
            unfit = "a header line of its breaks the rules of HTTP"
            continue
        key, value = name.lower(), value.strip(" \t")
        fields[key] = f"{fields[key]}, {value}" if key in fields else value
    return Head(head.version, head.status, head.reason, fields, unfit)


def _unfolded(lines: Iterable[bytes]) -> list[str]:
    """Join lines that begin with white space to those before them (RFC 9112, section 5.2)."""
    whole: list[str] = []
    for line in lines:
        text = line.decode("latin-1").rstrip("\r\n")
        if text.startswith((" ", "\t")) and whole:
            whole[-1] += " " + text.strip(" \t")
        else:
            whole.append(text)
    return whole


def refusal(head: Head, body: BodyStart | None = None) -> StageFailed:
    """Return what an answer means whose status is not the one that was wanted."""
    return StageFailed(Cause.REDIRECTED if head.is_redirect else Cause.HTTP_STATUS, head.refusal(body))


def _wait(retry_after: str | None) -> str | None:
    """Say how long to wait; the header holds seconds or a date (RFC 9110, section 10.2.3), or nonsense."""
    if retry_after and _SECONDS.fullmatch(retry_after):
        return f"{retry_after} s"
    return f"until {retry_after}" if retry_after and _DATE.fullmatch(retry_after) else None
