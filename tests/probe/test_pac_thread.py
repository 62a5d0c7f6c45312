"""A PAC script that holds its thread holds nothing else. The stand-in waits for an event, and does no harm."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from wsconn._deadline import Deadline
from wsconn._io.abort import Abort, Aborted, CancelScope
from wsconn._probe.pac_thread import PacThread
from wsconn._protocols.pac import PacFailed

promise = pytest.mark.promise


@contextmanager
def held() -> Iterator[threading.Event]:
    """Have an event that a script may wait for, which is set in the end."""
    event = threading.Event()
    try:
        yield event
    finally:
        event.set()


@contextmanager
def scope_of(seconds: float) -> Iterator[CancelScope]:
    abort = Abort()
    try:
        yield CancelScope(Deadline.after(seconds), abort)
    finally:
        abort.close()


def script(event: threading.Event) -> str:
    event.wait()
    return "DIRECT"


@promise(1)
def test_a_script_that_holds_its_thread_takes_the_time_of_its_region_alone() -> None:
    """The region goes on at its deadline, and the next one has its answer once the thread is free."""
    runner = PacThread()
    with held() as event:
        with scope_of(0.1) as scope, pytest.raises(PacFailed, match="no answer in half the region's time"):
            runner.run(lambda: script(event), scope)
        event.set()
        with scope_of(30) as scope:
            assert runner.run(lambda: "DIRECT", scope) == "DIRECT"
    runner.join()


@promise(2)
def test_an_abort_leaves_it_behind() -> None:
    """Whoever waits for the script is woken by the abort."""
    runner = PacThread()
    with held() as event, scope_of(60) as scope:
        timer = threading.Timer(0.05, scope.abort.set)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Aborted):
            runner.run(lambda: script(event), scope)
        assert time.monotonic() - began < 10
        timer.join()
    runner.join()


@promise(3)
def test_the_end_of_a_test_waits_for_it_a_moment() -> None:
    """Its thread is a daemon."""
    runner = PacThread()
    with held() as event:
        with scope_of(0.05) as scope, pytest.raises(PacFailed):
            runner.run(lambda: script(event), scope)
        began = time.monotonic()
        runner.join()
        assert time.monotonic() - began < 10
        (thread,) = (thread for thread in threading.enumerate() if thread.name == "wsconn-pac")
        assert thread.daemon
