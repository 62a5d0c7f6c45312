"""What every client shares: the plan comes over stdin, a JSON object goes to stdout.

The clock starts when a `Run` is made: after the imports, and with the TLS context at hand that is shared by all
connections (unless the plan leaves the trust to the client's own default).
"""

from __future__ import annotations

import json
import ssl
import sys
import time
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_CLEAR_REFS = Path("/proc/self/clear_refs")
_FORGET_PEAK = "5"  # resets VmHWM: proc(5)


class Run:
    """One run: which URLs, for how long, and what became of each."""

    def __init__(self) -> None:
        plan: dict[str, Any] = json.load(sys.stdin)
        self.urls: list[str] = plan["urls"]
        self.timeout: float = plan["timeout"]
        self.abort_after: float | None = plan["abort_after"]
        self.roots: str | None = plan["roots"]  # a file; `None`: no TLS, or the client's own default trust
        self.is_far: bool = plan["is_far"]  # then when each region settles matters, not the last alone
        self.pings: bool = plan["pings"]
        self.context = ssl.create_default_context(cafile=self.roots) if self.roots else None
        self._verdicts: list[tuple[bool, float] | None] = [None] * len(self.urls)
        self._why = ""
        self._aborted_at: float | None = None
        self._in_flight_kib: int | None = None
        _forget_peak()
        self._resident_kib = _kib("VmRSS")
        self._cpu, self._began = time.process_time(), time.perf_counter()

    def settle(self, number: int, has_passed: bool, why: object = "") -> None:
        """Take the verdict on the URL of this number; a later one on the same URL is dropped."""
        if self._verdicts[number] is None:
            self._verdicts[number] = (has_passed, time.perf_counter() - self._began)
            if not has_passed and not self._why:
                self._why = str(why)[:200]

    def mark_abort(self) -> None:
        """Begin to measure an abort, and see what the regions in flight take."""
        self._in_flight_kib = _less(_kib("VmRSS"), self._resident_kib)
        self._aborted_at = time.perf_counter() - self._began

    def report(self) -> None:
        """Say how it went; everything is closed now."""
        closed, cpu = time.perf_counter() - self._began, time.process_time() - self._cpu
        last = max((verdict[1] for verdict in self._verdicts if verdict), default=closed)
        if None in self._verdicts:
            last = closed
        seen = {
            "wall": last,
            "closed": closed,
            "cpu": cpu,
            "verdicts": self._verdicts,
            "peak_kib": _less(_kib("VmHWM"), self._resident_kib),
            "in_flight_kib": self._in_flight_kib,
            "abort": None if self._aborted_at is None else last - self._aborted_at,
            "why": self._why,
        }
        json.dump(seen, sys.stdout)


def _forget_peak() -> None:
    if _CLEAR_REFS.exists():
        _CLEAR_REFS.write_text(_FORGET_PEAK)


def _kib(field: str) -> int | None:
    """Read a size of this process; `None` where the system does not tell."""
    if not _STATUS.exists():
        return None
    return next(int(line.split()[1]) for line in _STATUS.read_text().splitlines() if line.startswith(f"{field}:"))


def _less(size: int | None, before: int | None) -> int | None:
    return None if size is None or before is None else size - before
