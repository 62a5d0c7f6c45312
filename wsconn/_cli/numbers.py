"""Numbers as options take them. What is no number is answered as `wsconn.start` answers what is out of its range."""

from __future__ import annotations

from collections.abc import Callable

from wsconn._cli.usage_error import UsageError
from wsconn._text import describe


def seconds(flag: str) -> Callable[[str], float]:
    """Return what reads the seconds of the option `flag`."""

    def read(argument: str) -> float:
        try:
            return float(argument)
        except ValueError:
            raise UsageError(f"{flag} must be a number of seconds, not {describe(argument)}") from None

    return read


def whole_number(flag: str) -> Callable[[str], int]:
    """Return what reads the whole number of the option `flag`."""

    def read(argument: str) -> int:
        try:
            return int(argument)
        except ValueError:  # CPython takes no more than 4300 digits, either
            raise UsageError(f"{flag} must be a whole number, not {describe(argument)}") from None

    return read
