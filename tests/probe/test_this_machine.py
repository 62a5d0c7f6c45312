"""What this process itself has to do with a failure: it stood still, or was about to end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

import wsconn
from tests.processes import posix, run
from wsconn import Cause
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.routes import own_addresses
from wsconn._text import host_port
from wsconn.lab import Lab, faults

CHECK = """
import sys, wsconn
failure = wsconn.check({"a": sys.argv[1]}, timeout=1.5, proxy=None).outcomes[0].failure
print(failure.cause, failure.evidence.stalled_seconds, failure.message, failure.advice, sep="\\n", flush=True)
"""


@posix
@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_process_that_stood_still_says_so(scheme: str) -> None:
    """Where nothing has come when it wakes, the message and the advice are about this process and nobody else."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/"
        check = subprocess.Popen([sys.executable, "-c", CHECK, url], stdout=subprocess.PIPE, text=True)
        try:
            sock, _ = silent.accept()  # its time runs
            check.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, check.pid, os.WSTOPPED | os.WNOWAIT)
            time.sleep(3)  # past the timeout, and the half second after it that a stop is known by
            check.send_signal(signal.SIGCONT)
            said, _ = check.communicate(timeout=20)
        finally:
            check.kill()
            check.wait()
        sock.close()
    cause, stalled, message, advice = said.splitlines()
    assert cause == Cause.TIMEOUT
    assert 0.5 < float(stalled) < 15
    assert "; this process itself stood still for " in message
    assert advice.startswith("This process stood still for ")
    assert "administrator" not in advice


def test_a_timeout_without_a_stop_says_nothing_of_it(lab: Lab) -> None:
    """An ordinary timeout has no such evidence."""
    outcome = wsconn.check({"a": lab.add("silent", fault=faults.MUTE)}, timeout=0.3, proxy=None).outcomes[0]
    assert outcome.failure
    assert outcome.failure.evidence
    assert outcome.failure.evidence.stalled_seconds is None
    assert "stood still" not in outcome.failure.message + outcome.failure.advice


def test_an_address_of_this_machine_that_refuses() -> None:
    """It need not be localhost: nothing that leaves this machine has a part in it."""
    own = next(iter(own_addresses()), "127.0.0.1")
    with socket.create_server((own, 0), family=socket.AF_INET6 if ":" in own else socket.AF_INET) as listener:
        port = listener.getsockname()[1]
    failure = wsconn.check({"a": f"ws://{host_port(own, port)}/"}, timeout=5, proxy=None).outcomes[0].failure
    assert failure
    assert failure.cause is Cause.REFUSED
    assert f"nothing listens at port {port} of this machine" in failure.advice


@pytest.mark.parametrize(
    "said",
    ["can't create new thread at interpreter shutdown", "cannot schedule new futures after interpreter shutdown"],
)
def test_a_test_that_began_at_shutdown_says_so(said: str) -> None:
    """What CPython says when it starts no more threads is no lack of threads."""
    failure = Recorder("a", "wss://eu.example/").not_begun(RuntimeError(said)).failure
    assert failure
    assert failure.cause is Cause.LOCAL_LIMIT
    assert failure.message.startswith("this program is ending")
    assert failure.advice.startswith("Start the test before the program ends")
    assert "max_workers" not in failure.advice


def test_too_few_threads_is_another_matter() -> None:
    """A thread that the system refuses is still told as a limit."""
    failure = Recorder("a", "wss://eu.example/").not_begun(RuntimeError("can't start new thread")).failure
    assert failure
    assert "max_workers" in failure.advice


def test_a_check_in_an_atexit_function_settles() -> None:
    """CPython up to 3.11 tests there as ever; later ones say that the program is ending."""
    program = """
    import atexit, sys, wsconn
    def late():
        failure = wsconn.check({"a": "ws://127.0.0.1:9/"}, timeout=5, proxy=None).outcomes[0].failure
        print(failure.cause, failure.evidence.shutting_down)
    atexit.register(late)
    """
    assert run(program)[0] in ("refused False", "local_limit True")
