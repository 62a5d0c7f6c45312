"""What is raised, and to whom.

    Exception
    ├── WsconnError                  public: misuse of wsconn
    │   └── InvalidRegionError       also a ValueError: a region, its URL or a file of regions
    ├── StageFailed                  private: this way to the region ends here, for this cause
    └── Aborted                      private: the test was aborted while this region waited

A remote failure is a value (`Failure`), never an exception that a user meets. The private two carry it from the room
that saw it to the probe. Neither derives from OSError, so that websocket-client lets them through unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsconn._evidence import Evidence
    from wsconn._outcome import Cause, Stage


class WsconnError(Exception):
    """The root of what wsconn raises for misuse."""


class InvalidRegionError(WsconnError, ValueError):
    """A region that cannot be tested: the message names it and says what was expected."""


class StageFailed(Exception):
    """This way to the region ends here. `stage` is given only where it is not the stage under way."""

    def __init__(self, cause: Cause, evidence: Evidence | None = None, *, stage: Stage | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.evidence = evidence
        self.stage = stage


class Aborted(Exception):
    """The test was aborted while this region waited."""
