"""Waiting for a test to get on, and being woken, without a lock that Ctrl-C could leave held."""

from __future__ import annotations

import pathlib
import re
import threading
import time

import wsconn
from wsconn._run.waiters import Waiters

ENGINE = list(pathlib.Path(wsconn.__file__).parent.glob("_*/*.py"))
SHARED = re.compile(r"threading\.(Condition|Event|Semaphore)\(")


def test_a_thread_that_has_joined_is_woken_though_it_does_not_wait_yet() -> None:
    """What happens between looking and waiting is not missed."""
    waiters = Waiters()
    with waiters.joined() as first, waiters.joined() as second:
        waiters.wake()
        began = time.monotonic()
        first.wait(20)
        second.wait(20)
    assert time.monotonic() - began < 10


def test_all_threads_are_woken() -> None:
    """Each of many threads is woken, once it has joined."""
    waiters, joined, woken = Waiters(), threading.Barrier(9), []

    def wait() -> None:
        with waiters.joined() as waiter:
            joined.wait(20)
            waiter.wait(20)
            woken.append(None)

    threads = [threading.Thread(target=wait) for _ in range(8)]
    for thread in threads:
        thread.start()
    joined.wait(20)
    began = time.monotonic()
    waiters.wake()
    for thread in threads:
        thread.join(20)
    assert len(woken) == 8
    assert time.monotonic() - began < 10


def test_a_wait_ends_when_its_time_is_up() -> None:
    """A thread that is not woken waits no longer than it said, and one that has left is forgotten."""
    waiters = Waiters()
    with waiters.joined() as waiter:
        began = time.monotonic()
        waiter.wait(0.05)
        assert 0.04 < time.monotonic() - began < 10
    assert waiters._queues == []


def test_the_engine_shares_no_condition() -> None:
    """Ctrl-C between taking a condition's lock and entering its block would hold it for good, and all others too."""
    assert len(ENGINE) > 30
    assert [path.name for path in ENGINE if SHARED.search(path.read_text(encoding="utf-8"))] == []
