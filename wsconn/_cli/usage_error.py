"""What a command raises for what was asked of it in the wrong way."""

from __future__ import annotations

import re
from collections.abc import Mapping

_OPTIONS: Mapping[str, str] = {  # by the argument of the library that each of them gives
    "timeout": "--timeout",
    "total_timeout": "--total-timeout",
    "max_workers": "--max-workers",
    "proxy": "--proxy",
    "headers": "--header",
    "subprotocols": "--subprotocol",
    "origin": "--origin",
    "latency": "--latency",
}


class UsageError(Exception):
    """An error of use: what is wrong, in one line, and what to try, where there is better than `--help`.

    Nothing was tested.
    """

    def __init__(self, wrong: str, to_try: str | None = None) -> None:
        super().__init__(wrong)
        self.to_try = to_try


def of_argument(error: ValueError) -> UsageError:
    """Return what the library says of an argument, which it begins with, as an error of the option that gave it."""
    return UsageError(re.sub(r"\w+", lambda name: _OPTIONS.get(name[0], name[0]), str(error), count=1))


def missing(error: ImportError) -> UsageError:
    """Return an `ImportError` of wsconn's, which ends with an install line, as an error of use."""
    wrong, _, to_try = str(error).partition(": ")
    return UsageError(wrong, to_try or None)
