"""Takes the compression off bytes (RFC 9110, section 8.4), as far as they came. No I/O."""

from __future__ import annotations

PLAIN = ("", "identity")
_PACKED = ("gzip", "x-gzip", "deflate")


class UnknownCoding(ValueError):
    """The coding is none that is known here."""


class NotPacked(ValueError):
    """The bytes are not what their coding says."""


def unpack(coding: str, data: bytes, limit: int) -> tuple[bytes, bool]:
    """Return the bytes as they were, `limit` of them at most, and whether that is all that was packed."""
    if coding in PLAIN:
        return data, True
    if coding not in _PACKED:
        raise UnknownCoding(coding)
    import zlib  # few answers are packed

    reader = zlib.decompressobj(32 + zlib.MAX_WBITS)  # gzip or zlib, as the first bytes say
    try:
        return reader.decompress(data, limit), reader.eof
    except zlib.error as error:
        raise NotPacked(coding) from error
