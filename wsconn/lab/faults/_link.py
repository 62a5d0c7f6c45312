"""Faults of the way to a healthy server: late, silent after a while, cut after a while. TLS makes no difference."""

from __future__ import annotations

import math

from wsconn.lab._fault import Fault, Link

_LONGEST_SECONDS = 86400.0


def latency(seconds: float = 0.2) -> Fault:
    """Pass everything on late; named `latency-<time>`.

    Args:
        seconds: Round trip: each way takes half of it. The kernel does the TCP handshake, which is never late.
    """
    _check(seconds)
    return Fault(
        name=f"latency-{_written(seconds)}",
        summary=f"The server is {_written(seconds)} away, there and back.",
        link=Link(latency=seconds),
    )


def stall_after(seconds: float = 2.0) -> Fault:
    """Lose all that is sent from a moment on, in both directions; named `stall-after-<time>`.

    The connection stays open, and nobody says that it leads nowhere.

    Args:
        seconds: From the beginning of each connection.
    """
    _check(seconds)
    return Fault(
        name=f"stall-after-{_written(seconds)}",
        summary=f"A healthy server; from {_written(seconds)} after a connection began, all that is sent is lost.",
        link=Link(stall_after=seconds),
    )


def cut_after(seconds: float = 2.0) -> Fault:
    """End each connection after a while, without a Close frame; named `cut-after-<time>`.

    Args:
        seconds: From the beginning of each connection.
    """
    _check(seconds)
    return Fault(
        name=f"cut-after-{_written(seconds)}",
        summary=f"A healthy server; each connection ends {_written(seconds)} after it began, without a Close.",
        link=Link(cut_after=seconds),
    )


def _check(seconds: float) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"seconds must be a number, not {seconds!r}")
    if not 0 < seconds <= _LONGEST_SECONDS or math.isnan(seconds):
        raise ValueError(f"seconds must be more than 0 and at most {_LONGEST_SECONDS:g}: {seconds!r}")


def _written(seconds: float) -> str:
    return f"{seconds * 1000:g}ms" if seconds < 1 else f"{seconds:g}s"


LATENCY_200MS = latency()
STALL_AFTER_2S = stall_after()
CUT_AFTER_2S = cut_after()
