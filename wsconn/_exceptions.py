"""What is raised for misuse.

    Exception
    └── WsconnError
        └── InvalidRegionError       also a ValueError: a region, its URL or a file of regions

A remote failure is a value (`Failure`), never an exception that a user meets.
"""

from __future__ import annotations


class WsconnError(Exception):
    """The root of what wsconn raises for misuse."""


class InvalidRegionError(WsconnError, ValueError):
    """A region that cannot be tested: the message names it and says what was expected."""
