"""How a server ended a WebSocket as soon as it had opened. It is a pass, and the reader is told."""

from __future__ import annotations

from collections.abc import Mapping

from wsconn._outcome import RegionOutcome
from wsconn._text import duration, sanitize

# What a Close without a reason means: RFC 6455, section 7.4.1, and IANA's registry of close codes.
_NAMES: Mapping[int, str] = {
    1001: "going away",
    1002: "protocol error",
    1003: "unsupported data",
    1007: "invalid payload data",
    1008: "policy violation",
    1009: "message too big",
    1010: "an extension is missing",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
    3000: "unauthorized",
    3003: "forbidden",
    3008: "timeout",
}
# Close codes of protocols on WebSocket, where they say what the check lacked: graphql-ws, PROTOCOL.md.
_MEANINGS: Mapping[int, str] = {
    4406: "to graphql-ws that means that no subprotocol of its was offered (--subprotocol graphql-transport-ws)",
}

_NO_CODE = 1005  # RFC 6455, section 7.1.5
# express-ws 5.0.2 and @fastify/websocket 11.3.7 say so that no route has a WebSocket there.
_WITHOUT_A_CODE = "closed at once by the server, without a code: some servers do that at a path they do not know"


def closing_of(outcome: RegionOutcome) -> str | None:
    """Say that the WebSocket was ended, with the code and the reason, or `None` where it was not."""
    if outcome.evidence and outcome.evidence.ended_after is not None:
        return f"ended by the server without a Close, after {duration(outcome.evidence.ended_after)}"
    if outcome.close_code is None:
        return None
    if outcome.close_code == _NO_CODE:
        return _WITHOUT_A_CODE
    reason, name = sanitize(outcome.close_reason or "").strip(), _NAMES.get(outcome.close_code)
    why = f" ({reason})" if reason else f", {name}" if name else ""
    told = f"closed at once by the server: {outcome.close_code}{why}"
    return f"{told}; {_MEANINGS[outcome.close_code]}" if outcome.close_code in _MEANINGS else told
