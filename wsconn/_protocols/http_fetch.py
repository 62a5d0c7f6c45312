"""Asks a server for a document over HTTP/1.1."""

from __future__ import annotations

from wsconn._io.stream import Stream
from wsconn._protocols.http_body import read_body
from wsconn._protocols.http_head import read_head
from wsconn._protocols.http_response import Head
from wsconn._regions import Target
from wsconn._version import __version__


def fetch(stream: Stream, target: Target, *, accept: str, limit: int) -> tuple[Head, bytes]:
    """Ask for `target`, and return the head, and of a 200 the body, `limit` bytes of it at most; or raise `NotHttp`."""
    lines = (
        f"GET {target.resource} HTTP/1.1",
        f"Host: {target.authority}",
        f"User-Agent: wsconn/{__version__}",
        f"Accept: {accept}",
        "Connection: close",
    )
    stream.write("\r\n".join([*lines, "", ""]).encode())
    head = read_head(stream, wanted=(200,))
    return head, read_body(stream, head, limit) if head.status == 200 else b""
