"""The names that faults go by: those in `FAULTS`, `healthy`, and two families with a number."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping

from wsconn.lab._fault import Fault
from wsconn.lab.faults import FAULTS, close, http_status

HEALTHY = Fault(name="healthy", summary="A WebSocket server as it should be.")
_FAMILIES: Mapping[str, Callable[[int], Fault]] = {"http": http_status, "close": close}
_IN_A_FAMILY = re.compile(r"(http|close)-([0-9]{1,5})")


class UnknownFaultError(ValueError):
    """No fault has this name.

    Attributes:
        name: The name.
        suggestions: Names of faults that may be meant, the likeliest first.
    """

    def __init__(self, name: str, suggestions: tuple[str, ...]) -> None:
        super().__init__(name, suggestions)
        self.name = name
        self.suggestions = suggestions

    def __str__(self) -> str:
        return f"there is no fault {self.name!r}; try {' or '.join(self.suggestions or FAULTS)}"


def fault_named(name: str) -> Fault:
    """Return the fault of this name.

    Args:
        name: One in `FAULTS`, `healthy`, `http-` with a status (200 to 599), or `close-` with a close code (1000 to
            4999).

    Raises:
        UnknownFaultError: There is none. It suggests names that are spelt alike, or the faults that fail with the
            cause of this name, as `swallowed-frames` for `no_pong`.
        ValueError: The status or the close code is not one that can be sent.
    """
    if name == HEALTHY.name:
        return HEALTHY
    if name in FAULTS:
        return FAULTS[name]
    if numbered := _IN_A_FAMILY.fullmatch(name):
        return _FAMILIES[numbered[1]](int(numbered[2]))
    raise UnknownFaultError(name, _of_cause(name) or _spelt_like(name))


def _of_cause(name: str) -> tuple[str, ...]:
    cause = name.lower().replace("-", "_")
    return tuple(fault.name for fault in FAULTS.values() if cause in fault.causes)


def _spelt_like(name: str) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(name.lower().replace("_", "-"), [HEALTHY.name, *FAULTS], n=3))
