"""How a test stands while it runs, as the command line asks for it: states, stages and times of what is under way."""

from __future__ import annotations

import socket
import threading

from tests.engine import start_in
from wsconn import RegionOutcome, Status
from wsconn._cli.display.follow import follow
from wsconn._run.state import State
from wsconn.lab import Lab

BOUND_SECONDS = 30


def test_progress_of_each_region(lab: Lab) -> None:
    """What has settled has its outcome; what is under way the times so far, its present stage last; the rest waits."""
    reached, settled = threading.Event(), threading.Event()

    def hang(sock: socket.socket) -> None:
        while sock.recv(4096):
            reached.set()  # the request has come: the upgrade is under way

    lab.add("refusing", fault="refused")
    lab.add("hanging", fault=hang)
    lab.add("waiting")
    with start_in(lab, max_workers=1, timeout=BOUND_SECONDS, on_outcome=lambda _: settled.set()) as handle:
        assert reached.wait(BOUND_SECONDS)
        assert settled.wait(BOUND_SECONDS)
        (refused, refusing), (running, hanging), (waits, waiting) = handle._progress()
        assert [refused, running, waits] == [State.FAILED, State.RUNNING, State.WAITING]
        assert refusing is handle.outcomes[0]
        assert hanging.timings.upgrade is not None
        assert (hanging.timings.frames, hanging.failure) == (None, None)
        assert waiting == RegionOutcome(region="waiting", url=lab.regions["waiting"], status=Status.ABORTED)
        assert handle.running()


def test_following_shows_the_beginning_and_the_end(lab: Lab) -> None:
    """However short a test is, the last that is shown is its end."""
    lab.add("eu")
    shown: list[list[State]] = []
    result, interrupted = follow(start_in(lab), lambda progress: shown.append([state for state, _ in progress]))
    assert (result.passed_regions, interrupted) == (("eu",), False)
    assert shown[-1] == [State.PASSED]
