"""What every test gets: a lab, a clock that forgives slow machines, and a look at what it leaves behind."""

from __future__ import annotations

import gc
import os
import pathlib
import signal
import sys
import threading
import time
from collections.abc import Iterator

import hypothesis
import pytest

from wsconn.lab import Lab

CI = bool(os.environ.get("CI"))
hypothesis.settings.register_profile("wsconn", deadline=None, max_examples=200 if CI else 60, derandomize=CI)
hypothesis.settings.register_profile("long", deadline=None, max_examples=20_000)  # --hypothesis-profile=long
hypothesis.settings.register_profile("few", deadline=None, max_examples=5)  # on an emulated processor
hypothesis.settings.load_profile("wsconn")

LEAVE_SECONDS = 5.0  # for what is over to be gone: 250 ms are promised, ten times that and more are forgiven here
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background; a child would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

DESCRIPTORS = pathlib.Path("/proc/self/fd")


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """A test that leaves a thread of wsconn's, or a descriptor, has failed."""
    before = _descriptors()
    yield
    deadline = time.monotonic() + LEAVE_SECONDS
    while (left := _threads()) and time.monotonic() < deadline:
        left[0].join(deadline - time.monotonic())
    assert not left, f"threads left: {left}"
    if _descriptors() > before:
        gc.collect()  # what a test dropped, and not closed, is not what is looked for
    assert _descriptors() <= before, "descriptors left"


def _threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("wsconn")]


def _descriptors() -> int:
    return len(list(DESCRIPTORS.iterdir())) if sys.platform == "linux" else 0
