"""Exit codes: the one table of them, for `--help` and the manual too."""

from __future__ import annotations

import enum
from typing import Self

from wsconn import Verdict


class FailOn(enum.StrEnum):
    """The least bad verdict that the exit code reports as a failure."""

    WARNING = "warning"
    FAILED = "failed"
    NEVER = "never"


_ACCEPTED = {
    FailOn.WARNING: frozenset[Verdict](),
    FailOn.FAILED: frozenset({Verdict.WARNING}),
    FailOn.NEVER: frozenset({Verdict.WARNING, Verdict.FAILED}),
}


class ExitCode(enum.IntEnum):
    """A code and what it means. 0 to 4 are results; with the others there is none, or not a whole one.

    2 is argparse's and the shells' own for misuse; 70 is EX_SOFTWARE of BSD's sysexits.h; 130 is 128 + SIGINT.
    """

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    PASSED = (
        0,
        (
            "every region can be reached, or --fail-on accepts those that cannot; demo: all as set up;"
            " proxy: no problem; serve: ended as told"
        ),
    )
    FAILED = 1, "no region can be reached; demo: not as set up; proxy: a proxy or a PAC file cannot be used"
    USAGE = 2, "a usage error, or something is not installed; nothing was tested"
    WARNING = 3, "some regions can be reached, some cannot; watch: not in every round"
    ABORTED = 4, "the test was aborted"
    INTERNAL = 70, "wsconn itself failed, or this machine did not let it work"
    INTERRUPTED = 130, "interrupted (Ctrl-C, SIGTERM); what was known by then is printed"

    @classmethod
    def of(cls, verdict: Verdict, fail_on: FailOn = FailOn.WARNING) -> ExitCode:
        """Return the code for the result of a test."""
        return cls.PASSED if verdict in _ACCEPTED[fail_on] else cls[verdict.name]
