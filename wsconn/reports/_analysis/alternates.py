"""A region that passed by an alternate: it is a pass, but one URL that its users may be given does not work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wsconn._outcome import Attempt, Cause, RegionOutcome, Status
from wsconn._text import duration

_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}


class FailedUrl(NamedTuple):
    """A URL that was tried before another one passed: how it ended, and after how many seconds."""

    url: str
    cause: Cause
    seconds: float

    @property
    def told(self) -> str:
        """Its end, in words."""
        return f"{self.cause} after {duration(self.seconds)}"


def failed_before(outcome: RegionOutcome) -> tuple[FailedUrl, ...]:
    """Return the URLs that failed before the one by which a region passed, in order; none for any other region."""
    return tuple(_failed(outcome)) if outcome.status is Status.PASSED else ()


def _failed(outcome: RegionOutcome) -> Iterator[FailedUrl]:
    for url in dict.fromkeys(attempt.url for attempt in outcome.attempts):
        tried = [attempt for attempt in outcome.attempts if attempt.url == url]
        if url != outcome.url and (cause := _cause(tried)):
            yield FailedUrl(url, cause, max(attempt.duration for attempt in tried))


def _cause(tried: list[Attempt]) -> Cause | None:
    """Return the last cause of a URL's attempts, and `None` where one worked: that of a discovery leads to the next."""
    causes = [attempt.cause for attempt in tried]
    return None if None in causes else next((cause for cause in causes[::-1] if cause is not Cause.OUTRUN), None)


def alternate_of(outcome: RegionOutcome) -> str | None:
    """Say by which of its URLs a region passed and what the ones before did, or `None` where it was the first."""
    before = failed_before(outcome)
    if not before:
        return None
    others = "the first" if len(before) == 1 else "the URLs before"
    return f"passed by its {ordinal(len(before) + 1)} URL; {others}: {', '.join(failed.told for failed in before)}"


def ordinal(number: int) -> str:
    """Return which one of several it is: `2nd`."""
    suffix = "th" if number % 100 in (11, 12, 13) else _SUFFIXES.get(number % 10, "th")
    return f"{number}{suffix}"
