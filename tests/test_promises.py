"""The ten promises of the contract, each held by the tests that name it.

Margins are ten times what is promised, since the machines are shared; the figures belong in the benchmarks.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import pathlib
import pickle
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time

import attrs
import pytest
import trustme

import wsconn
from tests.engine import echo_server, full_queue, only, probe_with, start_in
from tests.processes import posix, run
from tests.stuck import STUCK, add_stuck, in_each_stage, reached, stuck_at, until
from wsconn import Cause, ConnectivityTest, RegionOutcome, Stage, Status, Verdict
from wsconn._deadline import Deadline
from wsconn._io.abort import Abort, CancelScope
from wsconn._io.background import Lazy
from wsconn._io.stream import BUDGET_BYTES, LimitExceeded, Stream
from wsconn._probe.trust import Trust
from wsconn._regions import to_regions
from wsconn._stages.resolve import BOTH, Lookups
from wsconn.lab import Fault, Lab, faults

promise = pytest.mark.promise


# --- 1: bounded ------------------------------------------------------------------------------------------------------

ENDLESS = {
    "a byte at a time": faults.SLOW_STATUS,
    "slow headers": faults.SLOW_HEADERS,
    "endless headers": faults.ENDLESS_HEADERS,
    "an endless line": faults.ENDLESS_LINE,
    "an endless body": faults.ENDLESS_BODY,
    "a stalled body": faults.STALLED_BODY,
    "an endless frame": faults.ENDLESS_FRAME,
    "a stalled frame": faults.STALLED_FRAME,
    **{f"silence in {stage}": fault for stage, fault in STUCK.items()},
}


@promise(1)
@pytest.mark.parametrize("fault", ENDLESS.values(), ids=ENDLESS.keys())
def test_no_peer_holds_a_region_beyond_its_timeout(lab: Lab, fault: Fault) -> None:
    """Whatever a peer does or leaves undone, the outcome is there at the timeout."""
    lab.add("region", fault=fault, tls=fault is faults.SILENT_TLS)
    assert only(start_in(lab, timeout=0.5)).duration < 0.5 + 2.5


@promise(1)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 on its loopback")
def test_dead_addresses_share_the_deadline(lab: Lab) -> None:
    """Each address is tried within the region's one deadline: timeouts are not added up."""
    port = free_port()
    dead = [f"127.0.0.{number}" for number in range(2, 6)]
    with contextlib.ExitStack() as stack:
        for host in dead:
            stack.enter_context(full_queue(host, port))
        lab.name("dead.lab.invalid", dead)
        outcome = only(start_in(lab, {"region": f"ws://dead.lab.invalid:{port}/"}, timeout=1.5))
    assert outcome.failure is not None
    assert outcome.failure.cause is Cause.TIMEOUT
    assert [attempt.address for attempt in outcome.attempts] == [f"{host}:{port}" for host in dead]
    assert outcome.duration < 1.5 + 2.5


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@promise(1)
def test_total_timeout_bounds_those_that_never_began(lab: Lab) -> None:
    """At the total timeout unfinished regions have failed, and one whose turn never came says so."""
    add_stuck(lab, "upgrade", 3)
    result = start_in(lab, max_workers=1, total_timeout=0.5).result(timeout=20)
    assert result.failed_regions == tuple(lab.regions)
    assert result.duration < 0.5 + 2.5
    first, *rest = result.outcomes
    assert first.failure is not None
    assert first.failure.stage is Stage.UPGRADE
    for outcome in rest:
        assert outcome.failure is not None
        assert (outcome.failure.stage, outcome.failure.cause) == (Stage.RESOLVE, Cause.TIMEOUT)
        assert "not begun" in outcome.failure.message
        assert "total_timeout" in outcome.failure.advice
        assert not outcome.attempts


@promise(1)
def test_a_region_that_never_began_is_no_fault_of_its_discovery(lab: Lab) -> None:
    """Nobody was asked for its URL, so nobody answered otherwise than expected."""
    silent, asked = lab.add("silent", fault=faults.MUTE), lab.add("asked").replace("ws", "http", 1)
    late = wsconn.Region("late", discovery=wsconn.Discovery(asked, "/a"), alternates=[silent])
    regions = [wsconn.Region("first", silent), late]
    test = wsconn.start(regions, timeout=30, total_timeout=0.5, max_workers=1, proxy=None)
    outcome = test.result(timeout=20).outcome("late")
    assert outcome.failure
    assert (outcome.failure.stage, outcome.failure.cause) == (Stage.RESOLVE, Cause.TIMEOUT)
    assert outcome.failure.advice.startswith("Give the whole test more time")
    assert not outcome.attempts


@promise(1)
def test_a_silent_first_url_leaves_time_for_its_alternates(lab: Lab) -> None:
    """Each URL has an equal share of what is left."""
    silent, healthy = lab.add("silent", fault=faults.MUTE), lab.add("healthy")
    region = wsconn.Region("region", silent, alternates=[healthy])
    outcome = only(wsconn.start([region], timeout=1.0))
    assert outcome.status is Status.PASSED
    assert outcome.url == healthy
    assert [(attempt.url, attempt.cause) for attempt in outcome.attempts] == [(silent, Cause.TIMEOUT), (healthy, None)]
    assert 0.4 < outcome.duration < 3


@promise(1)
@pytest.mark.parametrize("fault", [faults.STALLED_STATUS, faults.STALLED_BODY], ids=["status", "body"])
def test_a_refusal_that_stalls_costs_neither_the_status_nor_the_deadline(lab: Lab, fault: Fault) -> None:
    """Once the status says no, what else should come is not waited for until the deadline."""
    lab.add("region", fault=fault)
    outcome = only(start_in(lab, timeout=25))
    assert outcome.http_status == 403
    assert outcome.duration < 12


@promise(1)
def test_the_look_at_a_certificate_is_short() -> None:
    """Whose certificate it was is worth a second, and not the time that the region has left."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA(organization_name="Nobody").issue_cert("127.0.0.1").configure_cert(context)
    silent: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True):
            pass
        with contextlib.suppress(OSError):
            while True:
                silent.append(listener.accept()[0])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve)
        serving.start()
        url = f"wss://127.0.0.1:{listener.getsockname()[1]}/"
        outcome = only(wsconn.start({"region": url}, timeout=25, proxy=None))
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        serving.join(10)
    for sock in silent:
        sock.close()
    assert outcome.failure is not None
    assert outcome.failure.cause is Cause.TLS_UNTRUSTED
    assert outcome.duration < 12
    assert outcome.timings.tls is not None
    assert outcome.timings.tls < 0.9


@promise(1)
def test_a_stream_stops_at_its_budget() -> None:
    """A peer that never ends its line is read up to the budget and no further."""
    ours, theirs = socket.socketpair()
    abort = Abort()
    stream = Stream(ours, CancelScope(Deadline.after(20), abort))

    def flood() -> None:
        with contextlib.suppress(OSError):
            while True:
                theirs.sendall(b"x" * 65536)

    flooding = threading.Thread(target=flood)
    flooding.start()
    with pytest.raises(LimitExceeded):
        stream.read_line(1 << 30)
    assert len(stream._buffer) == BUDGET_BYTES == 256 * 1024
    stream.close()
    flooding.join(10)
    theirs.close()
    abort.close()


def test_lines_may_be_empty() -> None:
    """A line feed at the very beginning of what has come is a line, and nobody waits for more."""
    abort, (ours, theirs) = Abort(), socket.socketpair()
    stream = Stream(ours, CancelScope(Deadline.after(20), abort))
    theirs.sendall(b"a\n\nb\n")
    assert [stream.read_line(100) for _ in range(3)] == [b"a\n", b"\n", b"b\n"]
    stream.close()
    theirs.close()
    abort.close()


def test_a_line_has_an_end() -> None:
    """A line that is longer than it may be is not waited for, though the budget is far from spent."""
    abort, (ours, theirs) = Abort(), socket.socketpair()
    stream = Stream(ours, CancelScope(Deadline.after(20), abort))
    theirs.sendall(b"x" * 5000)
    with pytest.raises(LimitExceeded):
        stream.read_line(4096)
    stream.close()
    theirs.close()
    abort.close()


HELD = """
    import sys, tracemalloc, wsconn
    healthy, *endless = sys.argv[1:]
    wsconn.check({"warm": healthy})
    tracemalloc.start()
    for url in endless:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        wsconn.check({"region": url}, timeout=2)
        print(tracemalloc.get_traced_memory()[1] - before)
"""


@promise(1)
def test_a_peer_cannot_fill_the_memory(lab: Lab) -> None:
    """Seen from outside, an endless answer costs no more than the budget and the test's own objects."""
    healthy = lab.add("healthy")
    kinds = (faults.ENDLESS_HEADERS, faults.ENDLESS_LINE, faults.ENDLESS_BODY, faults.ENDLESS_FRAME, faults.HUGE_FRAME)
    urls = [lab.add(fault.name, fault=fault) for fault in kinds]
    held = [int(line) for line in run(HELD, healthy, *urls)[:-1]]
    assert len(held) == len(kinds)
    assert max(held) < 1024 * 1024, held


# --- 2: abort is immediate -------------------------------------------------------------------------------------------


@promise(2)
@in_each_stage
def test_abort_ends_every_stage(lab: Lab, stage: str) -> None:
    """In each stage an abort is answered at once, and workers and sockets are gone soon after."""
    add_stuck(lab, stage, 25)
    test = start_in(lab, timeout=60)
    assert until(lambda: stuck_at(test, stage))
    began = time.monotonic()
    test.abort()
    result = test.result(timeout=0)
    assert time.monotonic() - began < 2.5
    assert result.result is Verdict.ABORTED
    assert result.aborted_regions == tuple(lab.regions)
    for outcome in result.outcomes:
        assert outcome.failure is None
        assert getattr(outcome.timings, stage) is not None
    assert until(lambda: not workers(), 2.5)
    test.__exit__()


@promise(2)
def test_an_abort_counts_the_stage_under_way_alone(lab: Lab) -> None:
    """What waits for something of this machine's own is in no stage; what discovery does is all in that."""
    ready = threading.Event()

    def load() -> ssl.SSLContext:
        ready.wait(20)
        return ssl.create_default_context()

    made = probe_with(Lookups(lab.getaddrinfo))
    probe = attrs.evolve(made, route=attrs.evolve(made.route, trust=Trust(Lazy(load, "wsconn-trust"))))
    regions = to_regions({"region": lab.add("silent", tls=True, fault=faults.MUTE)})
    with ConnectivityTest(regions, probe, timeout=20) as test:
        assert until(lambda: reached(test, "tls"))
        test.abort()
        ready.set()
    (outcome,) = test.result().outcomes
    assert outcome.timings.connect is not None
    assert outcome.timings.tls is None

    endpoint = lab.add("endpoint", fault=faults.MUTE).replace("ws", "http", 1)
    with wsconn.start([wsconn.Region("a", discovery=wsconn.Discovery(endpoint, "/a"))], proxy=None) as test:
        assert until(lambda: stuck_at(test, "discovery"))
        time.sleep(0.2)
    (outcome,) = test.result().outcomes
    assert outcome.timings.discovery is not None
    assert outcome.timings.discovery > 0.15


def workers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("wsconn-region")]


@promise(2)
def test_abort_wakes_every_thread_that_waits(lab: Lab) -> None:
    """Threads that wait for the result, or iterate, have it at once."""
    add_stuck(lab, "upgrade", 10)
    test = start_in(lab, timeout=60)
    seen: list[object] = []
    waiters = [threading.Thread(target=lambda: seen.append(test.result())) for _ in range(5)]
    waiters += [threading.Thread(target=lambda: seen.append(list(test.as_completed()))) for _ in range(5)]
    for waiter in waiters:
        waiter.start()
    assert until(lambda: stuck_at(test, "upgrade"))
    began = time.monotonic()
    test.abort()
    for waiter in waiters:
        waiter.join(10)
    assert time.monotonic() - began < 2.5
    assert sum(entry is test.result() for entry in seen) == 5
    assert [len(entry) for entry in seen if isinstance(entry, list)] == [10] * 5


@promise(2)
def test_abort_right_after_start_wins(lab: Lab) -> None:
    """Workers that have not begun never do."""
    lab.add("region", latency=0.2)
    for _ in range(20):
        test = start_in(lab)
        test.abort()
        assert test.result(timeout=0).aborted_regions == ("region",)


SIGNALLED = """
    import os, signal, sys, threading, time, wsconn
    handle = wsconn.start({str(i): sys.argv[1] for i in range(25)}, timeout=60)
    took = []

    def on_signal(*_):
        began = time.monotonic()
        handle.abort()
        assert handle.done() and handle.result(timeout=0).result == "aborted"
        took.append((began, time.monotonic()))

    signal.signal(signal.SIGUSR1, on_signal)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    result = handle.result() if sys.argv[2] == "result" else list(handle.as_completed())
    back = time.monotonic()
    print(back - took[0][0], took[0][1] - took[0][0])
"""


@promise(2)
@posix
@pytest.mark.parametrize("waiting_in", ["result", "as_completed"])
def test_abort_from_a_signal_handler(lab: Lab, waiting_in: str) -> None:
    """A handler may abort whatever the main thread is waiting for, and reads the result at once."""
    url = lab.add("region", fault=faults.MUTE)
    (took, *_), _ = run(SIGNALLED, url, waiting_in)[0].split(), None
    assert float(took) < 2.5


INTERRUPTED = """
    import _thread, os, signal, sys, threading, time, wsconn
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    try:
        if sys.argv[2] == "check":
            wsconn.check({str(i): sys.argv[1] for i in range(25)}, timeout=60)
        else:
            handle = wsconn.start({str(i): sys.argv[1] for i in range(25)}, timeout=60)
            for outcome in handle.as_completed():
                pass
    except KeyboardInterrupt:
        print(time.monotonic() - began)
"""


@promise(2)
@posix
@pytest.mark.parametrize("waiting_in", ["check", "as_completed"])
def test_ctrl_c_aborts_the_test(lab: Lab, waiting_in: str) -> None:
    """Ctrl-C in `check`, or while iterating, aborts the test and is raised on; the process ends."""
    url = lab.add("region", fault=faults.MUTE)
    took, _ = run(INTERRUPTED, url, waiting_in)
    assert 0.4 < float(took) < 3


# --- 3: the process can exit -----------------------------------------------------------------------------------------

ENDING = """
    import sys, threading, time, wsconn
    from tests.engine import start_in
    from wsconn.lab import Lab
    lab = Lab()
    lab.add("region", fault=sys.argv[1], tls=sys.argv[1] == "silent-tls")
    handle = start_in(lab, timeout=60)
    time.sleep(0.3)
    if sys.argv[2] == "abort":
        handle.abort()
    else:
        handle.__exit__()
    print(time.monotonic())
"""


@promise(3)
@in_each_stage
@pytest.mark.parametrize("how", ["abort", "with"])
def test_the_process_ends_after_an_abort(stage: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an abort, or after leaving `with`, the interpreter exits, even while a name lookup hangs."""
    monkeypatch.setenv("PYTHONPATH", str(pathlib.Path(__file__).parents[1]))
    before, ended = run(ENDING, STUCK[stage].name, how)
    assert float(ended) - float(before) < 5


ENDS_AT_ONCE = """
    import socket, threading, wsconn
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"wss://127.0.0.1:{free.getsockname()[1]}/"
        for _ in range(3):
            with wsconn.start({"a": nobody}, proxy=None, timeout=20):
                pass
            names = [thread.name for thread in threading.enumerate()]
            print([name for name in names if name != "wsconn-futures"])  # leaving the block does not wait for callbacks
        assert wsconn.check({"a": nobody}, proxy=None, timeout=20).outcomes[0].failure.cause == "refused"
"""


@promise(3)
@promise(10)
@pytest.mark.parametrize("time", range(12))
def test_the_process_ends_while_root_certificates_load(time: int) -> None:
    """A test may be over before they are there: leaving its block waits for them, and so does the process' end.

    With a daemon thread that loads them, one process in four ended by a signal.
    """
    assert run(ENDS_AT_ONCE)[:-1] == ["['MainThread']"] * 3


AT_THE_END = """
    import atexit, os, signal, sys, threading, wsconn
    nobody = {"a": "wss://127.0.0.1:9/"}
    if sys.argv[1] == "atexit":
        atexit.register(lambda: wsconn.check(nobody, proxy=None, timeout=20))
    else:
        handle = wsconn.start(nobody, proxy=None, timeout=20)
        handle.result()
        threading.Timer(float(sys.argv[2]), os.kill, (os.getpid(), signal.SIGINT)).start()
"""


@promise(3)
@posix
@pytest.mark.parametrize("how", ["atexit", "Ctrl-C"])
def test_the_process_ends_well_even_so(how: str) -> None:
    """Neither a test in the last moment nor Ctrl-C in the midst of the end meets a load that nobody waits for."""
    for number in range(10):
        command = [sys.executable, "-c", textwrap.dedent(AT_THE_END), how, str(number * 0.002)]
        ended = subprocess.run(command, capture_output=True, timeout=60, check=False).returncode
        assert ended in ((0,) if how == "atexit" else (0, 1, 120, -signal.SIGINT)), (number, ended)


STORE_THAT_HANGS = """
    import os, sys, tempfile, time, wsconn
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SSL_CERT_FILE"] = os.path.join(folder, "roots.pem")
        os.mkfifo(os.environ["SSL_CERT_FILE"])
        began = time.monotonic()
        with wsconn.start({"a": sys.argv[1]}, proxy=None, timeout=0.5) as test:
            test.result()
        print(time.monotonic() - began)
"""


@promise(3)
@posix
def test_root_certificates_that_never_come_hold_nobody(lab: Lab) -> None:
    """They may lie on a file system that hangs: leaving the block waits for a second, and the process' end too."""
    left, _ = run(STORE_THAT_HANGS, lab.add("region", tls=True))
    assert 1 < float(left) < 20, "the store does not hang"


FORKED = """
    import os, sys, threading, time, wsconn
    threading.Thread(target=wsconn.start, args=[{"a": sys.argv[1]}], kwargs={"proxy": None, "timeout": 20}).start()
    while sys.argv[2] not in sys.modules:
        time.sleep(0.0005)
    child = os.fork()
    result = wsconn.check({"b": sys.argv[1]}, proxy=None, timeout=20).result
    if child:
        print(result, os.waitpid(child, 0)[1])
    else:
        sys.exit(0 if result == "passed" else 1)
"""


@promise(3)
@posix
@pytest.mark.parametrize("module", ["websocket", "wsconn._arguments"], ids=["the library", "the engine"])
def test_a_child_that_is_forked_while_it_loads_can_load_it_too(module: str, lab: Lab) -> None:
    """An import that another thread of the parent had begun would be locked in the child for good."""
    assert run(FORKED, lab.add("region"), module, options=())[0] == "passed 0"


FORKED_AMID_EXECUTORS = """
    import os, sys, threading, wsconn
    begun, forking = threading.Event(), threading.Event()
    def meet(event, arguments):
        if event == "import" and arguments[0] == "concurrent.futures.thread":
            begun.set()
            forking.wait(20)
    sys.addaudithook(meet)
    threading.Thread(target=wsconn.start, args=[{"a": sys.argv[1]}], kwargs={"proxy": None, "timeout": 20}).start()
    begun.wait(20)
    os.register_at_fork(before=forking.set)  # by then the fork has listed what is to be done before it
    child = os.fork()
    if not child:
        os._exit(0)
    print(os.waitpid(child, 0)[1])
"""


@promise(3)
@posix
def test_a_fork_while_executors_load_says_nothing(lab: Lab) -> None:
    """It must not release the lock that their module adds meanwhile to those that a fork holds."""
    assert run(FORKED_AMID_EXECUTORS, lab.add("region"), options=())[0] == "0"


LEFT_ALONE = """
    import sys, time, wsconn
    def slow(outcome):
        time.sleep(0.3)
        print(outcome.region, outcome.status, flush=True)
    wsconn.start({str(i): url for i, url in enumerate(sys.argv[1:])}, timeout=3, on_outcome=slow)
    print("end of script", flush=True)
"""


@promise(3)
def test_a_script_that_just_ends_waits_for_the_deadline_and_tells_all(lab: Lab) -> None:
    """Without `result` or `abort` the process ends at the test's own deadline, and the last outcome is still told."""
    urls = [lab.add("mute", fault=faults.MUTE), lab.add("healthy"), lab.add("refused", fault=faults.REFUSED)]
    urls.append(urls[1].replace("127.0.0.1", "localhost"))  # CPython 3.12.1 refuses the threads that look it up
    began = time.monotonic()
    first, *told, ended = run(LEFT_ALONE, *urls)
    assert first == "end of script"
    assert sorted(told) == ["0 failed", "1 passed", "2 failed", "3 passed"]
    assert float(ended) - began < 3 + 10


MANY_LEFT_ALONE = """
    import sys, wsconn
    regions = {str(i): f"{sys.argv[1]}{i}" for i in range(60)}
    most = int(sys.argv[2])
    wsconn.start(regions, timeout=20, max_workers=most, proxy=None, on_outcome=lambda outcome: print(outcome.status))
"""


@promise(3)
@pytest.mark.parametrize("workers", [60, 20])
def test_a_script_may_end_while_the_workers_are_being_started(lab: Lab, workers: int) -> None:
    """The interpreter takes no more work for executors then; all regions are tested at once nonetheless."""
    url = lab.add("far", latency=0.5)  # two round trips
    began = time.monotonic()
    *told, ended = run(MANY_LEFT_ALONE, url, str(workers))
    assert told == ["passed"] * 60
    assert float(ended) - began < 30  # one after the other: 60 s


# --- 4: no evidence, no pass -----------------------------------------------------------------------------------------


@promise(4)
def test_redirects_are_never_followed(lab: Lab) -> None:
    """A redirect to a healthy server is a failure, and nobody knocks there."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.3)
        target = f"ws://127.0.0.1:{trap.getsockname()[1]}/"
        lab.add("region", fault=faults.redirect(target))
        outcome = only(start_in(lab))
        with pytest.raises(TimeoutError):
            trap.accept()
    assert outcome.failure is not None
    assert outcome.failure.cause is Cause.REDIRECTED
    assert outcome.http_status == 302


@promise(4)
@pytest.mark.parametrize(
    "fault",
    [
        faults.WRONG_ACCEPT,
        faults.WRONG_CASE_ACCEPT,
        faults.MISSING_ACCEPT,
        faults.HTTP_1_0,
        faults.TRUNCATED,
        faults.SWALLOWED_FRAMES,
        faults.http_status(200),
    ],
    ids=lambda fault: fault.name,
)
def test_without_proof_there_is_no_pass(lab: Lab, fault: Fault) -> None:
    """Neither a 101 that proves nothing nor a WebSocket through which nothing comes back is a pass."""
    lab.add("region", fault=fault)
    assert only(start_in(lab, timeout=0.5)).status is Status.FAILED


@promise(4)
@pytest.mark.parametrize("fault", [faults.close(4001, reason="log in first"), faults.greeting(), None], ids=str)
def test_any_valid_frame_is_proof(lab: Lab, fault: Fault | None) -> None:
    """A pong, a greeting and a Close prove alike that frames pass."""
    lab.add("region", fault=fault)
    outcome = only(start_in(lab))
    assert outcome.status is Status.PASSED
    assert outcome.http_status == 101
    if fault is None:
        assert outcome.round_trip is not None
    if fault and fault.name.startswith("close"):
        assert (outcome.close_code, outcome.close_reason) == (4001, "log in first")


@promise(4)
def test_without_frames_an_open_socket_is_a_pass(lab: Lab) -> None:
    """`verify_frames=False` is daily-js' rule."""
    lab.add("region", fault=faults.SWALLOWED_FRAMES)
    outcome = only(wsconn.start(lab.regions, timeout=5, verify_frames=False))
    assert outcome.status is Status.PASSED
    assert outcome.timings.frames is None


# --- 5: settled once -------------------------------------------------------------------------------------------------


@promise(5)
def test_abort_against_completion(lab: Lab) -> None:
    """Many threads abort at random moments while regions finish: each region settles once, and all readers agree."""
    for number in range(12):
        lab.add(str(number), fault=(None, faults.REFUSED, faults.http_status(403), faults.MUTE)[number % 4])
    rng = random.Random(1)
    for _ in range(40):
        told: list[RegionOutcome] = []
        test = start_in(lab, on_outcome=told.append)
        delays = [rng.uniform(0, 0.06) for _ in range(6)]
        aborters = [threading.Timer(delay, test.abort) for delay in delays]
        seen: list[object] = []
        readers = [
            threading.Thread(target=lambda test=test, seen=seen: seen.append(test.result(timeout=30))) for _ in range(3)
        ]
        for thread in (*aborters, *readers):
            thread.start()
        in_order = list(test.as_completed(timeout=30))
        for thread in (*aborters, *readers):
            thread.join(30)
        result = test.result(timeout=0)
        assert all(entry is result for entry in seen)
        assert {outcome.region: outcome for outcome in in_order} == {o.region: o for o in result.outcomes}
        assert len(in_order) == 12
        futures = {name: future.result(timeout=30) for name, future in test.futures.items()}
        assert futures == {outcome.region: outcome for outcome in result.outcomes}
        assert until(lambda told=told: len(told) == 12)
        assert told == in_order


@promise(5)
def test_a_late_answer_is_dropped(lab: Lab) -> None:
    """What a worker brings after an abort changes nothing."""
    lab.add("region", latency=0.3)
    test = start_in(lab)
    assert until(lambda: stuck_at(test, "upgrade"))
    test.abort()
    before = pickle.dumps(test.result(timeout=0))
    test.__exit__()
    assert pickle.dumps(test.result(timeout=0)) == before


# --- 6: one broken family does not fail a region ---------------------------------------------------------------------

V4, V6 = socket.AF_INET, socket.AF_INET6
needs_ipv6 = pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6 on the loopback")


@promise(6)
@needs_ipv6
@pytest.mark.parametrize(("dead", "alive"), [("::1", "127.0.0.1"), ("127.0.0.1", "::1")], ids=["IPv6", "IPv4"])
def test_a_black_hole_in_one_family(lab: Lab, dead: str, alive: str) -> None:
    """A family that does not answer costs a quarter of a second and not the region."""
    with echo_server(alive) as port, full_queue(dead, port):
        lab.name("both.lab.invalid", ["::1", "127.0.0.1"])
        outcome = only(start_in(lab, {"region": f"ws://both.lab.invalid:{port}/"}))
    assert outcome.status is Status.PASSED
    assert outcome.address is not None
    assert alive in outcome.address
    assert outcome.duration < 3


@promise(6)
@needs_ipv6
@pytest.mark.parametrize("hung", [V4, V6], ids=["A", "AAAA"])
def test_a_family_that_is_never_answered_in_dns(lab: Lab, hung: int) -> None:
    """A name server that drops one family's question costs half a second and not the region."""
    alive = "127.0.0.1" if hung == V6 else "::1"
    with echo_server(alive) as port:
        lab.name("half.lab.invalid", [alive], delays={hung: float("inf")})
        outcome = only(start_in(lab, {"region": f"ws://half.lab.invalid:{port}/"}))
        assert outcome.status is Status.PASSED
        assert outcome.duration < 3
        assert outcome.timings.resolve is not None
        assert outcome.timings.resolve > 0.45
        lab.close()  # lets the hung lookup go


@promise(6)
@needs_ipv6
def test_an_answer_that_comes_late_still_joins_the_race(lab: Lab) -> None:
    """Where the first family's addresses are dead, the other family's are tried when they come."""
    with echo_server("127.0.0.1") as port:
        lab.name("late.lab.invalid", ["::1", "127.0.0.1"], delays={V4: 1.0})
        outcome = only(start_in(lab, {"region": f"ws://late.lab.invalid:{port}/"}))
    assert outcome.status is Status.PASSED
    assert [attempt.cause for attempt in outcome.attempts] == [Cause.REFUSED, None]


@promise(6)
def test_a_no_is_not_an_answer(lab: Lab) -> None:
    """One family's "no such name" does not end the wait for the other's addresses."""
    with echo_server("127.0.0.1") as port:
        lab.name("slow.lab.invalid", ["127.0.0.1"], delays={V4: 0.3}, errors={V6: socket.EAI_NONAME})
        outcome = only(start_in(lab, {"region": f"ws://slow.lab.invalid:{port}/"}))
    assert outcome.status is Status.PASSED


# --- 8: regions do not touch each other ------------------------------------------------------------------------------


@promise(8)
def test_no_cookie_goes_from_one_handshake_to_another() -> None:
    """What one server sets, no other sees, in this test or the next; nor what the program's own connections keep."""
    import websocket
    from websocket._handshake import CookieJar

    requests: list[bytes] = []

    def note_and_set(sock: socket.socket) -> None:
        requests.append(sock.recv(65536))
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nSet-Cookie: a=1; Domain=127.0.0.1\r\nContent-Length: 0\r\n\r\n")

    kept = dict(CookieJar.jar)
    CookieJar.set("theirs=2; domain=127.0.0.1")
    try:
        with Lab() as lab:
            for name in "abc":
                lab.add(name, fault=note_and_set)
            lab.add("healthy", fault=faults.set_cookie())
            for _ in range(2):
                start_in(lab).result(timeout=20)
        assert set(CookieJar.jar) - set(kept) == {".127.0.0.1"}
        assert "a=1" not in CookieJar.get("127.0.0.1")
    finally:
        CookieJar.jar = kept
    assert len(requests) == 6
    assert not [request for request in requests if b"cookie" in request.lower()]
    assert websocket.__name__ == "websocket"


@promise(8)
def test_two_tests_at_once_are_independent(lab: Lab) -> None:
    """Aborting one handle leaves the other alone, and a test can be started again at once."""
    lab.add("region", latency=0.2)
    first, second = start_in(lab), start_in(lab)
    first.abort()
    third = start_in(lab)
    assert first.result(timeout=0).result is Verdict.ABORTED
    assert second.result(timeout=20).result is Verdict.PASSED
    assert third.result(timeout=20).result is Verdict.PASSED


# --- 9: secrets stay out ---------------------------------------------------------------------------------------------


@promise(9)
def test_secrets_appear_nowhere(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """Header values, query strings and cookies are in no repr, message or log, whatever becomes of the region."""
    for logger in ("wsconn", "websocket", "concurrent.futures"):  # the lab's servers log what they are asked
        caplog.set_level(logging.DEBUG, logger)
    kinds = (None, faults.MUTE, faults.REFUSED, faults.http_status(403), faults.SWALLOWED_FRAMES, faults.NOT_HTTP)
    for number, fault in enumerate(kinds):
        lab.add(str(number), fault=fault, path="/room?token=S3CRET-query")
    headers = {"Authorization": "Bearer S3CRET-header", "Cookie": "session=S3CRET-cookie"}
    told: list[str] = []
    with wsconn.start(
        lab.regions, timeout=0.5, headers=headers, on_outcome=lambda outcome: told.append(repr(outcome))
    ) as test:
        told.append(repr(test))
        told.append(repr(test.result(timeout=20)))
        told.append(repr(test._supervisor._probe))
        told.append(repr(wsconn.Region("a", lab.regions["0"], alternates=[lab.regions["1"]])))
        told.append(str(test.result().to_dict()))
    assert "S3CRET" not in "".join(told) + caplog.text
    assert any("/room" in text for text in told)


@promise(9)
def test_a_location_is_shown_without_control_characters(lab: Lab) -> None:
    """What a peer sends reaches no terminal as it is."""
    lab.add("region", fault=faults.http_status(403, reason="No\x1b[31m\x07" + "x" * 500))
    failure = only(start_in(lab)).failure
    assert failure is not None
    assert failure.message.isprintable()
    assert "\\x1b[31m" in failure.message
    assert len(failure.message) < 400


# --- 10: no leaks ----------------------------------------------------------------------------------------------------


@promise(10)
@pytest.mark.skipif(not pathlib.Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")
def test_nothing_is_left_after_many_checks(lab: Lab) -> None:
    """Threads and descriptors are the same after many tests of every kind as before."""
    for number, fault in enumerate((None, faults.REFUSED, faults.MUTE, faults.http_status(403), faults.RESET)):
        lab.add(f"{number}", fault=fault)
        lab.add(f"{number}-tls", fault=fault, tls=True)
    with start_in(lab, timeout=0.2) as test:
        test.result(timeout=20)

    def standing() -> tuple[int, int]:
        gc.collect()
        ours = [thread for thread in threading.enumerate() if thread.name.startswith("wsconn-r")]
        return len(ours), len(list(pathlib.Path("/proc/self/fd").iterdir()))

    assert until(lambda: standing()[0] == 0)
    before = standing()[1]
    for number in range(30):
        with start_in(lab, timeout=0.2) as test:
            if number % 3:
                test.result(timeout=20)
    assert until(lambda: standing() == (0, before), 5), standing()


@promise(10)
def test_a_hung_name_costs_four_threads_at_most() -> None:
    """However many tests ask for a name that hangs: two lookups of both families, 3 s apart, and one of each."""
    asked: list[int] = []
    release = threading.Event()

    def hang(_host: str, _port: object, family: int, *_: object) -> list[object]:
        asked.append(family)
        release.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "released")

    lookups = Lookups(hang)
    futures = set()
    for count in (1, 2, 2):
        futures |= {lookups.start("hangs.example", BOTH) for _ in range(10)}
        assert len(futures) == count
        _age_by(4, lookups)
    for family in (V4, V6) * 2:
        futures.add(lookups.start("hangs.example", family))
        _age_by(4, lookups)
    assert len(futures) == 4
    release.set()
    assert all(isinstance(future.exception(timeout=10), socket.gaierror) for future in futures)
    assert until(lambda: not lookups._under_way)
    assert sorted(asked) == sorted([BOTH, BOTH, V4, V6])


def _age_by(seconds: float, lookups: Lookups) -> None:
    for key, entries in lookups._under_way.items():
        lookups._under_way[key] = [entry._replace(began=entry.began - seconds) for entry in entries]


@promise(10)
def test_a_name_costs_one_thread(lab: Lab) -> None:
    """Of a name server that answers in time, both families are asked for at once and once."""
    asked: list[int] = []

    def count(host: str, port: object, family: int, *rest: int) -> list[object]:
        asked.append(family)
        return lab.getaddrinfo(host, port, family, *rest)

    with echo_server("127.0.0.1") as port:
        lab.name("one.lab.invalid", ["127.0.0.1"])
        regions = to_regions({"region": f"ws://one.lab.invalid:{port}/"})
        test = ConnectivityTest(regions, probe_with(Lookups(count)), timeout=10)
        assert test.result(timeout=20).result is Verdict.PASSED
    assert asked == [BOTH]


FORKED_IN_A_LOOKUP = """
    import os, socket, threading, warnings
    from wsconn._stages.resolve import SYSTEM_LOOKUPS
    warnings.simplefilter("ignore", DeprecationWarning)  # fork in a threaded process is what is tested
    release = threading.Event()
    SYSTEM_LOOKUPS._getaddrinfo = lambda *_: [] if release.wait(20) else []
    before = SYSTEM_LOOKUPS.start("hangs.example", socket.AF_INET)
    assert SYSTEM_LOOKUPS.start("hangs.example", socket.AF_INET) is before
    child = os.fork()
    if child == 0:
        os._exit(0 if SYSTEM_LOOKUPS.start("hangs.example", socket.AF_INET) is not before else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    release.set()
"""


@promise(10)
@posix
def test_a_forked_child_begins_its_own_lookup() -> None:
    """The thread that a lookup runs on is not there in a child: nobody would ever answer."""
    assert run(FORKED_IN_A_LOOKUP)[:-1] == ["0"]


@promise(10)
def test_regions_share_a_lookup(lab: Lab) -> None:
    """Regions that ask for the same name ask once, and where that is slow, once a family."""
    asked: list[int] = []

    def count(host: str, port: object, family: int, *rest: int) -> list[object]:
        asked.append(family)
        return lab.getaddrinfo(host, port, family, *rest)

    with echo_server("127.0.0.1") as port:
        lab.name("shared.lab.invalid", ["127.0.0.1"], delays={V4: 0.6, V6: 0.6})
        regions = to_regions({str(n): f"ws://shared.lab.invalid:{port}/" for n in range(10)})
        test = ConnectivityTest(regions, probe_with(Lookups(count)), timeout=10)
        assert test.result(timeout=20).result is Verdict.PASSED
    assert sorted(asked) == sorted([BOTH, V4, V6])


# --- and all of them -------------------------------------------------------------------------------------------------


def test_every_promise_has_a_test() -> None:
    """Each of the ten is named by a test; the seventh, on proxies, where proxies are tested."""
    texts = [path.read_text() for path in pathlib.Path(__file__).parent.glob("test_*.py")]
    named = {int(number) for text in texts for number in re.findall(r"^@promise\((\d+)\)", text, re.MULTILINE)}
    assert named >= set(range(1, 11)) - {7}
