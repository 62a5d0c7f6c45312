"""How outcomes are passed on: once each, in order, and no callback is forgotten."""

from __future__ import annotations

import threading
from typing import Any

from tests.factories import passed
from wsconn._outcome import RegionOutcome
from wsconn._run.notifier import Notifier

THREADS = ("wsconn-futures", "wsconn-notifier")


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name in THREADS]


def test_each_is_notified_once_and_futures_come_first() -> None:
    """When a callback gets an outcome, the region's future has it already; done callbacks come last."""
    settled = [passed("a"), passed("b")]
    calls: list[Any] = []

    def on_outcome(one: RegionOutcome) -> None:
        assert notifier.futures[one.region].result(timeout=0) is one
        calls.append(one)

    notifier = Notifier(["b", "a"], lambda: settled, on_outcome, "a test")
    assert notifier.add_done_callback(lambda: calls.append("end"))
    notifier.notify()
    notifier.notify()
    notifier.run_here()
    assert calls == [*settled, "end"]


def test_a_done_callback_that_comes_too_late_is_refused() -> None:
    """So the caller knows that it has to call by itself."""
    called: list[bool] = []
    notifier = Notifier([], list, None, "a test")
    notifier.run_here()
    assert not notifier.add_done_callback(lambda: called.append(True))
    assert not called


def test_it_waits_for_news() -> None:
    """Its thread, one where there is no `on_outcome`, sleeps until more is published, and ends after the last."""
    settled: list[RegionOutcome] = []
    before = threads()
    notifier = Notifier(["a"], lambda: settled, None, "a test")
    assert threads() == before
    notifier.start()
    (thread,) = set(threads()) - set(before)
    assert not notifier.futures["a"].done()
    settled.append(passed("a"))
    notifier.notify()
    assert notifier.futures["a"].result(timeout=20) is settled[0]
    thread.join(20)
    assert not thread.is_alive()


def test_threads_that_could_not_be_started_are_made_up_for() -> None:
    """What another thread would have done is done here; the thread that runs is left alone."""
    settled = [passed("a")]
    calls: list[str] = []
    notifier = Notifier(["a"], lambda: settled, lambda _: calls.append(threading.current_thread().name), "a test")
    notifier._threads[0].start()
    notifier.notify()
    notifier.run_here()
    assert calls == [threading.current_thread().name]
    notifier._threads[0].join(20)
    assert notifier.futures["a"].result(timeout=0) is settled[0]
