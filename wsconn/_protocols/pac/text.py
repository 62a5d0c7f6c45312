"""From the bytes of a PAC file to its text."""

from __future__ import annotations

LARGEST_BYTES = 1024 * 1024  # as in Chromium


def decode(data: bytes, charset: str | None = None) -> str:
    """Return the text of a PAC file; `charset` is the one that its media type names, if it does."""
    return data.decode(charset or "latin-1", "replace")
