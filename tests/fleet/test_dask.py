"""Checks from each host of a Dask cluster, with a real scheduler and real workers."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import pathlib
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing import resource_tracker

import pytest
from distributed import Client
from tornado.iostream import IOStream

from tests.fleet.clusters import WAIT_SECONDS, Mute, cluster, many_addresses
from wsconn import Discovery, Region, Verdict
from wsconn.fleet import Absence, FleetTest, HostAnswer, check_everywhere, start_everywhere
from wsconn.lab import Lab

pytestmark = many_addresses

HOSTS = ["127.0.1.1", "127.0.1.2", "127.0.1.3"]
WELL, KILLED, STOPPED, WITHOUT = "127.0.2.1", "127.0.2.2", "127.0.2.3", "127.0.2.4"
LEAVE_SECONDS = 20.0
NO_WSCONN = "import sys; sys.modules['wsconn'] = None"


@pytest.fixture(autouse=True)
def nothing_left() -> None:
    """Dask keeps connections for later: what is left is counted when its clusters have ended."""


@pytest.fixture(scope="module", autouse=True)
def _nothing_left_in_the_end() -> Iterator[None]:
    resource_tracker.ensure_running()  # multiprocessing's own, with a descriptor that it keeps
    before = descriptors()
    yield
    deadline = time.monotonic() + LEAVE_SECONDS
    while (left := set(descriptors()) - set(before) - dasks_own()) and time.monotonic() < deadline:
        gc.collect()
        threading.Event().wait(0.1)  # Dask closes on threads of its own, which nobody else can wait for
    assert left == set(), sorted(left)
    assert [thread for thread in threading.enumerate() if thread.name.startswith("wsconn")] == []


def descriptors() -> list[str]:
    found = []
    for entry in pathlib.Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # that which lists them
            found.append(str(entry.readlink()))
    return found


def dasks_own() -> set[str]:
    """Return the sockets of Dask's connections, which its pools keep now and then; nothing of wsconn uses tornado."""
    streams = [found for found in gc.get_objects() if issubclass(type(found), IOStream)]  # a dead proxy has no class
    return {f"socket:[{os.fstat(stream.socket.fileno()).st_ino}]" for stream in streams if not stream.closed()}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """Three hosts, two workers on each, all in this process."""
    with cluster({host: {} for host in HOSTS}, workers=2) as client:
        yield client


@pytest.fixture(scope="module")
def nannies() -> Iterator[Client]:
    """Four hosts, whose workers are processes of their own; one of them has no wsconn."""
    hosts = {host: {} for host in (WELL, KILLED, STOPPED)} | {WITHOUT: {"preload": [NO_WSCONN]}}
    with cluster(hosts, processes=True) as client:
        yield client


def by_host(answers: tuple[HostAnswer, ...]) -> dict[str, HostAnswer]:
    found = {answer.host: answer for answer in answers}
    assert len(found) == len(answers)
    return found


def test_each_host_checks_once(client: Client) -> None:
    """However many workers a host has, one of them checks; the answer names them all."""
    with Mute() as mute:
        answers = check_everywhere(client, mute.regions, timeout=1.5)
        mute.wait_for(3)
        assert not mute.more()
    assert sorted(by_host(answers)) == HOSTS
    assert [len(answer.workers) for answer in answers] == [2, 2, 2]
    assert {answer.result and answer.result.failed_regions for answer in answers} == {("mute",)}


def test_an_answer_has_result_and_report(client: Client, lab: Lab) -> None:
    """Regions of every kind get there, and results come back as they were."""
    lab.add("good")
    lab.add("bad", fault="http-503")
    regions = [Region(name, url, headers={"X-Token": "t"}) for name, url in lab.regions.items()]
    found = Region("found", discovery=Discovery("http://127.0.0.1:9/", "/url"))
    answers = check_everywhere(client, [*regions, found], proxy=None)
    for answer in answers:
        assert answer.result is not None, answer.message
        assert (answer.result.result, answer.result.passed_regions) == (Verdict.WARNING, ("good",))
        assert answer.report is not None
        assert '"schema": 2' in answer.report


def test_an_abort_ends_the_checks(client: Client) -> None:
    """In mid-check every host closes its sockets, and answers with what it has found."""
    with Mute() as mute:
        test = start_everywhere(client, mute.regions, timeout=10 * WAIT_SECONDS)
        mute.wait_for(3)
        assert test.answers == ()
        test.abort()
        mute.wait_for_ends()
        answers = test.result(WAIT_SECONDS)
    assert sorted(by_host(answers)) == HOSTS
    assert {answer.result and answer.result.aborted_regions for answer in answers} == {("mute",)}
    wait_until_forgotten(client)


def test_the_scheduler_keeps_nothing(client: Client, lab: Lab) -> None:
    """The event by which an abort is told is gone when the last host has answered."""
    lab.add("good")
    check_everywhere(client, lab.regions)
    wait_until_forgotten(client)


def wait_until_forgotten(client: Client) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while left := client.run_on_scheduler(events):
        assert time.monotonic() < deadline, left


def events(dask_scheduler) -> list[str]:
    return [name for name in dask_scheduler.extensions["events"]._events if name.startswith("wsconn")]


GO = threading.Event()


def wait_for_go(_: int) -> None:
    assert GO.wait(WAIT_SECONDS)


def test_a_busy_worker_answers(client: Client, lab: Lab) -> None:
    """A check is no task: it does not wait for those that every worker has to do."""
    lab.add("good")
    GO.clear()
    tasks = client.map(wait_for_go, range(6), pure=False)
    try:
        answers = check_everywhere(client, lab.regions)
    finally:
        GO.set()
        client.gather(tasks)
    assert {answer.result and answer.result.result for answer in answers} == {Verdict.PASSED}


def test_dasks_own_executor_runs_tasks(client: Client, lab: Lab) -> None:
    """`Client.get_executor` is an executor like others: its tasks wait for their turn, and are as many as asked for."""
    lab.add("good")
    with client.get_executor() as executor:
        [answer] = check_everywhere(executor, lab.regions, tasks=3)
    assert answer.result is not None, answer.message
    assert answer.result.result is Verdict.PASSED


def test_a_request_is_not_logged(client: Client) -> None:
    """Dask logs the arguments of what raises; a check that cannot begin does not."""
    logger, lines = logging.getLogger("distributed"), Lines()
    level = logger.level
    logger.setLevel(logging.INFO)  # below, Dask logs whatever it sends
    logger.addHandler(lines)
    try:
        secret = Region("a", "ws://127.0.0.1:9/", headers={"Authorization": "S3CRET"}, source="127.0.9.9")
        answers = check_everywhere(client, [secret], timeout=1)
    finally:
        logger.removeHandler(lines)
        logger.setLevel(level)
    assert len(answers) == 3
    assert any("Run out-of-band function" in line for line in lines.told)
    assert not any("S3CRET" in line for line in [*lines.told, repr(answers)])


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))


def test_misuse_is_an_exception(client: Client) -> None:
    """A number of tasks means nothing to a cluster; nor can there be waiting on the client's own loop."""
    regions = {"a": "ws://127.0.0.1:9/"}
    with pytest.raises(ValueError, match="tasks is for executors"):
        start_everywhere(client, regions, tasks=2)

    async def ask() -> None:
        start_everywhere(client, regions)

    with pytest.raises(RuntimeError, match=r"asyncio\.to_thread"):
        client.sync(ask)


def test_a_cluster_without_workers_is_misuse() -> None:
    """It says how to wait for the first of them."""
    with cluster({}) as client, pytest.raises(ValueError, match=r"no workers yet: client\.wait_for_workers"):
        start_everywhere(client, {"a": "ws://127.0.0.1:9/"})


def test_a_client_that_was_closed_is_misuse() -> None:
    """It cannot ask anybody, and says why."""
    with cluster({}) as client:
        pass
    with pytest.raises(RuntimeError, match="client is closed"):
        start_everywhere(client, {"a": "ws://127.0.0.1:9/"})


def test_a_client_that_is_closed_leaves_no_answer() -> None:
    """Whoever waits for the result is not left waiting, and the checks end with the cluster."""
    with Mute() as mute:
        with cluster({"127.0.1.9": {}}) as client:
            test = start_everywhere(client, mute.regions, timeout=10 * WAIT_SECONDS)
            mute.wait_for(1)
        [answer] = test.result(WAIT_SECONDS)
        mute.wait_for_ends()
    assert answer.absence is Absence.LOST


# --- workers in processes of their own -------------------------------------------------------------------------------


def test_a_worker_that_is_killed_is_no_exception(nannies: Client) -> None:
    """Killed in mid-check, its host has no answer; the others do."""
    with Mute() as mute:
        [pid] = nannies.run(os.getpid, workers=workers_on(nannies, KILLED)).values()
        test = start_everywhere(nannies, mute.regions, timeout=10 * WAIT_SECONDS)
        mute.wait_for(3)
        os.kill(pid, signal.SIGKILL)
        wait_for_answer(test, KILLED)
        test.abort()
        answers = by_host(test.result(WAIT_SECONDS))
        mute.wait_for_ends()
    assert answers[KILLED].absence is Absence.LOST
    assert "CommClosedError" in answers[KILLED].message
    assert answers[WELL].result is not None
    nannies.wait_for_workers(4, timeout=WAIT_SECONDS)  # the nanny has started another one


def wait_for_answer(test: FleetTest, host: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while host not in by_host(test.answers):
        assert time.monotonic() < deadline
        with contextlib.suppress(TimeoutError):
            test.result(0.05)


def test_a_worker_that_is_late_is_given_up(nannies: Client, lab: Lab) -> None:
    """One that stands still has no answer when its time is up, and holds up nobody."""
    lab.add("good")
    [pid] = nannies.run(os.getpid, workers=workers_on(nannies, STOPPED)).values()
    os.kill(pid, signal.SIGSTOP)
    try:
        answers = by_host(check_everywhere(nannies, lab.regions, answer_timeout=4))
    finally:
        os.kill(pid, signal.SIGCONT)
    assert (answers[STOPPED].absence, answers[STOPPED].message) == (Absence.TIMEOUT, "no answer within 4 s")
    assert answers[WELL].result is not None
    assert answers[WELL].result.result is Verdict.PASSED


def test_a_worker_without_wsconn_says_so(nannies: Client, lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """Its host has no answer, and the message says what to do; asyncio has nothing to add to it in the log."""
    lab.add("good")
    answer = by_host(check_everywhere(nannies, lab.regions))[WITHOUT]
    assert answer.absence is Absence.NOT_INSTALLED
    assert "install this version on the workers" in answer.message
    wait_until_forgotten(nannies)
    gc.collect()
    assert "never retrieved" not in caplog.text


def workers_on(client: Client, host: str) -> list[str]:
    info = client.sync(client.scheduler.identity, n_workers=-1)
    return [name for name, worker in info["workers"].items() if worker["host"] == host]


def test_an_asynchronous_program_asks_on_a_thread(lab: Lab) -> None:
    """With a client of asyncio's own, the check goes on a thread beside the loop."""
    lab.add("good")

    async def ask(address: str) -> tuple[HostAnswer, ...]:
        async with Client(address, asynchronous=True) as client:
            return await asyncio.to_thread(check_everywhere, client, lab.regions)

    with cluster({"127.0.1.8": {}}) as client:
        [answer] = asyncio.run(ask(client.scheduler.address))
    assert answer.result is not None, answer.message
