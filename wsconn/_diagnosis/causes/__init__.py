"""What each cause means, how it comes about, what to do and how to tell it: one table, for all who speak of a cause."""

from __future__ import annotations

from collections.abc import Mapping

from wsconn._diagnosis.causes import anywhere, tls, way, websocket
from wsconn._diagnosis.causes.words import Explanation, after, pac_file, peer
from wsconn._outcome import Cause, Evidence
from wsconn._text import duration, plain, value

EXPLANATIONS: Mapping[Cause, Explanation] = {**way.CAUSES, **tls.CAUSES, **websocket.CAUSES, **anywhere.CAUSES}


def message_on(cause: Cause | None, seen: Evidence) -> str:
    """Say in one line what was seen; no cause means that it worked."""
    return plain(marked_message_on(cause, seen))


def marked_message_on(cause: Cause | None, seen: Evidence) -> str:
    """Say the same, with its values marked."""
    message = EXPLANATIONS[cause].message(seen) if cause else f"{peer(seen)} answered as it should, {after(seen)}"
    if seen.stalled_seconds and cause:
        message += f"; this process itself stood still for {duration(seen.stalled_seconds)} or longer"
    if seen.pac_problem and cause not in (None, Cause.OUTRUN):
        message += f"; {pac_file(seen)} could not be used: {value(seen.pac_problem)}"
    if seen.pac_tried and cause not in (None, Cause.OUTRUN):
        message += f"; before that, {' and '.join(map(value, seen.pac_tried))} opened no way"
    return f"while asking {value(seen.discovery)} for the region's URL: {message}" if seen.discovery else message
