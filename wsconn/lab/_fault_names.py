"""The names that faults go by: those in `FAULTS`, `healthy`, and families with a number or a time."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping

from wsconn.lab._fault import Fault
from wsconn.lab.faults import (
    FAULTS,
    ORIGIN_WANTED,
    SUBPROTOCOL_WANTED,
    close,
    cut_after,
    http_status,
    latency,
    origin_wanted,
    stall_after,
    subprotocol_wanted,
)

HEALTHY = Fault(name="healthy", summary="A WebSocket server as it should be.")
_NUMBERED: Mapping[str, Callable[[int], Fault]] = {
    "http": http_status,
    "close": close,
    ORIGIN_WANTED.name: origin_wanted,
    SUBPROTOCOL_WANTED.name: subprotocol_wanted,
}
_TIMED: Mapping[str, Callable[[float], Fault]] = {
    "latency": latency,
    "stall-after": stall_after,
    "cut-after": cut_after,
}
_WITH_A_NUMBER = re.compile(rf"({'|'.join(_NUMBERED)})-([0-9]{{1,5}})")
_WITH_A_TIME = re.compile(rf"({'|'.join(_TIMED)})-([0-9]{{1,8}}(?:\.[0-9]{{1,6}})?)(ms|s)")


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
        name: One in `FAULTS`; `healthy`; `http-` with a status (200 to 599); `close-` with a close code (1000 to 4999);
            `origin-wanted-` or `subprotocol-wanted-` with a status (400 to 599); or `latency-`, `stall-after-` or
            `cut-after-` with a time, as in `latency-250ms` and `cut-after-1.5s`.

    Raises:
        UnknownFaultError: There is none. It suggests names that are spelt alike, or the faults that fail with the
            cause of this name, as `swallowed-frames` for `no_pong`.
        ValueError: The status or the close code is not one that can be sent, or the time is zero or over a day.
    """
    if name == HEALTHY.name:
        return HEALTHY
    if name in FAULTS:
        return FAULTS[name]
    if numbered := _WITH_A_NUMBER.fullmatch(name):
        return _NUMBERED[numbered[1]](int(numbered[2]))
    if timed := _WITH_A_TIME.fullmatch(name):
        return _TIMED[timed[1]](float(timed[2]) * (0.001 if timed[3] == "ms" else 1))
    raise UnknownFaultError(name, _of_cause(name) or _spelt_like(name))


def _of_cause(name: str) -> tuple[str, ...]:
    cause = name.lower().replace("-", "_")
    return tuple(fault.name for fault in FAULTS.values() if cause in fault.causes)


def _spelt_like(name: str) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(name.lower().replace("_", "-"), [HEALTHY.name, *FAULTS], n=3))
