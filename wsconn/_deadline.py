"""The moment by which everything must be over. One goes through all stages; timeouts are never added up."""

from __future__ import annotations

import time

from wsconn._exceptions import about_argument
from wsconn._text import describe

# The engine's one clock. It does not move when the system's clock is set. time.monotonic would do, but on Windows
# before Python 3.13 it ticks every 15.6 ms, which is as long as many round trips.
now = time.perf_counter


class Deadline:
    """A moment on the clock of `now`."""

    __slots__ = ("at",)

    def __init__(self, at: float) -> None:
        self.at = at

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return the deadline that is `seconds` from now."""
        return cls(now() + seconds)

    def remaining(self) -> float:
        """Return the seconds that are left, never less than 0."""
        return max(0.0, self.at - now())

    def __repr__(self) -> str:
        return f"<Deadline in {self.remaining():.3f} s>"


def check_wait(timeout: object) -> None:
    """Refuse what is no span to wait for, before anybody waits. As in `concurrent.futures` it may be 0 or less."""
    if timeout is not None and not isinstance(timeout, int | float):
        raise about_argument(TypeError, "timeout", f" must be a number of seconds or None, not {describe(timeout)}")
