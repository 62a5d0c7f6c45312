"""How outcomes are told: once each, in order, and nobody who asked to be called is forgotten."""

from __future__ import annotations

import threading
from typing import Any

from tests.factories import passed
from wsconn._outcome import RegionOutcome
from wsconn._run.notifier import Notifier


def test_each_is_told_once_and_futures_come_first() -> None:
    """By the time that a callback hears of an outcome its future has it; the end is told after all."""
    settled = [passed("a"), passed("b")]
    told: list[Any] = []

    def on_outcome(one: RegionOutcome) -> None:
        assert notifier.futures[one.region].result(timeout=0) is one
        told.append(one)

    notifier = Notifier(["b", "a"], lambda: settled, on_outcome, "a test")
    assert notifier.call_at_the_end(lambda: told.append("end"))
    notifier.notify()
    notifier.notify()
    notifier.tell()
    assert told == [*settled, "end"]


def test_who_comes_when_all_has_been_told_is_sent_away() -> None:
    """Only so does who asks know that nobody will call: nothing is promised that is not kept."""
    called: list[bool] = []
    notifier = Notifier([], list, None, "a test")
    notifier.tell()
    assert not notifier.call_at_the_end(lambda: called.append(True))
    assert not called


def test_it_waits_for_news() -> None:
    """On its own thread it sleeps until there is more to tell, and ends after the last."""
    settled: list[RegionOutcome] = []
    notifier = Notifier(["a"], lambda: settled, None, "a test")
    assert not notifier.started()
    notifier.start()
    assert notifier.started()
    assert not notifier.futures["a"].done()
    settled.append(passed("a"))
    notifier.notify()
    assert notifier.futures["a"].result(timeout=20) is settled[0]
    for thread in threading.enumerate():
        if thread.name == "wsconn-notifier":
            thread.join(20)
            assert not thread.is_alive()
