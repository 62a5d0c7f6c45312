"""What a server said that closed a WebSocket as soon as it had opened. It is a pass, and whoever reads it is told."""

from __future__ import annotations

from wsconn._outcome import RegionOutcome
from wsconn._text import sanitize


def closing_of(outcome: RegionOutcome) -> str | None:
    """Say that the WebSocket was closed, with the code and the reason, or `None` where it was not closed so."""
    if outcome.close_code is None:
        return None
    reason = sanitize(outcome.close_reason or "").strip()
    return f"closed at once by the server: {outcome.close_code}{f' ({reason})' if reason else ''}"
