"""A held connection in words."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from wsconn._debug.records import DebugReport, Hold, HoldEnd
from wsconn._debug.round_trips import Summary, summary_of
from wsconn._text import duration, sanitize
from wsconn.reports._quantities import counted

_MANY_PINGS = 100  # of fewer, 99 in 100 are all
_AS_SEEN_SECONDS = 0.1  # an end that was seen as it came


@attrs.frozen(kw_only=True)
class Held:
    """The connections of a region."""

    region: str
    holds: tuple[Hold, ...]


def held_of(report: DebugReport) -> tuple[Held, ...]:
    """Return what was held, a region each, in the order of the regions."""
    regions = dict.fromkeys(hold.region for hold in report.holds)
    return tuple(
        Held(region=region, holds=tuple(hold for hold in report.holds if hold.region == region)) for region in regions
    )


def is_cut(hold: Hold) -> bool:
    """Whether something ended it before its time."""
    return hold.ended_by not in (HoldEnd.HELD, HoldEnd.NOT_OPENED, HoldEnd.ABORTED)


def kind_of(hold: Hold) -> str:
    """Say how a connection was held."""
    if not hold.kept_alive:
        return "idle"
    return "with pings" if hold.pinged_every is None else f"with a ping every {_seconds(hold.pinged_every)}"


def end_of(hold: Hold) -> str:
    """Say how a connection ended, and when."""
    match hold.ended_by:
        case HoldEnd.HELD:
            return f"stood for {_seconds(hold.seconds)}"
        case HoldEnd.CLOSE:
            return f"closed {_after(hold)}, with {_code(hold)}"
        case HoldEnd.END:
            return f"ended {_after(hold)}, without a Close{' and with a goodbye of TLS' if hold.close_notify else ''}"
        case HoldEnd.RESET:
            return f"reset {_after(hold)}"
        case HoldEnd.SILENCE:
            return f"cut in silence {_after(hold)}"
        case HoldEnd.NOT_OPENED:
            return f"not opened{f': {hold.failure.message}' if hold.failure else ''}"
        case HoldEnd.ABORTED:
            return f"aborted after {_seconds(hold.seconds)}"
        case _:
            return f"given up {_after(hold)}{f': {sanitize(hold.detail)}' if hold.detail else ''}"


def round_trips_of(hold: Hold) -> str:
    """Say how long the pings took; nothing where there were none, or only the one that an idle one did not answer."""
    summary = summary_of(hold.round_trips)
    if not summary.pings or (not hold.kept_alive and summary.lost):
        return ""
    return _spread(summary) + (f", {summary.lost} of {counted(summary.pings, 'ping')} lost" if summary.lost else "")


def notes_of(hold: Hold) -> tuple[str, ...]:
    """Return what is to be known of a hold beside how it ended."""
    notes = []
    if hold.frames_received and hold.ended_by is not HoldEnd.CLOSE:
        notes.append(f"the server sent {counted(hold.frames_received, 'frame')} by itself")
    if hold.connections > 1 and hold.ended_by is HoldEnd.SILENCE:
        notes.append(f"found with {hold.connections} idle connections, each sent a ping at another time")
    return tuple(notes)


def told(hold: Hold) -> str:
    """Say all of it in one line."""
    parts: Sequence[str] = (end_of(hold), round_trips_of(hold), *notes_of(hold))
    return "; ".join(part for part in parts if part)


def _spread(summary: Summary) -> str:
    if summary.least is None or summary.median is None or summary.most_of_all is None:
        return "no ping came back"
    if summary.pings - summary.lost == 1:
        return f"round trip {duration(summary.median)}"
    longest = duration(summary.most_of_all)
    if summary.pings < _MANY_PINGS:
        return f"{summary.pings} pings, slowest {longest}, median {duration(summary.median)}"
    return f"round trips from {duration(summary.least)}, median {duration(summary.median)}, 99 of 100 within {longest}"


def _after(hold: Hold) -> str:
    if hold.seconds - hold.least_seconds <= _AS_SEEN_SECONDS:
        return f"after {_seconds(hold.seconds)}"
    return f"between {_seconds(hold.least_seconds)} and {_seconds(hold.seconds)}"


def _code(hold: Hold) -> str:
    if hold.close_code is None:
        return "a Close that gives no reason"
    reason = sanitize(hold.close_reason or "").strip()
    return f"the code {hold.close_code}{f' ({reason})' if reason else ''}"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}".removesuffix(".0") + " s"
