"""What a verdict means, in plain words, and no more than was tested: that a WebSocket opens, not that a call works."""

from __future__ import annotations

from datetime import UTC

from wsconn._result import ConnectivityResult, Verdict
from wsconn._text import duration, value
from wsconn.reports._quantities import counted, every


def meaning(result: ConnectivityResult) -> str:
    """Say to how many regions a WebSocket can be opened; the name in it is marked."""
    total, passed, failed = len(result.outcomes), len(result.passed_regions), len(result.failed_regions)
    match result.result:
        case Verdict.PASSED:
            return f"A WebSocket can be opened to {_all(total)}.{_fastest(result)}"
        case Verdict.WARNING:
            return f"A WebSocket can be opened to {passed} of {total} regions.{_fastest(result)}"
        case Verdict.FAILED if total == 0:
            return "No region was named, so nothing is known."
        case Verdict.FAILED:
            return f"No working WebSocket could be opened to {_any(total)}."
        case Verdict.ABORTED:
            unknown = len(result.aborted_regions)
            return (
                f"The test was ended early. Of {counted(total)}, {passed} passed, {failed} failed, and of {unknown}"
                " nothing is known."
            )


def when(result: ConnectivityResult) -> str:
    """Return the time of the test, in UTC."""
    started = result.started_at
    utc = started.astimezone(UTC) if started.tzinfo else started
    return f"{utc:%Y-%m-%d %H:%M:%S} UTC"


def _all(regions: int) -> str:
    return "the region" if regions == 1 else f"{every(regions).lower()} regions"


def _any(regions: int) -> str:
    return "the region" if regions == 1 else "either region" if regions == 2 else f"any of the {regions} regions"


def _fastest(result: ConnectivityResult) -> str:
    fastest = result.fastest()
    if fastest is None or fastest.round_trip is None or len(result.passed_regions) == 1:
        return ""
    return f" The fastest is {value(fastest.region)}, with a round trip of {duration(fastest.round_trip)}."
