"""Takes the compression off a body (RFC 9110, section 8.4): wsconn asks for none, but some servers send it anyway."""

from __future__ import annotations

from wsconn._protocols.compression import NotPacked, UnknownCoding, unpack
from wsconn._protocols.http_response import Head, NotHttp
from wsconn._text import sanitize


def decoded(head: Head, body: bytes, limit: int) -> bytes:
    """Return the body as it was before it was compressed, `limit` bytes of it at most, or raise `NotHttp`."""
    coding = head.fields.get("content-encoding", "").strip().lower()
    try:
        data, whole = unpack(coding, body, limit)
    except UnknownCoding as error:
        raise NotHttp(f"its Content-Encoding is '{sanitize(coding)}', which was not asked for") from error
    except NotPacked as error:
        raise NotHttp(f"its Content-Encoding is '{coding}', and its body is not") from error
    if not whole and len(data) < limit:
        raise NotHttp(f"its body, in {coding}, is cut short")
    return data
