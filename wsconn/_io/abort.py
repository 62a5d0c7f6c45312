"""What ends a wait: a deadline, or the abort of the whole test. Together they are one scope, which every wait takes."""

from __future__ import annotations

from wsconn._deadline import Deadline
from wsconn._io.wakeup import WakeupSocketpair


class Aborted(Exception):
    """The test was aborted while this region waited. No `OSError`, so that websocket-client lets it through."""


class Abort(WakeupSocketpair):
    """Set once, by the thread that owns the test; watched by all of its workers, which must have ended at `close`."""

    def __init__(self) -> None:
        super().__init__()
        self._set = False

    def set(self) -> None:
        """Wake every wait of the test, those that are yet to begin too."""
        if not self._set:
            self._set = True
            self.wake()

    def is_set(self) -> bool:
        """Tell whether the test is being aborted."""
        return self._set


class CancelScope:
    """Until when something may go on, and what ends it before that. A narrower one shares the abort."""

    __slots__ = ("abort", "deadline")

    def __init__(self, deadline: Deadline, abort: Abort) -> None:
        self.deadline = deadline
        self.abort = abort

    def remaining(self) -> float:
        """Return the seconds that are left, never less than 0."""
        return self.deadline.remaining()

    def raise_if_aborted(self) -> None:
        """Raise `Aborted` where the test is."""
        if self.abort.is_set():
            raise Aborted

    def until(self, at: float) -> CancelScope:
        """Return a scope that ends at this moment on the clock of `now`, if this one does not end before."""
        return CancelScope(Deadline(min(self.deadline.at, at)), self.abort)

    def within(self, seconds: float) -> CancelScope:
        """Return a scope that ends `seconds` from now, if this one does not end before."""
        return CancelScope(self.deadline.within(seconds), self.abort)

    def share(self, parts: int) -> CancelScope:
        """Return a scope for the first of `parts` equal shares of the time that is left."""
        return self.within(self.remaining() / parts)
