"""How a server ended a WebSocket as soon as it had opened. It is a pass, and the reader is told."""

from __future__ import annotations

from wsconn._outcome import RegionOutcome
from wsconn._text import duration, sanitize


def closing_of(outcome: RegionOutcome) -> str | None:
    """Say that the WebSocket was ended, with the code and the reason, or `None` where it was not."""
    if outcome.evidence and outcome.evidence.ended_after is not None:
        return f"ended by the server without a Close, after {duration(outcome.evidence.ended_after)}"
    if outcome.close_code is None:
        return None
    reason = sanitize(outcome.close_reason or "").strip()
    return f"closed at once by the server: {outcome.close_code}{f' ({reason})' if reason else ''}"
