"""What a verdict means, in plain words, for somebody who wants to make a call."""

from __future__ import annotations

from datetime import UTC

from wsconn._result import ConnectivityResult, Verdict
from wsconn.reports._quantities import counted, duration


def meaning(result: ConnectivityResult) -> str:
    """Say whether calls will work."""
    total, passed, failed = len(result.outcomes), len(result.passed_regions), len(result.failed_regions)
    match result.result:
        case Verdict.PASSED:
            every = "The region" if total == 1 else f"All {total} regions"
            return f"{every} can be reached. Calls will work.{_fastest(result)}"
        case Verdict.WARNING:
            those = "that one" if passed == 1 else "those"
            return f"{passed} of {total} regions can be reached. Calls will work through {those}.{_fastest(result)}"
        case Verdict.FAILED if total == 0:
            return "No region was named, so nothing is known."
        case Verdict.FAILED:
            none = "The region cannot" if total == 1 else f"None of the {total} regions can"
            return f"{none} be reached. Calls will not work from here until that is put right."
        case Verdict.ABORTED:
            unknown = len(result.aborted_regions)
            return (
                f"The test was ended early. Of {counted(total)}, {passed} can be reached, {failed} cannot, and of"
                f" {unknown} nothing is known."
            )


def when(result: ConnectivityResult) -> str:
    """Return the time of the test, in UTC."""
    started = result.started_at
    utc = started.astimezone(UTC) if started.tzinfo else started
    return f"{utc:%Y-%m-%d %H:%M:%S} UTC"


def _fastest(result: ConnectivityResult) -> str:
    fastest = result.fastest()
    if fastest is None or fastest.round_trip is None or len(result.passed_regions) == 1:
        return ""
    return f" The fastest is {fastest.region}, with a round trip of {duration(fastest.round_trip)}."
