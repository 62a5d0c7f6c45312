"""The states of a region, as one table.

    waiting ──begin──▶ running ──pass──▶ passed
       │                  ├─────fail──▶ failed
       ├──fail──▶ failed  └────abort──▶ aborted
       └─abort──▶ aborted

A region may be moved by its worker, by `start` (no thread could be started) and by `abort()`, which may run in a signal
handler and so must not wait for a lock. Each state is therefore left by the thread that first claims the move out of
it, with `dict.setdefault`. An event that the table does not list for a state comes too late and is dropped: a region
settles once, and stays as it settled.

What that rests on:

- With the GIL, `in`, `[]` and `dict.setdefault` are each one call into C. The keys are strings, which are compared in C
  as well, so neither another thread nor a signal handler can run in between. Between `in` and `[]` one may: no move is
  ever taken back.
- Without the GIL, `in` and `[]` are lock-free and `setdefault` holds the dict's own lock, so one thread inserts and all
  others get what it inserted (Python documentation, "Thread Safety Guarantees", "Thread safety for dict objects";
  PEP 703, "Container Thread-Safety"). The lock is never held while Python code runs, a signal handler for one, if keys
  are compared in C. Before that page was written, "Python support for free threading" called this a description of the
  implementation and not yet a guarantee.
- Not `dict.get`: in 3.13 it takes that lock, and under it once more where another thread made the dict or the value. A
  thread that waits for itself so gives the processor away 40 times before it notices (CPython 3.13,
  `Objects/dictobject.c`, `dict.get` and `ensure_shared_on_read`; `Python/lock.c`, `MAX_SPIN_COUNT`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class State(enum.StrEnum):
    """Where a region stands."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    ABORTED = "aborted"


class Event(enum.StrEnum):
    """What can happen to a region."""

    BEGIN = "begin"
    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    ABORT = "abort"


TABLE: Mapping[State, Mapping[Event, State]] = {
    State.WAITING: {Event.BEGIN: State.RUNNING, Event.FAIL: State.FAILED, Event.ABORT: State.ABORTED},
    State.RUNNING: {Event.PASS: State.PASSED, Event.FAIL: State.FAILED, Event.ABORT: State.ABORTED},
    State.PASSED: {},
    State.FAILED: {},
    State.ABORTED: {},
}


class Move(Generic[T]):
    """A move out of a state: where it leads, and what was known when a region settled by it."""

    __slots__ = ("outcome", "to")

    def __init__(self, to: State, outcome: T | None) -> None:
        self.to = to
        self.outcome = outcome


class RegionState(Generic[T]):
    """Where one region stands, and how it got there."""

    __slots__ = ("_moves",)

    def __init__(self) -> None:
        self._moves: dict[State, Move[T]] = {}

    def process_event(self, event: Event, outcome: T | None = None) -> bool:
        """Move on if the table lists `event` for the present state; returns false if it does not, or came too late."""
        while (to := TABLE[here := self.state].get(event)) is not None:
            move = Move(to, outcome)
            if self._moves.setdefault(here, move) is move:
                return True
        return False

    @property
    def state(self) -> State:
        """Where the region stands now."""
        return self._last().to

    @property
    def outcome(self) -> T | None:
        """What the region settled with, or `None` while it has not."""
        return self._last().outcome

    def _last(self) -> Move[T]:
        last: Move[T] = Move(State.WAITING, None)
        while last.to in self._moves:
            last = self._moves[last.to]
        return last
