"""What is raised for misuse.

    Exception
    └── WsconnError
        └── InvalidRegionError       also a ValueError: a region, its URL or a file of regions

A remote failure is a value (`Failure`), never an exception that a user meets.
"""

from __future__ import annotations

from typing import TypeVar

E = TypeVar("E", TypeError, ValueError)


class WsconnError(Exception):
    """The root of what wsconn raises for misuse."""


class InvalidRegionError(WsconnError, ValueError):
    """A region that cannot be tested: the message names it and says what was expected."""


def about_argument(error: type[E], argument: str, wrong: str) -> E:
    """Return a plain error that says `wrong` of `argument`, and has both as attributes.

    The command line has an option in the argument's place, and says the same of it.
    """
    made = error(argument + wrong)
    vars(made).update(argument=argument, wrong=wrong)
    return made
