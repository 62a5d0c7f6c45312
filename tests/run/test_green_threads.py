"""Programs whose threads are greenlets: gevent works when it comes first and whole, the rest is refused with a remedy.

Each program is a process of its own, and tests the regions of a lab that runs in this one on real threads.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import textwrap

import pytest

from wsconn.lab import Lab

# Asked for, not imported: what these programs do to a process is none of this one's business.
pytestmark = pytest.mark.skipif(not importlib.util.find_spec("gevent"), reason="gevent is not installed")

OUT_OF_PATIENCE_SECONDS = 60  # a program that waits for ever has failed

PATCHED_FIRST = """
from gevent import monkey
monkey.patch_all()
import json, os, signal, socket, sys, threading, time
import gevent
import wsconn
regions = json.loads(sys.argv[1])
"""


def run(program: str, lab: Lab, *, first: str = PATCHED_FIRST) -> list[str]:
    """Run a program that is given the lab's regions, and return the words of each line that it prints."""
    source = first + textwrap.dedent(program)
    done = subprocess.run(
        [sys.executable, "-c", source, json.dumps(dict(lab.regions))],
        capture_output=True,
        text=True,
        timeout=OUT_OF_PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_passes_and_failures_are_reported_while_other_greenlets_run(lab: Lab) -> None:
    """Regions that pass, refuse, answer 503 and stay silent end as they do on threads, and no greenlet stands still."""
    lab.add("near")
    lab.add("far", latency=0.1)
    lab.add("shut", fault="refused")
    lab.add("busy", fault="http-503")
    lab.add("mute", fault="mute")
    ended, slept = run(
        """
        slept = []
        def sleep():
            while True:
                time.sleep(0.01)
                slept.append(time.monotonic())
        gevent.spawn(sleep)
        result = wsconn.check(regions, timeout=3, proxy=None)
        print(result.result, *(f"{o.region}={o.failure.cause if o.failure else o.status}" for o in result.outcomes))
        print(len(slept))
        """,
        lab,
    )
    assert ended.split() == ["warning", "near=passed", "far=passed", "shut=refused", "busy=http_status", "mute=timeout"]
    assert int(slept) > 20  # of some hundred; it would be none if a wait stopped the others


def test_tls_is_spoken(lab: Lab) -> None:
    """gevent's TLS sockets serve as well as the standard library's: the server's certificate is seen and refused."""
    lab.add("untrusted", tls=True, fault="untrusted")
    (seen,) = run("print(wsconn.check(regions, timeout=5, proxy=None).outcomes[0].failure.message)", lab)
    assert "Untrusted Lab Authority" in seen


def test_an_abort_in_flight(lab: Lab) -> None:
    """`abort()` ends what is under way, callbacks follow, futures are resolved, and no descriptor is left."""
    lab.add("near")
    lab.add("mute", fault="mute")
    aborted, called, left = run(
        """
        called = []
        descriptors = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
        over = threading.Event()
        def note(handle):
            called.append("done")
            over.set()
        with wsconn.start(regions, timeout=30, proxy=None, on_outcome=lambda o: called.append(o.region)) as handle:
            handle.add_done_callback(note)
            next(handle.as_completed(10))
            began = time.monotonic()
            handle.abort()
            print(handle.result(1).result, time.monotonic() - began < 1)
        assert over.wait(10)
        print(*called, *(future.done() for future in handle.futures.values()))
        gevent.get_hub().threadpool.kill()
        print((len(os.listdir("/proc/self/fd")) if descriptors else 0) - descriptors)
        """,
        lab,
    )
    assert aborted.split() == ["aborted", "True"]
    assert called.split() == ["near", "mute", "done", "True", "True"]
    assert int(left) <= 3  # gevent's own hub keeps some


def test_ctrl_c_and_abort_in_a_signal_handler(lab: Lab) -> None:
    """A signal handler may call `abort()`, and Ctrl-C aborts what waits for a result, as on threads."""
    lab.add("mute", fault="mute")
    lines = run(
        """
        handle = wsconn.start(regions, timeout=30, proxy=None)
        signal.signal(signal.SIGALRM, lambda *_: handle.abort())
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        print(handle.result(10).result)

        handle = wsconn.start(regions, timeout=30, proxy=None)
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            handle.result(10)
        except KeyboardInterrupt:
            print("interrupted", handle.aborted())
        """,
        lab,
    )
    assert lines == ["aborted", "interrupted True"]


def test_a_result_that_is_not_there_in_time(lab: Lab) -> None:
    """`result(timeout)` raises the builtin `TimeoutError`, and the test goes on to its deadline."""
    lab.add("mute", fault="mute")
    lines = run(
        """
        handle = wsconn.start(regions, timeout=0.6, proxy=None)
        try:
            handle.result(0.1)
        except TimeoutError:
            print("not yet")
        print(handle.result(10).result)
        """,
        lab,
    )
    assert lines == ["not yet", "failed"]


def test_a_lookup_that_hangs_holds_neither_abort_nor_exit(lab: Lab) -> None:
    """A name is looked up in gevent's pool of threads; one that hangs there delays no abort, and no process' end."""
    lab.add("near")
    lines = run(
        """
        import wsconn._stages.resolve

        sleep = monkey.get_original("time", "sleep")
        lookups = wsconn._stages.resolve.SYSTEM_LOOKUPS
        lookups._getaddrinfo = lambda *_: gevent.get_hub().threadpool.apply(sleep, (20,))  # where gevent's looks up
        handle = wsconn.start({"lost": "ws://hangs.example/", **regions}, timeout=20, proxy=None)
        next(handle.as_completed(10))
        began = time.monotonic()
        handle.abort()
        print(handle.result(1).result, time.monotonic() - began < 1)
        """,
        lab,
    )
    assert lines == ["aborted True"]


@pytest.mark.skipif(
    sys.version_info[:3] in ((3, 12, 0), (3, 12, 1)),
    reason="these start no thread once the main one has ended, not even that on which gevent looks names up",
)
def test_a_program_that_ends_without_waiting(lab: Lab) -> None:
    """What was started is finished, and its callbacks run, before the process ends, as on threads."""
    lab.add("near")
    lines = run("wsconn.start(regions, timeout=5, proxy=None, on_outcome=lambda o: print(o.status, flush=True))", lab)
    assert lines == ["passed"]


REFUSED = {
    "after the import": ("import wsconn\nfrom gevent import monkey\nmonkey.patch_all()", "before `import wsconn`"),
    "without queue": ("from gevent import monkey\nmonkey.patch_all(queue=False)", "without leaving out"),
    "without thread": ("from gevent import monkey\nmonkey.patch_all(thread=False)", "without leaving out"),
    "without select": ("from gevent import monkey\nmonkey.patch_all(select=False)", "without leaving out"),
    "eventlet": ("import eventlet\neventlet.monkey_patch()", "a process of its own"),
}


@pytest.mark.parametrize(("patching", "remedy"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_work_is_refused(lab: Lab, patching: str, remedy: str) -> None:
    """Patched late, or in part, or by eventlet: `start` and `check` raise, and say what to do instead of hanging."""
    if "eventlet" in patching and not importlib.util.find_spec("eventlet"):
        pytest.skip("eventlet is not installed")
    lab.add("near")
    lines = run(
        """
        import json, sys
        import wsconn
        for call in wsconn.start, wsconn.check:
            try:
                call(json.loads(sys.argv[1]), timeout=1, proxy=None)
            except RuntimeError as error:
                print(error)
        """,
        lab,
        first="import warnings\nwarnings.simplefilter('ignore')  # eventlet warns of itself\n" + patching + "\n",
    )
    assert len(lines) == 2
    assert all(remedy in line for line in lines)


ALLOWED = {
    "gevent imported, nothing replaced": "import gevent.monkey",
    "sockets alone": "from gevent import monkey\nmonkey.patch_socket()",
    "all but threads and their queues": "from gevent import monkey\nmonkey.patch_all(thread=False, queue=False)",
}


@pytest.mark.parametrize("patching", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_leaves_threads_alone_is_not_refused(lab: Lab, patching: str) -> None:
    """A program that uses gevent and keeps its threads tests as any other."""
    lab.add("near")
    lab.add("shut", fault="refused")
    program = "import json, sys, wsconn\nprint(wsconn.check(json.loads(sys.argv[1]), timeout=5, proxy=None).result)"
    assert run(program, lab, first=patching + "\n") == ["warning"]
