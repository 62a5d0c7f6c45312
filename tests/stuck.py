"""Regions that are stuck in a stage, and waiting for them to get there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from wsconn import ConnectivityTest
from wsconn._run.state import State
from wsconn.lab import Lab, faults

STUCK = {
    "resolve": faults.HANGING_NAME,
    "connect": faults.BLACK_HOLE,
    "tls": faults.SILENT_TLS,
    "upgrade": faults.MUTE,
    "frames": faults.SWALLOWED_FRAMES,
}
in_each_stage = pytest.mark.parametrize("stage", STUCK)


def add_stuck(lab: Lab, stage: str, count: int) -> None:
    for number in range(count):
        lab.add(f"{stage}-{number}", fault=STUCK[stage], tls=stage == "tls")


def until(happened: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Look every few milliseconds whether it has happened; false when the time is up."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.005)
    return True


def reached(test: ConnectivityTest, stage: str) -> bool:
    """Whether every region of the test has come to `stage`; it may still wait there for something of this machine's."""
    settlement = test._settlement
    begun = all(region.state is State.RUNNING for region in settlement.states.values())
    return begun and all(str(recorder.stage) == stage for recorder in settlement.recorders.values())


def stuck_at(test: ConnectivityTest, stage: str) -> bool:
    """Whether every region of the test waits for its peer in `stage`: the clock of the stage runs."""
    clocks = [recorder._way.since for recorder in test._settlement.recorders.values()]
    return reached(test, stage) and None not in clocks
