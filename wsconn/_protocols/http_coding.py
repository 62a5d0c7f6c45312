"""Takes the compression off a body (RFC 9110, section 8.4): wsconn asks for none, but some servers send it anyway."""

from __future__ import annotations

import zlib

from wsconn._protocols.http_response import Head, NotHttp
from wsconn._text import sanitize

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS  # as the first bytes say
_PLAIN = ("", "identity")


def decoded(head: Head, body: bytes, limit: int) -> bytes:
    """Return the body as it was before it was compressed, `limit` bytes of it at most, or raise `NotHttp`."""
    coding = head.fields.get("content-encoding", "").strip().lower()
    if coding in _PLAIN:
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise NotHttp(f"its Content-Encoding is '{sanitize(coding)}', which was not asked for")
    reader = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        data = reader.decompress(body, limit)
    except zlib.error as error:
        raise NotHttp(f"its Content-Encoding is '{coding}', and its body is not") from error
    if not reader.eof and len(data) < limit:
        raise NotHttp(f"its body, in {coding}, is cut short")
    return data
