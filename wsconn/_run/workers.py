"""The threads that test regions: as many as help, and no more.

Where servers are far away, a region mostly waits, and each should have its thread at once. Where they are near, one or
two threads keep the interpreter busy. Each further one costs 130 µs and then competes for the interpreter's lock, and
each time that this changes hands costs the processor some 10 µs. How far the servers are is not known beforehand. So
threads are started as TCP sends: their number doubles every millisecond (25 are there after 5, 128 after 7) as long as
half of them wait for longer than a near server takes and no region ends meanwhile. While regions end, the servers are
near, or some are, and more threads would wait for the same ones: then only waits that a near server does not make
however many ask it at once count. The more often there was no need, the later is the next look, since each look is one
more competitor. Where none has begun another region by then, they are stuck in something else. And where TLS is spoken,
which works without the interpreter's lock for half of the time, or where there is no such lock, there comes to be a
thread for each processor, and one.

`_waiting` and `_ended` are shared without a lock of ours. A deque's `append`, `popleft` and `clear` are atomic: with
the GIL each is one call into C, and without it each holds the deque's own lock (Python documentation,
`collections.deque`: "thread-safe, memory efficient appends and pops"; CPython, `Modules/_collectionsmodule.c`).
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from wsconn._io.importing import importing

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_NEAR_SECONDS = 0.0005  # no near server takes longer to answer one
_BUSY_SECONDS = 0.02  # nor, mostly, some twenty
_FIRST_LOOK_SECONDS = 0.001
_LAST_LOOK_SECONDS = 0.008
_NAME = "wsconn-region"

T = TypeVar("T")


class Workers(Generic[T]):
    """Does `work` with each of `items`, in their order, on up to `most` threads of its own.

    So many as `useful` help where all are busy.
    """

    def __init__(self, work: Callable[[T], None], items: Sequence[T], most: int, *, useful: int = 1) -> None:
        self._useful = useful
        self._work = work
        self._waiting = deque(items)
        self._ended: deque[T] = deque()
        self._most = min(most, len(items))
        self._executor = _executor(self._most)
        self._late: list[threading.Thread] = []

    def start(self, waits_over: Callable[[float], int]) -> Iterator[float]:
        """Start them; yields the seconds that the caller should wait before it goes on, if it does.

        `waits_over` tells how many of them have waited for a peer for longer than so many seconds.

        Raises `RuntimeError` if not even one thread could be started. If some could, these do all the work.
        """
        threads, more, pause = 0, 1, _FIRST_LOOK_SECONDS
        while self._waiting and threads < self._most:
            for _ in range(min(more, self._most - threads)):
                try:
                    self._start_one()
                except RuntimeError:
                    if threads:
                        return
                    raise
                threads += 1
            waiting, ended = len(self._waiting), len(self._ended)
            yield pause
            is_stuck = pause == _LAST_LOOK_SECONDS and len(self._waiting) == waiting
            blocked = waits_over(_NEAR_SECONDS if len(self._ended) == ended else _BUSY_SECONDS)
            if 2 * blocked >= threads or is_stuck:
                more, pause = threads, _FIRST_LOOK_SECONDS
            else:
                more = int(threads < self._useful and pause == _LAST_LOOK_SECONDS)
                pause = min(pause * 2, _LAST_LOOK_SECONDS)

    def join(self) -> None:
        """Wait for them to end; items that have not begun are dropped."""
        self._waiting.clear()
        if self._executor:
            self._executor.shutdown(wait=True)
        for thread in self._late:
            thread.join()

    def _start_one(self) -> None:
        if self._executor:
            try:
                self._executor.submit(self._run)
            except RuntimeError as error:
                if "shutdown" not in str(error):
                    raise
            else:
                return
        # The program's main thread has ended, and executors take nothing more; the process still waits for threads.
        thread = threading.Thread(target=self._run, name=_NAME, daemon=False)
        thread.start()
        self._late.append(thread)

    def _run(self) -> None:
        while True:
            try:
                item = self._waiting.popleft()
            except IndexError:
                return
            self._work(item)
            self._ended.append(item)


def useful(*, with_tls: bool) -> int:
    """Return how many threads help where all are busy: one, if each needs the interpreter's lock all the time."""
    if not with_tls and getattr(sys, "_is_gil_enabled", lambda: True)():
        return 1
    available = getattr(os, "sched_getaffinity", None)  # which macOS and Windows lack
    return 1 + (len(available(0)) if available else os.cpu_count() or 1)


def _executor(most: int) -> ThreadPoolExecutor | None:
    """Return an executor, or `None` where the program's main thread has ended, and none can be imported any more."""
    try:
        with importing:
            from concurrent.futures import ThreadPoolExecutor
    except RuntimeError:
        return None
    return ThreadPoolExecutor(most, thread_name_prefix=_NAME)
