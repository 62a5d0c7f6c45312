"""What ends a wait: a deadline, or the abort of the whole test. Together they are one scope, which every wait takes.

A process may stand still past a deadline: stopped by a signal, frozen with its container, suspended with the laptop.
What its peers sent meanwhile waits in the sockets, and a verdict by the clock alone would be about this machine and not
about them. So whoever finds a deadline long gone gets a moment more, once, to look at what is there.
"""

from __future__ import annotations

from wsconn._deadline import Deadline, now
from wsconn._io.wakeup import WakeupSocketpair


class Aborted(Exception):
    """The test was aborted while this region waited. No `OSError`, so that websocket-client lets it through."""


class Abort(WakeupSocketpair):
    """Set once, by the thread that owns the test; watched by all of its workers, which must have ended at `close`."""

    def __init__(self) -> None:
        super().__init__()
        self._set = False
        # When each wait that is under way began, by its scope. Scopes are compared by identity, in C; without the GIL
        # each entry is made, removed and copied under the dict's own lock (CPython, `Objects/dictobject.c`).
        self.waits: dict[object, float] = {}

    def set(self) -> None:
        """Wake every wait of the test, those that are yet to begin too."""
        if not self._set:
            self._set = True
            self.wake()

    def waits_over(self, seconds: float) -> int:
        """Return how many waits have lasted for longer than that."""
        began = self.waits.copy().values()
        latest = now() - seconds
        return sum(at < latest for at in began)

    def is_set(self) -> bool:
        """Tell whether the test is being aborted."""
        return self._set


STALL_SECONDS = 0.5  # past its deadline no wait of a process that runs comes back so late
LATE_SECONDS = 0.05  # past its deadline a wait that found something comes back at once, but on a machine that is busy
GRACE_SECONDS = 0.25  # for one more look; the guarantee on time allows as much


class _Stall:
    """How long the process stood still past a region's deadline, `at`, and the time that it was given for that."""

    __slots__ = ("at", "given", "seconds")

    def __init__(self, at: float) -> None:
        self.at = at
        self.seconds = 0.0
        self.given = 0.0


class CancelScope:
    """Until when something may go on, and what ends it before that. A narrower one shares the abort."""

    __slots__ = ("_stall", "abort", "deadline")

    def __init__(self, deadline: Deadline, abort: Abort, stall: _Stall | None = None) -> None:
        self.deadline = deadline
        self.abort = abort
        self._stall = stall or _Stall(deadline.at)

    def remaining(self) -> float:
        """Return the seconds that are left, never less than 0."""
        left = self.deadline.at + self._stall.given - now()
        if left < -STALL_SECONDS and not self._stall.given:
            self._stall.seconds = -left
            self._stall.given = GRACE_SECONDS - left
            return GRACE_SECONDS
        return max(0.0, left)

    def found(self, began: float) -> None:
        """Give a moment to look at what a wait found that began before the region's deadline and came back late."""
        stall = self._stall
        if (late := now() - stall.at) > LATE_SECONDS and began < stall.at and not stall.given:
            stall.given = GRACE_SECONDS + late

    @property
    def stalled_seconds(self) -> float:
        """How long the process stood still past the deadline; 0 where it did not."""
        return self._stall.seconds

    def raise_if_aborted(self) -> None:
        """Raise `Aborted` where the test is."""
        if self.abort.is_set():
            raise Aborted

    def goes_on(self) -> bool:
        """Tell whether time is left; raises `Aborted` where the test is."""
        if self.abort.is_set():
            raise Aborted
        return self.deadline.at > now() or self.remaining() > 0

    def until(self, at: float) -> CancelScope:
        """Return a scope that ends at this moment on the clock of `now`, if this one does not end before."""
        return CancelScope(Deadline(min(self.deadline.at, at - self._stall.given)), self.abort, self._stall)

    def within(self, seconds: float) -> CancelScope:
        """Return a scope that ends `seconds` from now, if this one does not end before."""
        return self.until(now() + seconds)

    def share(self, parts: int) -> CancelScope:
        """Return a scope for the first of `parts` equal shares of the time that is left."""
        return self.within(self.remaining() / parts)
