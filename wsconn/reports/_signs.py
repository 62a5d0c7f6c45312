"""One character for each word that a region or a test may end with; the word always stands beside it."""

from __future__ import annotations

import attrs

from wsconn._outcome import Status
from wsconn._record import Record
from wsconn._result import Verdict


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Signs(Record):
    """A set of signs, as a terminal's encoding allows."""

    passed: str
    failed: str
    aborted: str
    warning: str

    def of(self, word: Status | Verdict) -> str:
        """Return the sign of a word."""
        sign: str = getattr(self, word)
        return sign


SIGNS = Signs(passed="✓", failed="✗", aborted="○", warning="!")
ASCII_SIGNS = Signs(passed="+", failed="x", aborted="-", warning="!")
