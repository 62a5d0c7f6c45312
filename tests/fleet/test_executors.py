"""Checks by way of executors from the standard library: where they run, how they end, and what comes back."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from wsconn import ConnectivityResult, Verdict
from wsconn.fleet import Absence, HostAnswer, check_everywhere, merge, start_everywhere
from wsconn.fleet._engines.executor import Job
from wsconn.lab import Lab
from wsconn.reports import from_json

LONG_SECONDS = 60.0  # nothing here takes as long, unless it hangs
HERE = socket.gethostname()


@pytest.fixture(params=["threads", "processes"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with executor_of(request.param) as executor:
        yield executor


@pytest.fixture(scope="module", autouse=True)
def _process_of_multiprocessings_own() -> None:
    """Have it started before descriptors are counted: multiprocessing keeps one that looks after the others."""
    with executor_of("processes") as executor:
        executor.submit(os.getpid).result()


def executor_of(kind: str) -> Executor:
    if kind == "threads":
        return ThreadPoolExecutor(2, "tests")
    return ProcessPoolExecutor(1, get_context("spawn"))


class Broken(Executor):
    """An executor all of whose tasks end as it was told."""

    def __init__(self, end: object) -> None:
        self._end = end

    def submit(self, fn, /, *args, **kwargs):
        future: Future[object] = Future()
        if isinstance(self._end, BaseException):
            future.set_exception(self._end)
        elif self._end is not None:
            future.set_result(self._end)
        return future


class Unspeakable(Exception):
    """An exception that has no text."""

    def __str__(self) -> str:
        raise RuntimeError


def test_an_executor_checks_once(executor: Executor, lab: Lab) -> None:
    """The answer has the host's name, the result, and the report that was written there."""
    lab.add("good")
    lab.add("bad", fault="http-503")
    [answer] = check_everywhere(executor, lab.regions, proxy=None)
    assert (answer.host, answer.workers, answer.absence, answer.message) == (HERE, (), None, "")
    assert answer.result is not None
    assert answer.result.to_dict() == {
        "result": "warning",
        "passedRegions": ["good"],
        "failedRegions": ["bad"],
        "abortedRegions": [],
    }
    assert answer.report is not None
    assert from_json(answer.report) == answer.result
    assert "wsconn" in json.loads(answer.report)["machine"]


def test_a_host_has_one_answer(lab: Lab) -> None:
    """Where two tasks ran on one host, one of them is kept."""
    lab.add("good")
    with executor_of("threads") as executor:
        assert len(check_everywhere(executor, lab.regions, proxy=None, tasks=2)) == 1


def test_all_arguments_get_there(executor: Executor, lab: Lab) -> None:
    """Regions with all that they may have, and the arguments of `start`, mean there what they mean here."""
    lab.add("wanted", fault="origin-wanted")
    lab.add("swallowed", fault="swallowed-frames")
    [answer] = check_everywhere(
        executor,
        lab.regions,
        timeout=20,
        total_timeout=30,
        verify_frames=False,
        proxy=None,
        headers={"X-Token": "t"},
        subprotocols=["a", "b"],
        origin="https://app.example.org",
    )
    assert result_of(answer).passed_regions == ("wanted", "swallowed")


def test_an_abort_in_this_process_ends_the_check(lab: Lab) -> None:
    """Threads learn of it: the check ends with what it has found, and its sockets are closed."""
    lab.add("mute", fault="mute")
    with executor_of("threads") as executor:
        test = start_everywhere(executor, lab.regions, timeout=LONG_SECONDS, proxy=None)
        with pytest.raises(TimeoutError, match=r"after 0\.05 s"):
            test.result(0.05)
        test.abort()
        test.abort()
        [answer] = test.result(LONG_SECONDS)
    assert result_of(answer).result is Verdict.ABORTED
    assert test.done()
    assert test.result() == (answer,)


def test_what_has_not_begun_never_does(lab: Lab) -> None:
    """Tasks that wait for a place are cancelled by an abort, and say so."""
    lab.add("good")
    hold = threading.Event()
    with ThreadPoolExecutor(1, "tests") as executor:
        executor.submit(hold.wait)
        with start_everywhere(executor, lab.regions, proxy=None) as test:
            assert not test.done()
            assert repr(test) == "<FleetTest 0 of 1 answered>"
        hold.set()
    [answer] = test.answers
    assert (answer.host, answer.result, answer.absence) == ("task 1", None, Absence.ABORTED)


def test_a_copy_in_another_process_runs_on(lab: Lab) -> None:
    """No executor can tell another process of an abort: the check ends by itself, and counts if that is soon enough."""
    lab.add("mute", fault="mute")
    with executor_of("processes") as executor:
        executor.submit(os.getpid).result()
        test = start_everywhere(executor, lab.regions, timeout=1, proxy=None)
        with pytest.raises(TimeoutError):
            test.result(0.3)
        with test:
            test.abort()
        [answer] = test.answers
    assert answer.absence is Absence.ABORTED or result_of(answer).failed_regions == ("mute",)


def test_a_process_that_dies_is_no_exception(lab: Lab) -> None:
    """Its host has no answer, and the message has what the executor says."""
    lab.add("mute", fault="mute")
    with executor_of("processes") as executor:
        [process] = processes(executor)
        test = start_everywhere(executor, lab.regions, timeout=LONG_SECONDS, proxy=None)
        process.kill()
        [answer] = test.result(LONG_SECONDS)
    assert answer.absence is Absence.LOST
    assert "BrokenProcessPool" in answer.message


def test_a_host_that_is_late_is_given_up(lab: Lab) -> None:
    """Time is up when `answer_timeout` says so; what has been answered by then is there."""
    lab.add("good")
    test = start_everywhere(Broken(None), lab.regions, answer_timeout=0.05)
    [answer] = test.result(LONG_SECONDS)
    assert (answer.host, answer.absence, answer.message) == ("task 1", Absence.TIMEOUT, "no answer within 0.05 s")
    test.abort()
    assert test.answers == (answer,)


@pytest.mark.parametrize(
    ("end", "absence", "said"),
    [
        (ConnectionResetError(104, "reset by peer"), Absence.LOST, "reset by peer"),
        (KeyError("x\x1b[31m"), Absence.ERROR, "KeyError: 'x\\x1b[31m'"),
        (SystemExit(3), Absence.ERROR, "SystemExit: 3"),
        (KeyboardInterrupt(), Absence.ERROR, "KeyboardInterrupt"),
        (Unspeakable(), Absence.ERROR, "Unspeakable"),
        (b"\x00", Absence.UNREADABLE, "expected a text"),
        ("[" * 100_000, Absence.UNREADABLE, "RecursionError"),
        ("[]", Absence.UNREADABLE, "expected a JSON object"),
        ('{"host": 7, "report": ""}', Absence.UNREADABLE, "TypeError"),
        ('{"host": ["a"], "report": ""}', Absence.UNREADABLE, "TypeError"),
        ('{"host": "a", "error": [1]}', Absence.UNREADABLE, "TypeError"),
        ('{"host": "a"}', Absence.UNREADABLE, "'report'"),
        ('{"host": "a", "report": "{}"}', Absence.UNREADABLE, "it names no schema"),
        ('{"host": "a", "report": "{\\"schema\\": 99}"}', Absence.UNREADABLE, "a newer wsconn may be able to read it"),
        ('{"host": "a", "report": "{\\"schema\\": 2}"}', Absence.UNREADABLE, "outcomes: is missing"),
        ('{"host": "a", "error": "TypeError: no \\u001b[31m"}', Absence.ERROR, "TypeError: no \\x1b[31m"),
    ],
    ids=[
        *("reset", "raised", "exit", "interrupt", "no-text", "bytes", "deep", "list", "host", "host-list"),
        *("error-list", "no-report", "no-schema", "newer", "no-key", "refused"),
    ],
)
def test_whatever_comes_back_is_an_answer(end: object, absence: Absence, said: str, lab: Lab) -> None:
    """An exception, another version's report, rubbish: a host without a result, with the reason, and nothing raised."""
    lab.add("good")
    [answer] = check_everywhere(Broken(end), lab.regions)
    assert (answer.result, answer.report, answer.absence) == (None, None, absence)
    assert said in answer.message


def test_answers_make_one_report(lab: Lab) -> None:
    """`merge` takes them as they are: a host without a result is left out, with its reason."""
    lab.add("good")
    with executor_of("threads") as executor:
        answers = check_everywhere(executor, lab.regions, proxy=None)
    late = HostAnswer(host="10.0.0.9", absence=Absence.TIMEOUT, message="no answer within 20 s")
    report = merge([*answers, late])
    assert (report.regions, [host.reports for host in report.hosts]) == (("good",), [1])
    assert [(one.place, one.why) for one in report.left_out] == [("10.0.0.9", "no answer within 20 s")]


def result_of(answer: HostAnswer) -> ConnectivityResult:
    assert answer.result is not None, answer.message
    return answer.result


def processes(executor: Executor):
    executor.submit(os.getpid).result()
    return list(executor._processes.values())


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"client": 7}, TypeError, "client must be a distributed.Client or a concurrent.futures.Executor, not 7"),
        ({"regions": {}}, ValueError, "regions must hold at least one region"),
        ({"timeout": 0}, ValueError, "timeout must be more than 0"),
        ({"total_timeout": True}, TypeError, "total_timeout must be a number"),
        ({"answer_timeout": float("nan")}, ValueError, "answer_timeout must be more than 0"),
        ({"verify_frames": 1}, TypeError, "verify_frames must be True or False"),
        ({"proxy": "ftp://x"}, ValueError, "proxy 'ftp://x' cannot be used"),
        ({"headers": {"Host": "x"}}, ValueError, "headers: 'Host' is wsconn's own to send"),
        ({"subprotocols": "a"}, TypeError, "subprotocols must"),
        ({"origin": "a\n"}, ValueError, "origin"),
        ({"tasks": 0}, ValueError, "tasks must be from 1 to 100000, not 0"),
        ({"tasks": True}, TypeError, "tasks must be an int or None"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_misuse_is_an_exception(arguments: dict[str, object], error: type[Exception], said: str) -> None:
    """A bad argument raises before anything is sent, with the argument's name and value."""
    given = {"client": Broken(None), "regions": {"a": "ws://127.0.0.1:9/"}, **arguments}
    with pytest.raises(error, match=re.escape(said)):
        start_everywhere(given.pop("client"), given.pop("regions"), **given)


def test_what_was_begun_ends_where_the_rest_cannot_begin() -> None:
    """An executor that takes one task and no other leaves none that nobody waits for."""
    first: Future[object] = Future()
    answers = iter([first])

    class Ending(Executor):
        def submit(self, fn, /, *args, **kwargs):
            if (future := next(answers, None)) is None:
                raise RuntimeError("cannot schedule new futures after shutdown")
            return future

    with pytest.raises(RuntimeError, match="after shutdown"):
        start_everywhere(Ending(), {"a": "ws://127.0.0.1:9/"}, tasks=2)
    assert first.cancelled()


def test_an_executor_that_was_shut_down_is_misuse() -> None:
    """What `submit` raises is raised on."""
    executor = executor_of("threads")
    executor.shutdown()
    with pytest.raises(RuntimeError, match="after shutdown"):
        start_everywhere(executor, {"a": "ws://127.0.0.1:9/"})


def test_an_argument_that_a_host_does_not_know(lab: Lab) -> None:
    """Where a host's wsconn is older than who asks, its error comes back, with its words."""
    lab.add("good")
    job = Job(json.dumps({"regions": [{"name": "a", "url": "ws://127.0.0.1:9/"}], "settings": {"newer": 1}}))
    [answer] = check_everywhere(Broken(job()), lab.regions)
    assert (answer.absence, answer.host) == (Absence.ERROR, HERE)
    assert "unexpected keyword argument 'newer'" in answer.message
