"""Runs the scripts of a test one after the other, on a thread of its own.

A script takes microseconds. One that does not end is stopped after some 0.3 s, but what is written to do harm can hold
its thread for as long as the process lives. So there is one thread for all regions and not one for each, it is a
daemon, and whoever waits for a script leaves it behind when that takes too long.
"""

from __future__ import annotations

import collections
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from wsconn._deadline import now
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.abort import CancelScope
from wsconn._io.background import in_background
from wsconn._io.importing import importing
from wsconn._io.waiting import WorkFailed, result_of
from wsconn._outcome import Cause
from wsconn._protocols.pac import PacFailed

MOST_SECONDS = 3.0  # for a script, with those before it
MOST_SLOW = 3  # runs that failed after a long time: no more follow, since each region's would do the same
_LONG_SECONDS = 0.2
_ENDLESS = "its script does not end"
_LAST_SECONDS = 0.1  # for the thread to end, with its test
_STACK_BYTES = 8 * 1024 * 1024  # as most threads on Linux have; musl gives 128 KiB
SCRIPT_STACK_BYTES = 6 * 1024 * 1024  # of these: some 3600 calls, one within the other; 1200 on Windows

Script = Callable[[], str]


class PacThread:
    """Runs scripts in turn; the thread is there as long as some are waiting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the next two
        self._waiting: collections.deque[tuple[Script, Future[str]]] = collections.deque()
        self._is_running = False
        self._thread: threading.Thread | None = None
        self._stuck = False
        self._slow = 0

    def run(self, script: Script, scope: CancelScope) -> str:
        """Return what `script` does, or raise it; `PacFailed` where it takes too long, or did for another region."""
        if self._stuck:
            raise PacFailed(_ENDLESS)
        future: Future[str] = Future()
        with self._lock:
            self._waiting.append((script, future))
            starts, self._is_running = not self._is_running, True
        if starts:
            self._start()
        began = now()
        try:
            return result_of(future, scope.within(MOST_SECONDS))
        except WorkFailed as error:
            raise (error.__cause__ or error) from None
        except StageFailed as failed:
            if failed.cause is not Cause.TIMEOUT:
                raise
            if now() - began < MOST_SECONDS:
                raise PacFailed("it had no answer in half the region's time") from failed
            self._stuck = True
            raise PacFailed(_ENDLESS) from failed
        finally:
            future.cancel()  # so that it is not run for nobody

    def join(self) -> None:
        """Wait a moment for a script that nobody waits for any more."""
        if self._thread is not None:
            self._thread.join(_LAST_SECONDS)

    def _start(self) -> None:
        started: Future[None] = Future()
        with _enough_stack():
            self._thread = in_background(self._run_all, "wsconn-pac", started)
        if self._thread is None and (error := started.exception()):  # there was none to be had
            with self._lock:
                self._is_running = False
                futures = [future for _, future in self._waiting]
                self._waiting.clear()
            for future in futures:
                if future.set_running_or_notify_cancel():
                    future.set_exception(error)

    def _run_all(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_running = False
                    return
                script, future = self._waiting.popleft()
            self._run(script, future)

    def _run(self, script: Script, future: Future[str]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        began = now()
        try:
            if self._slow == MOST_SLOW:
                raise PacFailed(_ENDLESS)
            answer = script()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the future is read
            self._slow += now() - began > _LONG_SECONDS
            future.set_exception(error)
        else:
            future.set_result(answer)


@contextlib.contextmanager
def _enough_stack() -> Iterator[None]:
    """Give a thread that is started meanwhile a stack which no script can exhaust: that would end the process.

    How much a thread has is a setting of the whole process. So one does this at a time, and no fork comes between.
    """
    with importing:
        usual = threading.stack_size()  # 0: the system's
        if usual < _STACK_BYTES:
            threading.stack_size(_STACK_BYTES)
        try:
            yield
        finally:
            threading.stack_size(usual)
