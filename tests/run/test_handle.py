"""The handle: what a user of `concurrent.futures` expects, and what the contract adds."""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import logging
import pathlib
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

import wsconn
from tests.engine import StandIn, start_in
from tests.factories import passed
from tests.processes import posix, run
from tests.stuck import add_stuck, stuck_at, until
from wsconn import ConnectivityTest, Region, RegionOutcome, Status, Verdict, load_regions
from wsconn._region_files import RegionSource
from wsconn._regions import to_regions
from wsconn._run.settlement import Settlement
from wsconn.lab import Lab, faults


@pytest.fixture
def mixed(lab: Lab) -> Lab:
    """Three regions that settle one after the other."""
    lab.add("slow", latency=0.2)
    lab.add("fast")
    lab.add("refused", fault=faults.REFUSED)
    return lab


@pytest.mark.parametrize(
    "wait",
    [ConnectivityTest.result, lambda test, span: next(test.as_completed(span))],
    ids=["result", "as_completed"],
)
def test_a_span_to_wait_is_checked(lab: Lab, wait: Callable[[ConnectivityTest, Any], object]) -> None:
    """What is no number of seconds is a `TypeError` that names the argument, before and after the end."""
    lab.add("eu")
    with start_in(lab) as test:
        for _ in ("before", "after"):
            with pytest.raises(TypeError, match="timeout must be a number of seconds or None, not 'x'"):
                wait(test, "x")
            test.result()


def test_a_result_has_everything(mixed: Lab) -> None:
    """Lists are in input order, the verdict is the rule's, and every caller gets the same object."""
    test = start_in(mixed)
    result = test.result(timeout=20)
    assert result is test.result()
    assert result.to_dict() == {
        "result": "warning",
        "passedRegions": ["slow", "fast"],
        "failedRegions": ["refused"],
        "abortedRegions": [],
    }
    assert test.outcomes == result.outcomes
    assert (test.done(), test.running(), test.aborted()) == (True, False, False)
    fastest = result.fastest()
    assert fastest is not None
    assert fastest.region == "fast"
    assert result.started_at.tzinfo is not None
    assert result.duration >= result.outcome("slow").duration > 0.2


def test_outcomes_say_when_they_began(lab: Lab) -> None:
    """A region's time is that of its own beginning, one behind another's where only one may be under way."""
    lab.add("first", latency=0.3)
    lab.add("second")
    before = time.time()
    first, second = start_in(lab, max_workers=1).result(timeout=20).outcomes
    assert first.started_at is not None
    assert second.started_at is not None
    assert before <= first.started_at < first.started_at + 0.2 < second.started_at <= time.time()


def test_what_never_began_has_no_time(lab: Lab) -> None:
    """A region whose turn never came says so with `None`, and one that was aborted under way has its time."""
    add_stuck(lab, "upgrade", 2)
    with start_in(lab, timeout=30, max_workers=1) as test:
        first = test._settlement.recorders["upgrade-0"]
        assert until(lambda: str(first.stage) == "upgrade")
        test.abort()
        under_way, never_begun = test.result(timeout=20).outcomes
    assert under_way.started_at is not None
    assert never_begun.started_at is None


def test_result_times_out_and_the_test_goes_on(lab: Lab) -> None:
    """`result(timeout)` raises the builtin TimeoutError; a later call gets the result."""
    lab.add("region", latency=0.3)
    test = start_in(lab)
    with pytest.raises(TimeoutError, match=r"0\.01"):
        test.result(timeout=0.01)
    with pytest.raises(TimeoutError):
        test.result(timeout=0)
    assert test.running()
    assert test.result(timeout=20).result is Verdict.PASSED


def test_result_times_out_off_the_main_thread(lab: Lab) -> None:
    """On any thread a timeout is kept."""
    add_stuck(lab, "upgrade", 1)
    seen: list[type] = []

    def ask() -> None:
        try:
            test.result(timeout=0.05)
        except TimeoutError as error:
            seen.append(type(error))

    with start_in(lab, timeout=30) as test:
        asker = threading.Thread(target=ask)
        asker.start()
        asker.join(10)
    assert seen == [TimeoutError]


def test_as_completed_yields_in_the_order_of_settling(mixed: Lab) -> None:
    """The slow region comes last, and a second iteration sees the same."""
    test = start_in(mixed)
    names = [outcome.region for outcome in test.as_completed()]
    assert names[-1] == "slow"
    assert test.done()
    assert [outcome.region for outcome in test.as_completed()] == names


def test_the_last_outcome_finds_the_test_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """The result is there before the last outcome is published, however long it takes to make."""
    end = Settlement._end

    def end_slowly(settlement: Settlement) -> None:
        time.sleep(0.05)
        end(settlement)

    monkeypatch.setattr(Settlement, "_end", end_slowly)
    test = ConnectivityTest(to_regions({"a": "ws://a.example/"}), StandIn(lambda *_: passed("a")), timeout=20)
    done: list[bool] = []
    test.futures["a"].add_done_callback(lambda _: done.append(test.done()))
    assert [test.done() for _ in test.as_completed(timeout=20)] == [True]
    assert until(lambda: done == [True])


def test_as_completed_times_out(lab: Lab) -> None:
    """The timeout counts from the first outcome that was asked for."""
    lab.add("fast")
    add_stuck(lab, "upgrade", 1)
    with start_in(lab, timeout=30) as test:
        seen = []
        with pytest.raises(TimeoutError, match=r"after 0\.5 s"):
            seen.extend(outcome.region for outcome in test.as_completed(timeout=0.5))
        assert seen == ["fast"]
        with pytest.raises(TimeoutError):
            list(test.as_completed(timeout=0))


def test_outcomes_have_what_has_settled(lab: Lab) -> None:
    """While regions are under way `outcomes` has the others, in input order."""
    add_stuck(lab, "upgrade", 1)
    lab.add("a", fault=faults.REFUSED)
    lab.add("b", fault=faults.REFUSED)
    with start_in(lab, timeout=30) as test:
        assert until(lambda: len(test.outcomes) == 2)
        assert [outcome.region for outcome in test.outcomes] == ["a", "b"]
        assert "2 of 3 settled, running" in repr(test)


SECRET = "?token=S3CRET"
ASKED = {
    "the catalogue": ("daily", "gs.daily.co"),
    "one host": ({"a": f"wss://a.example/x{SECRET}", "b": f"wss://a.example:8443/y{SECRET}"}, "a.example"),
    "IPv6": ({"a": "ws://[2001:db8::1]:80/"}, "2001:db8::1"),
    "three": ({name: f"wss://{name}.example/{SECRET}" for name in "abc"}, "a.example, b.example, c.example"),
    "five": ({name: f"wss://{name}.example/" for name in "abcde"}, "a.example, b.example, c.example and 2 more"),
    "alternates": ([wsconn.Region("a", "wss://a.example/", alternates=["wss://b.example/"])], "a.example"),
}


@pytest.mark.parametrize(("regions", "hosts"), ASKED.values(), ids=ASKED.keys())
def test_a_handle_shows_whom_it_asks(regions: RegionSource, hosts: str) -> None:
    """Its `repr` names the first hosts, each once, whether a region has a URL or a discovery, and keeps queries out."""
    known, loaded = threading.Event(), load_regions(regions)

    def probe(region: Region, *_: object) -> RegionOutcome:
        known.wait(20)
        return passed(region.name)

    test = ConnectivityTest(loaded, StandIn(probe), timeout=20)
    assert repr(test) == f"<ConnectivityTest 0 of {len(loaded)} settled, running; asks {hosts}>"
    known.set()
    test.result(timeout=20)
    assert repr(test) == f"<ConnectivityTest {len(loaded)} of {len(loaded)} settled, passed; asked {hosts}>"


def test_abort_keeps_what_had_settled(lab: Lab) -> None:
    """A region that had passed stays passed; the verdict is aborted whatever the others did."""
    asked = threading.Event()

    def mute(sock: socket.socket) -> None:
        sock.recv(1)
        asked.set()
        faults.MUTE.serve(sock)

    lab.add("fast")
    lab.add("upgrade-0", fault=mute)
    test = start_in(lab, timeout=30)
    assert until(lambda: len(test.outcomes) == 1)
    assert asked.wait(20)
    test.abort()
    test.abort()
    result = test.result(timeout=0)
    assert (result.passed_regions, result.aborted_regions) == (("fast",), ("upgrade-0",))
    assert result.result is Verdict.ABORTED
    assert test.aborted()
    assert next(test.as_completed(timeout=20)).region == "fast"
    aborted = result.outcome("upgrade-0")
    assert aborted.address is not None
    assert aborted.timings.upgrade is not None
    assert aborted.duration > 0


def test_abort_after_the_end_does_nothing(mixed: Lab) -> None:
    """A test that is done stays as it is."""
    test = start_in(mixed)
    before = test.result(timeout=20)
    test.abort()
    assert test.result() is before
    assert not test.aborted()


def test_leaving_the_block_aborts_and_waits(lab: Lab) -> None:
    """After `with`, nothing of the test is left."""
    add_stuck(lab, "upgrade", 5)
    with start_in(lab, timeout=60) as test:
        assert until(lambda: stuck_at(test, "upgrade"))
    assert test.result(timeout=0).result is Verdict.ABORTED
    assert not [t for t in threading.enumerate() if t.name.startswith(("wsconn-region", "wsconn-supervisor"))]


def test_futures_are_the_tests_own(mixed: Lab) -> None:
    """They work with `concurrent.futures.wait`, cannot be cancelled, and hold outcomes and never exceptions."""
    test = start_in(mixed)
    assert list(test.futures) == ["slow", "fast", "refused"]
    assert not any(future.cancel() for future in test.futures.values())
    done, pending = concurrent.futures.wait(test.futures.values(), timeout=20)
    assert not pending
    assert {future.result().region for future in done} == {"slow", "fast", "refused"}
    assert test.futures["refused"].result().status is Status.FAILED
    assert test.futures["refused"].exception() is None
    with pytest.raises(TypeError):
        test.futures["new"] = test.futures["fast"]  # type: ignore[index]  # read-only is what is tested


def test_futures_of_an_aborted_test_hold_aborted_outcomes(lab: Lab) -> None:
    """An abort resolves the futures, too."""
    add_stuck(lab, "upgrade", 3)
    test = start_in(lab, timeout=30)
    test.abort()
    statuses = [future.result(timeout=20).status for future in test.futures.values()]
    assert statuses == [Status.ABORTED] * 3


def test_futures_in_asyncio(mixed: Lab) -> None:
    """`asyncio.wrap_future` makes them awaitable."""
    test = start_in(mixed)

    async def gather() -> list[RegionOutcome]:
        return await asyncio.gather(*(asyncio.wrap_future(future) for future in test.futures.values()))

    assert [outcome.region for outcome in asyncio.run(gather())] == ["slow", "fast", "refused"]


def test_callbacks_run_on_one_thread_of_the_test(mixed: Lab) -> None:
    """One at a time, in the order of settling, with the outcome in the handle, the done callbacks last."""
    called: queue.SimpleQueue[tuple[str, str, bool]] = queue.SimpleQueue()
    tests: list[ConnectivityTest] = []
    known = threading.Event()

    def on_outcome(outcome: RegionOutcome) -> None:
        known.wait(10)
        called.put((threading.current_thread().name, outcome.region, outcome in tests[0].outcomes))

    test = start_in(mixed, on_outcome=on_outcome)
    tests.append(test)
    test.add_done_callback(lambda test: called.put((threading.current_thread().name, "done", test.done())))
    known.set()
    calls = [called.get(timeout=20) for _ in range(4)]
    order = [outcome.region for outcome in test.as_completed()]
    assert [name for _, name, _ in calls] == [*order, "done"]
    assert {thread for thread, _, _ in calls} == {"wsconn-notifier"}
    assert all(known for _, _, known in calls)


def test_a_callback_that_hangs_delays_no_future(mixed: Lab) -> None:
    """While `on_outcome` does not return, the futures resolve, and run their own callbacks."""
    release, called = threading.Event(), queue.SimpleQueue[str]()
    test = start_in(mixed, on_outcome=lambda _: release.wait(60))
    try:
        for future in test.futures.values():
            future.add_done_callback(lambda future: called.put(future.result().region))
        assert [future.result(timeout=20).region for future in test.futures.values()] == ["slow", "fast", "refused"]
        assert {called.get(timeout=20) for _ in range(3)} == {"slow", "fast", "refused"}
    finally:
        release.set()


def test_done_callbacks_come_after_all_futures(mixed: Lab) -> None:
    """Where there is no `on_outcome`, one thread does both; a done callback that hangs finds every future resolved."""
    release, resolved = threading.Event(), queue.SimpleQueue[list[bool]]()
    test = start_in(mixed)

    def hang(test: ConnectivityTest) -> None:
        resolved.put([future.done() for future in test.futures.values()])
        release.wait(60)

    test.add_done_callback(hang)
    try:
        assert resolved.get(timeout=20) == [True] * 3
    finally:
        release.set()


def test_a_slow_callback_delays_only_later_ones(mixed: Lab) -> None:
    """Result, abort and `with` do not wait for callbacks."""
    release = threading.Event()
    began = time.monotonic()
    with start_in(mixed, on_outcome=lambda _: release.wait(30)) as test:
        assert test.result(timeout=20).result is Verdict.WARNING
    assert time.monotonic() - began < 10
    release.set()


def test_what_callbacks_raise_is_logged_and_stops_nothing(mixed: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """Even SystemExit in a callback leaves the later ones to be called."""
    called = threading.Event()

    def broken(_outcome: RegionOutcome) -> None:
        raise SystemExit("enough")

    caplog.set_level(logging.ERROR, "wsconn")
    test = start_in(mixed, on_outcome=broken)
    test.futures["fast"].add_done_callback(lambda _: 1 / 0)
    test.add_done_callback(lambda _: [][1])
    test.add_done_callback(lambda _: called.set())
    assert called.wait(20)
    assert test.result().result is Verdict.WARNING
    assert caplog.text.count("SystemExit: enough") == 3
    assert "IndexError" in caplog.text


def test_a_done_callback_added_to_a_finished_test_runs_at_once(mixed: Lab) -> None:
    """As with `Future`: in the thread that adds it."""
    test = start_in(mixed)
    test.result(timeout=20)
    called: list[tuple[str, ConnectivityTest]] = []
    test.add_done_callback(lambda test: called.append((threading.current_thread().name, test)))
    assert called == [(threading.current_thread().name, test)]


def test_abort_from_a_callback(lab: Lab) -> None:
    """A callback may abort the test that calls it."""
    lab.add("fast")
    add_stuck(lab, "upgrade", 3)
    handle: queue.SimpleQueue[ConnectivityTest] = queue.SimpleQueue()
    test = start_in(lab, timeout=30, on_outcome=lambda o: handle.get().abort() if o.region == "fast" else None)
    handle.put(test)
    assert test.result(timeout=20).aborted_regions == ("upgrade-0", "upgrade-1", "upgrade-2")


def test_max_workers_bounds_how_many_run(lab: Lab) -> None:
    """With one worker regions run in turn; all of them do."""
    for name in "abc":
        lab.add(name, latency=0.05)
    test = start_in(lab, max_workers=1)
    assert len([t for t in threading.enumerate() if t.name.startswith("wsconn-region")]) <= 1
    assert [outcome.region for outcome in test.as_completed(timeout=30)] == ["a", "b", "c"]


def test_start_returns_soon(lab: Lab) -> None:
    """`start` does not wait for its regions: it has 100 ms at 128, and a busy machine is forgiven."""
    url = lab.add("region", fault=faults.MUTE)
    began = time.monotonic()
    test = wsconn.start({str(number): url for number in range(128)}, timeout=30)
    assert time.monotonic() - began < 5
    with test:
        assert len(test.futures) == 128


def test_many_threads_start_tests_at_once(lab: Lab) -> None:
    """Nothing is shared that two tests could break."""
    lab.add("a")
    lab.add("b", fault=faults.REFUSED)
    results: list[str] = []
    threads = [
        threading.Thread(target=lambda: results.append(start_in(lab).result(timeout=30).result)) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == ["warning"] * 16


def test_a_region_stands_where_its_outcome_says(lab: Lab) -> None:
    """The state that a region ends in is that of its outcome."""
    lab.add("healthy")
    lab.add("refused", fault=faults.REFUSED)
    lab.add("mute", fault=faults.MUTE)
    test = start_in(lab, timeout=30)
    assert until(lambda: len(test.outcomes) == 2)
    test.abort()
    statuses = {outcome.region: str(outcome.status) for outcome in test.result(timeout=20).outcomes}
    assert statuses == {"healthy": "passed", "refused": "failed", "mute": "aborted"}
    assert {name: str(region.state) for name, region in test._settlement.states.items()} == statuses


def test_128_regions_are_tested_at_once(lab: Lab) -> None:
    """Without `max_workers` there are as many threads as regions, up to 128."""
    url = lab.add("mute", fault=faults.MUTE)

    def at_once() -> int:
        return sum(thread.name.startswith("wsconn-region") for thread in threading.enumerate())

    with wsconn.start({str(number): url for number in range(130)}, timeout=30, proxy=None):
        assert until(lambda: at_once() == 128)
        assert at_once() == 128


def test_a_dropped_handle_changes_nothing(lab: Lab) -> None:
    """The test runs on, and its callbacks come."""
    lab.add("region", latency=0.1)
    called = threading.Event()
    start_in(lab, on_outcome=lambda _: called.set())
    assert called.wait(20)


FORKED = """
    import os, sys, time, warnings, wsconn
    warnings.simplefilter("ignore", DeprecationWarning)  # fork in a threaded process is what is tested
    test = wsconn.start({str(i): sys.argv[1] for i in range(5)}, timeout=30)
    time.sleep(0.3)
    child = os.fork()
    if child == 0:
        try:
            test.result(timeout=1)
        except RuntimeError as error:
            assert "forked" in str(error)
        test.abort()
        assert test.result(timeout=1).result == "aborted"
        other = wsconn.check({"again": sys.argv[2]}, timeout=10)
        os._exit(0 if other.result == "passed" else 1)
    _, status = os.waitpid(child, 0)
    print("child", os.waitstatus_to_exitcode(status))
    print("parent", test.running())
    with test:
        pass
    print("parent", test.result().result)
"""


@posix
@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs fork")
def test_a_forked_child_aborts_its_own_copy_alone(lab: Lab) -> None:
    """A child that aborts does not wake the parent's workers, and can start tests of its own."""
    stuck, healthy = lab.add("stuck", fault=faults.MUTE), lab.add("healthy")
    assert run(FORKED, stuck, healthy)[:-1] == ["child 0", "parent True", "parent aborted"]


INTERRUPTED_AT_RANDOM = """
    import os, queue, random, signal, sys, threading, time, wsconn
    rng = random.Random(int(sys.argv[2]))
    regions = {str(i): sys.argv[1] for i in range(30)}
    lost = []
    sys.unraisablehook = lost.append  # CPython loses what is raised in the callback of a weak reference, Ctrl-C too
    wsconn.start(regions).abort()
    go = queue.SimpleQueue()  # not earlier: in the midst of a thread's start Ctrl-C makes a RuntimeError of CPython's
    def strike():
        go.get()
        time.sleep(rng.uniform(0, 0.02))
        os.kill(os.getpid(), signal.SIGINT)
    threading.Thread(target=strike).start()
    try:
        go.put(None)
        wsconn.check(regions, timeout=5)
        print("interrupted" if lost else "nothing came")
    except KeyboardInterrupt:
        print("interrupted")
"""


@posix
@pytest.mark.parametrize("seed", range(6))
def test_ctrl_c_in_the_midst_of_start(lab: Lab, seed: int) -> None:
    """Wherever Ctrl-C strikes, no thread is left that keeps the process from ending."""
    url = lab.add("region", fault=faults.MUTE)
    # Without the strict options: between a call that makes sockets and the name they get, nobody can close them.
    said, _ = run(INTERRUPTED_AT_RANDOM, url, str(seed), timeout=15, options=())
    assert said == "interrupted"


INTERRUPTED_IN_THE_START_OF_A_THREAD = """
    import sys, threading, wsconn
    begin = threading.Thread.start
    def start(thread):
        begin(thread)
        if thread.name == sys.argv[2]:
            try:
                raise KeyboardInterrupt
            finally:
                raise RuntimeError("release unlocked lock")
    threading.Thread.start = start
    try:
        wsconn.start_debug({"region": sys.argv[1]}, timeout=20, on_outcome=lambda outcome: None)  # else no futures
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize("thread", ["wsconn-import", "wsconn-futures", "wsconn-supervisor", "wsconn-debug"])
def test_ctrl_c_in_the_start_of_a_thread(lab: Lab, thread: str) -> None:
    """CPython without the GIL may make a RuntimeError of it: that is not taken for a thread that cannot be had."""
    url = lab.add("region", fault=faults.MUTE)
    said, _ = run(INTERRUPTED_IN_THE_START_OF_A_THREAD, url, thread, timeout=15)
    assert said == "interrupted"


AFTER_THE_MESSAGE = ("settlement.py", "state.py", "notifier.py")  # what `abort()` runs once the supervisor has it


class Interrupted(dict[str, RegionOutcome]):
    """What has settled; the first attempt to add to it meets Ctrl-C."""

    struck = False

    def setdefault(self, key: str, default: RegionOutcome) -> RegionOutcome:  # type: ignore[override]  # as it is used
        if not self.struck:
            self.struck = True
            raise KeyboardInterrupt
        return super().setdefault(key, default)


def test_ctrl_c_inside_an_abort(lab: Lab) -> None:
    """What a second Ctrl-C leaves undone, the supervisor does: nothing hangs, and every future is resolved."""
    add_stuck(lab, "upgrade", 5)
    test = start_in(lab, timeout=60)
    assert until(lambda: stuck_at(test, "upgrade"))
    test._settlement._settled = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        test.abort()
    assert len(test.result(timeout=20).aborted_regions) == 5
    assert [future.result(timeout=20).status for future in test.futures.values()] == [Status.ABORTED] * 5


def test_ctrl_c_at_any_line_of_an_abort(lab: Lab) -> None:
    """Once the supervisor knows of an abort, it completes it, wherever the thread that began it was interrupted."""
    add_stuck(lab, "upgrade", 2)
    for line in itertools.count():
        test = start_in(lab, timeout=60)
        sys.settrace(interrupting_at(line))
        try:
            test.abort()
        except KeyboardInterrupt:
            pass
        else:
            break
        finally:
            sys.settrace(None)
        assert test.result(timeout=20).result is Verdict.ABORTED
        assert {future.result(timeout=20).status for future in test.futures.values()} == {Status.ABORTED}
    assert line > 20


def interrupting_at(line: int) -> Callable[[FrameType, str, object], Any]:
    """Return a trace function that raises Ctrl-C at a line, counted from when `abort()` has notified the supervisor."""
    left = [line]

    def trace(frame: FrameType, event: str, _: object) -> Any:
        code = frame.f_code
        if pathlib.Path(code.co_filename).parent.name != "_run" or code.co_name == "result":
            return None
        if event == "line" and code.co_filename.endswith(AFTER_THE_MESSAGE):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
        return trace

    return trace


class Broken(logging.Handler):
    """A program's own log handler with a fault."""

    def emit(self, record: logging.LogRecord) -> None:
        raise RuntimeError(f"cannot log {record.name}")


def test_a_broken_log_handler_loses_nothing(lab: Lab) -> None:
    """What logging raises neither loses a region nor ends the thread that runs callbacks."""
    lab.add("region")
    called = threading.Event()
    handler = Broken()
    logging.getLogger("wsconn").addHandler(handler)
    try:
        broken = ConnectivityTest(to_regions({"a": "ws://a.example/"}), StandIn(lambda *_: 1 / 0), timeout=1.0)
        assert broken.result(timeout=20).failed_regions == ("a",)
        test = start_in(lab, on_outcome=lambda _: 1 / 0)
        test.add_done_callback(lambda _: called.set())
        assert called.wait(20)
        assert test.futures["region"].result(timeout=20).status is Status.PASSED
    finally:
        logging.getLogger("wsconn").removeHandler(handler)


def test_a_fault_in_the_recorder_loses_no_region() -> None:
    """Where even the words for a fault cannot be made, the region fails with constants."""

    def probe(_region: object, _scope: object, recorder: object) -> RegionOutcome:
        del recorder._way  # type: ignore[attr-defined]  # a Recorder, which needs them for every outcome
        raise ZeroDivisionError

    test = ConnectivityTest(to_regions({"a": "ws://a.example/"}), StandIn(probe), timeout=1.0)
    (outcome,) = test.result(timeout=20).outcomes
    assert outcome.failure is not None
    assert outcome.failure.cause == "internal_error"
    assert "ZeroDivisionError" in outcome.failure.message


ENDED_BY_A_SIGNAL = """
    import os, signal, sys, threading, wsconn
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
    wsconn.check({"a": sys.argv[1]}, timeout=60, proxy=None)
"""


@posix
def test_check_that_is_left_aborts_its_test(lab: Lab) -> None:
    """When the wait in `check` ends early, nothing else holds the handle: the process ends at once."""
    url = lab.add("region", fault=faults.MUTE)
    began = time.monotonic()
    run(ENDED_BY_A_SIGNAL, url)
    assert time.monotonic() - began < 20
