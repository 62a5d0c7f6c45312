"""Scopes: a deadline and an abort together, how they are narrowed, and what becomes of one that was slept through."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator

import pytest

from tests.processes import posix
from tests.stuck import until
from wsconn._deadline import Deadline, now
from wsconn._io.abort import GRACE_SECONDS, Abort, Aborted, CancelScope
from wsconn._io.waiting import wait


@pytest.fixture
def abort() -> Iterator[Abort]:
    with contextlib.closing(Abort()) as abort:
        yield abort


def test_a_narrower_scope_ends_no_later(abort: Abort) -> None:
    """Neither `within` nor `share` nor `until` reaches beyond the scope that they are taken from."""
    scope = CancelScope(Deadline.after(10), abort)
    assert scope.within(20).remaining() <= 10
    assert 0.5 < scope.within(1).remaining() <= 1
    assert 4.5 < scope.share(2).remaining() <= 5
    assert scope.until(now() + 20).remaining() <= 10


def test_an_abort_reaches_every_scope(abort: Abort) -> None:
    """Scopes that were narrowed share the abort."""
    scope = CancelScope(Deadline.after(10), abort).within(5).share(2)
    scope.raise_if_aborted()
    abort.set()
    with pytest.raises(Aborted):
        scope.raise_if_aborted()


def test_a_deadline_that_has_just_passed_is_over(abort: Abort) -> None:
    """A deadline that was met a moment late gives nothing more."""
    scope = CancelScope(Deadline(now() - 0.01), abort)
    assert scope.remaining() == 0
    assert scope.stalled_seconds == 0


def test_a_deadline_that_was_slept_through_gives_one_more_look(abort: Abort) -> None:
    """Whoever finds it long gone gets a moment more, once, and so does what is narrowed from it."""
    scope = CancelScope(Deadline(now() - 5), abort)
    assert 0 < scope.remaining() <= GRACE_SECONDS
    assert 0 < scope.share(2).remaining() <= GRACE_SECONDS
    assert 0 < scope.within(60).remaining() <= GRACE_SECONDS
    assert 5 <= scope.stalled_seconds < 6
    time.sleep(GRACE_SECONDS)  # the grace itself: there is nothing to wait on
    assert scope.remaining() == 0
    assert scope.within(60).remaining() == 0


def test_what_a_late_wait_has_found_is_looked_at(abort: Abort) -> None:
    """A wait that began in time, and came back late with something, was held up by this process and by nobody else."""
    scope = CancelScope(Deadline(now() - 0.2), abort)
    scope.found(began=now() - 1)
    assert 0 < scope.remaining() <= GRACE_SECONDS
    assert scope.stalled_seconds == 0


@pytest.mark.parametrize("late", [0.0, 0.2], ids=["in time", "late"])
def test_what_comes_late_gets_no_more_time(abort: Abort, late: float) -> None:
    """Neither does a peer that always has something: not at the deadline, nor by a wait that began after it."""
    scope = CancelScope(Deadline(now() - late), abort)
    scope.found(began=now() if late else now() - 1)
    assert scope.remaining() == 0


def test_a_narrower_deadline_is_not_the_regions(abort: Abort) -> None:
    """One that was met late while the region has time gives the region no more."""
    region = CancelScope(Deadline.after(10), abort)
    region.until(now() - 0.2).found(began=now() - 1)
    assert region.remaining() <= 10


SERVING = """
    import sys
    from wsconn.lab import Lab
    with Lab() as lab:
        print(lab.add("region", latency=float(sys.argv[1])), flush=True)
        sys.stdin.read()
"""


@posix
@pytest.mark.parametrize("asleep", [3.25, 4.5], ids=["a moment past its timeout", "for long"])
def test_a_process_that_stood_still_looks_again(asleep: float) -> None:
    """Stopped before the answer came and woken after its timeout, a check takes the answer that lies in its socket."""
    server = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SERVING), "2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    code = (
        "import sys, websocket, wsconn\n"  # websocket-client: on a busy machine its import would hold the request back
        "test = wsconn.start({'a': sys.argv[1]}, timeout=4, proxy=None, verify_frames=False)\n"
        "print('begun', flush=True)\n"
        "print(test.result().result, flush=True)\n"
    )
    check = subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True)
    assert check.stdout is not None
    try:
        assert check.stdout.readline() == "begun\n"
        time.sleep(1.0)  # the request is out, and its answer a second away
        check.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, check.pid, os.WSTOPPED | os.WNOWAIT)
        time.sleep(asleep)  # past the timeout, or past the half second after it too that a stop is known by
        check.send_signal(signal.SIGCONT)
        said, _ = check.communicate(timeout=20)
    finally:
        check.kill()
        check.wait()
        server.communicate("")
    assert said == "passed\n"


def test_waits_that_last_are_counted(abort: Abort) -> None:
    """One that has just begun may be for a near server's answer, and one that has ended is none."""
    scope = CancelScope(Deadline.after(20), abort)

    def wait_for_nothing() -> None:
        with contextlib.suppress(Aborted):
            wait([], scope)

    abort.waits[object()] = now() + 20  # "just": however slow this machine is
    assert abort.waits_over(0.01) == 0
    thread = threading.Thread(target=wait_for_nothing)
    thread.start()
    assert until(lambda: abort.waits_over(0.01) == 1)
    abort.set()
    thread.join(20)
    assert abort.waits_over(0.01) == 0
