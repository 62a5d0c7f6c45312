"""A debugger's run: what it gives back, in what time, and how it is aborted."""

from __future__ import annotations

import os
import pathlib
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import attrs
import pytest

import wsconn
from tests.engine import start_in
from tests.processes import posix, run
from tests.stuck import until
from wsconn import Conclusion, DebugReport, DebugTest, Experiment, Status, Verdict
from wsconn._debug.records import Certainty, HoldEnd
from wsconn.lab import Lab

SLACK_SECONDS = 2.0  # of a machine that others use too
ROOT = pathlib.Path(wsconn.__file__).parents[1]


def debugged(lab: Lab, regions: Mapping[str, str] | None = None, *, timeout: float = 1.0, **more: bool) -> DebugTest:
    """Start a run as `wsconn.start_debug` does, with the lab's names."""
    check = start_in(lab, regions, timeout=timeout)
    return DebugTest(check, *check._under_test(), timeout=timeout, **more)


def named(lab: Lab, urls: Mapping[str, str]) -> dict[str, str]:
    """Give each region a host of its own, as regions have."""
    for name in urls:
        lab.name(f"{name}.lab.invalid", ["127.0.0.1"])
    return {name: url.replace("127.0.0.1", f"{name}.lab.invalid") for name, url in urls.items()}


def test_a_failed_region_is_looked_into(lab: Lab) -> None:
    """The one that wants an Origin is found out, with a region that passed as the control; that one is left alone."""
    urls = named(lab, {"eu": lab.add("eu", fault="origin-wanted"), "us": lab.add("us")})
    with debugged(lab, urls) as run:
        report = run.result(30)
    assert report.result.failed_regions == ("eu",)
    (found,) = report.conclusions
    assert (found.region, found.suspect, found.certainty) == ("eu", "origin", Certainty.SHOWN)
    assert {"with_origin", "again"} <= set(found.experiments)
    assert {experiment.name for experiment in report.of("eu")} >= {"again", "plain_get", "with_origin"}
    assert [(one.name, one.is_control) for one in report.of("us")] == [("plain_get", True)]
    assert not report.aborted
    assert report.holds == ()


@pytest.mark.promise(9)
def test_a_subprotocol_that_carries_a_token_is_not_told(lab: Lab) -> None:
    """Names that were offered are tried one by one, and a variant is told by its name: a long one is a secret."""
    token = "bearer.s3cret." + 30 * "x"
    url = lab.add("eu", fault="http-403")
    report = wsconn.debug({"eu": url}, proxy=None, timeout=1.0, subprotocols=["chat.v2", token])
    assert [one.variant for one in report.experiments if one.name == "subprotocol"] == ["chat.v2"]
    assert "s3cret" not in repr(report)


def test_a_fault_of_ours_in_the_conclusions_keeps_the_rest(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for the report gets it, with the experiments, and the fault is logged."""
    monkeypatch.setattr("wsconn._debug.handle.conclude", lambda *_: 1 / 0)
    with debugged(lab, {"eu": lab.add("eu", fault="http-403")}) as run:
        report = run.result(30)
    assert report.experiments
    assert report.conclusions == ()


def test_nothing_is_made_where_all_pass(lab: Lab) -> None:
    """Without a failure there is nothing to look into."""
    lab.add("eu")
    with debugged(lab) as run:
        report = run.result(30)
    assert (report.result.result, report.experiments, report.conclusions) == (Verdict.PASSED, (), ())


def test_all_regions(lab: Lab) -> None:
    """When asked to, it makes the experiments with frames on those that passed too, and claims nothing of them."""
    lab.add("eu")
    with debugged(lab, all_regions=True) as run:
        report = run.result(30)
    made = {experiment.name: experiment for experiment in report.experiments}
    assert set(made) == {"many_pings", "many_pings_in_small_segments", "large_up", "close_at_once", "other_scheme"}
    assert made["many_pings"].status is Status.PASSED
    assert made["many_pings"].round_trip is not None
    assert made["large_up"].status is made["close_at_once"].status is Status.PASSED
    assert report.conclusions == ()


def test_one_region_for_each_kind_of_failure(lab: Lab) -> None:
    """Regions that fail alike are told with the one that is looked into; another kind has its own."""
    for name in ("a", "b", "c"):
        lab.add(name, fault="http-503")
    lab.add("d", fault="reset")
    with debugged(lab) as run:
        report = run.result(30)
    assert [(found.region, found.like_it) for found in report.conclusions] == [("a", ("b", "c")), ("d", ())]
    assert {experiment.region for experiment in report.experiments} == {"a", "d"}


def test_twenty_five_regions_with_five_failures_take_three_timeouts(lab: Lab) -> None:
    """The whole of it is bounded, though each failure is one of silence."""
    for number in range(20):
        lab.add(f"good-{number}")
    for fault in ("black-hole", "mute", "swallowed-frames", "hanging-name", "stalled-status"):
        lab.add(fault, fault=fault)
    began = time.monotonic()
    with debugged(lab, timeout=2.0) as run:
        report = run.result(30)
    assert time.monotonic() - began < 3 * 2.0 + SLACK_SECONDS
    assert report.duration < 3 * 2.0 + SLACK_SECONDS
    assert sum(1 + len(found.like_it) for found in report.conclusions) == 5
    assert not [found for found in report.conclusions if found.suspect == "no_way_out"]  # twenty get out
    assert all(experiment.seconds < 2.0 + SLACK_SECONDS for experiment in report.experiments)


def test_the_report_pickles_and_compares(lab: Lab) -> None:
    """What came back from pickle is equal, to the last experiment."""
    lab.add("eu", fault="http-403")
    with debugged(lab) as run:
        report = run.result(30)
    again = pickle.loads(pickle.dumps(report))
    assert again == report
    assert again is not report
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        report.duration = 0.0  # type: ignore[misc]  # that is the point


def test_everybody_gets_the_same_report(lab: Lab) -> None:
    """`result` gives one object, to all threads and at all times."""
    lab.add("eu", fault="http-403")
    with debugged(lab) as run:
        found: list[DebugReport] = []
        threads = [threading.Thread(target=lambda: found.append(run.result(30))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(one is run.result() for one in found)
    assert run.done()
    assert not run.running()


def test_experiments_are_told_as_they_end(lab: Lab) -> None:
    """`as_completed` yields each once, and all that the report has."""
    lab.add("eu", fault="http-403")
    with debugged(lab) as run:
        told = list(run.as_completed(30))
        assert sorted(told, key=lambda one: one.began) == list(run.result().experiments)
        assert list(run.as_completed()) != []


def test_waiting_has_a_bound(lab: Lab) -> None:
    """`result` and `as_completed` raise after so many seconds, and the run goes on."""
    lab.add("eu", fault="mute")
    with debugged(lab, timeout=5.0) as run:
        with pytest.raises(TimeoutError):
            run.result(0.05)
        with pytest.raises(TimeoutError):
            list(run.as_completed(0.05))
        assert run.running()


@contextmanager
def amid_experiments(lab: Lab) -> Iterator[DebugTest]:
    """Give a run whose check is over, and whose experiments hang."""
    lab.add("mute", fault="mute")
    lab.add("quick", fault="http-403")
    with debugged(lab, timeout=1.5) as run:
        run.check.result(30)
        assert until(lambda: len(run.experiments) > 3)
        yield run


def test_abort_is_immediate(lab: Lab) -> None:
    """Amid the experiments an abort gives what there is at once, and releases every thread and socket."""
    with amid_experiments(lab) as run:
        began = time.monotonic()
        run.abort()
        report = run.result(0)
        assert time.monotonic() - began < 2.5
        assert report.aborted
        assert run.aborted()
        assert report.experiments
        assert report.result.failed_regions == ("mute", "quick")
        run.abort()
        assert run.result() is report


def test_abort_amid_the_check(lab: Lab) -> None:
    """Before there is anything to look into, the check's own abort is what is told."""
    lab.add("eu", fault="mute")
    with debugged(lab, timeout=20.0) as run:
        run.abort()
        report = run.result(0)
    assert report.result.aborted_regions == ("eu",)
    assert (report.experiments, report.conclusions, report.aborted) == ((), (), True)


def test_an_abort_of_the_check_is_one_of_the_run(lab: Lab) -> None:
    """Who aborts the check by its own handle wants no experiments."""
    lab.add("quick", fault="http-403")
    lab.add("eu", fault="mute")
    with debugged(lab, timeout=20.0) as run:
        assert until(lambda: bool(run.check.outcomes))
        run.check.abort()
        report = run.result(5)
    assert (report.experiments, report.aborted) == ((), True)


def test_done_callbacks(lab: Lab) -> None:
    """They are called with the handle, on a thread of the run, and at once where it is over."""
    lab.add("eu", fault="http-403")
    called: list[tuple[DebugTest, str]] = []
    with debugged(lab) as run:
        run.add_done_callback(lambda handle: called.append((handle, threading.current_thread().name)))
        run.add_done_callback(lambda _: 1 / 0)
        run.result(30)
    run.add_done_callback(lambda handle: called.append((handle, threading.current_thread().name)))
    assert [handle for handle, _ in called] == [run, run]
    assert called[0][1] == "wsconn-debug"
    assert called[1][1] == threading.current_thread().name


def test_discovery_is_looked_into(lab: Lab) -> None:
    """A region whose endpoint fails is looked into where that failed."""
    endpoint = lab.add("endpoint", fault="http-503").replace("ws://", "http://")
    region = wsconn.Region("eu", discovery=wsconn.Discovery(endpoint, "/wssUri"))
    report = wsconn.debug([region], timeout=1, proxy=None)
    (found,) = report.conclusions
    assert found.suspect is None
    assert {experiment.name for experiment in report.experiments} == {"again"}
    assert all(experiment.status is Status.FAILED for experiment in report.experiments)


def test_hold(lab: Lab) -> None:
    """Connections to what passed are held open beside the experiments, and what ended them is told."""
    lab.add("eu")
    report = wsconn.debug(lab.regions, timeout=2, hold=0.5, proxy=None)
    assert [(hold.region, hold.kept_alive, hold.ended_by) for hold in report.holds] == [
        ("eu", False, HoldEnd.HELD),
        ("eu", True, HoldEnd.HELD),
    ]


def test_an_abort_ends_holds(lab: Lab) -> None:
    """A hold of minutes ends with the run."""
    lab.add("eu")
    with wsconn.start_debug(lab.regions, timeout=2, hold=600, proxy=None) as run:
        run.check.result(30)
        assert until(lambda: run._hold_abort is not None)
        began = time.monotonic()
    assert time.monotonic() - began < SLACK_SECONDS
    assert run.result().aborted


@pytest.mark.parametrize(("argument", "value"), [("hold", 0), ("hold", float("nan")), ("hold", 90_000)])
def test_bad_seconds(argument: str, value: float) -> None:
    """A span that makes no sense is refused before anything begins."""
    with pytest.raises(ValueError, match=argument):
        wsconn.start_debug({"eu": "ws://127.0.0.1:9/"}, hold=value)


def test_bad_types() -> None:
    """So is what is no number, or no truth value."""
    with pytest.raises(TypeError, match="hold"):
        wsconn.start_debug({"eu": "ws://127.0.0.1:9/"}, hold=True)
    with pytest.raises(TypeError, match="all_regions"):
        wsconn.start_debug({"eu": "ws://127.0.0.1:9/"}, all_regions=1)  # type: ignore[arg-type]  # that is the point


def test_the_process_can_exit(lab: Lab) -> None:
    """After an abort amid the experiments the interpreter ends at once."""
    url = lab.add("eu", fault="mute")
    program = (
        "import sys, time, wsconn\n"
        "run = wsconn.start_debug({'eu': sys.argv[1]}, timeout=1, hold=60, proxy=None)\n"
        "run.check.result(); next(iter(run.as_completed())); run.abort(); print(time.time())\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, url],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert time.time() - float(done.stdout) < SLACK_SECONDS
    assert done.stderr == ""


FORKED = """
    import os, signal, sys, threading, time, wsconn
    threading.Thread(target=lambda: wsconn.debug).start()
    while "wsconn._debug_api" not in sys.modules:
        time.sleep(0.0001)
    child = os.fork()
    if not child:
        signal.alarm(20)
        sys.exit(0 if callable(wsconn.debug) else 1)
    print(os.waitpid(child, 0)[1])
"""


@pytest.mark.promise(3)
@posix
def test_a_child_that_is_forked_while_it_loads_can_load_it_too() -> None:
    """An import that another thread of the parent had begun would be locked in the child for good."""
    assert run(FORKED, options=())[0] == "0"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # fork in a threaded process is tested
def test_a_fork_does_not_wait_for_it(lab: Lab) -> None:
    """A forked child has none of the threads: it is told so, may abort its copy, and leaves the parent's run alone."""
    lab.add("eu", fault="mute")
    with debugged(lab, timeout=1.0) as run:
        child = os.fork()
        if child == 0:
            try:
                run.result(5)
            except RuntimeError:
                run.abort()
                os._exit(0 if run.result(0).aborted else 2)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert not run.result(30).aborted


def test_a_repr_shows_the_state(lab: Lab) -> None:
    """What a person debugs with, and no secret."""
    url = lab.add("eu", fault="http-403")
    with wsconn.start_debug({"eu": f"{url}?token=S3CRET"}, headers={"Authorization": "S3CRET"}, timeout=1) as run:
        report = run.result(30)
        assert repr(run).startswith("<DebugTest done")
        assert "S3CRET" not in repr(run) + repr(report)


def test_records_are_hashable(lab: Lab) -> None:
    """Experiments and conclusions can be put into sets."""
    lab.add("eu", fault="http-403")
    report = wsconn.debug(lab.regions, timeout=1, proxy=None)
    experiments: set[Experiment] = set(report.experiments)
    conclusions: set[Conclusion] = set(report.conclusions)
    assert len(experiments) == len(report.experiments)
    assert len(conclusions) == 1
