"""The threads that test regions: as many as help, and no more.

Where servers are far away, a region mostly waits, and each should have its thread at once. Where they are near, a few
threads keep the interpreter busy. Each further one costs 130 µs and then competes for the interpreter's lock, which
adds half to what 200 handshakes without TLS take, in processor time and in elapsed time. How far the servers are is not
known beforehand. So threads are started as TCP sends, slowly at first: their number doubles every millisecond (25 are
there after 5, 128 after 7), unless the processor has no time to spare and regions settle all the same: then it stays.

The two deques are shared without a lock of ours. `append`, `popleft` and `clear` are atomic: with the GIL each is one
call into C, and without it each holds the deque's own lock (Python documentation, `collections.deque`: "thread-safe,
memory efficient appends and pops"; CPython, `Modules/_collectionsmodule.c`). Of `_ended` nothing is ever taken out, so
what `len` has told is still there when it is read.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from wsconn._deadline import now
from wsconn._io.importing import importing

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_LOOK_SECONDS = 0.001
_LATELY_SECONDS = 0.005
_NAME = "wsconn-region"

T = TypeVar("T")


class Workers(Generic[T]):
    """Does `work` with each of `items`, in their order, on up to `most` threads of its own."""

    def __init__(self, work: Callable[[T], None], items: Sequence[T], most: int) -> None:
        self._work = work
        self._waiting = deque(items)
        self._ended: deque[float] = deque()  # when each item was done
        self._most = min(most, len(items))
        self._executor = _executor(self._most)
        self._late: list[threading.Thread] = []

    def start(self) -> Iterator[float]:
        """Start them; yields the seconds that the caller should wait before it goes on, if it does.

        Raises `RuntimeError` if not even one thread could be started. If some could, these do all the work.
        """
        threads, more = 0, 1
        while self._waiting and threads < self._most:
            for _ in range(min(more, self._most - threads)):
                try:
                    self._start_one()
                except RuntimeError:
                    if threads:
                        return
                    raise
                threads += 1
            looked, cpu = now(), time.process_time()
            yield _LOOK_SECONDS
            is_busy = time.process_time() - cpu > (now() - looked) / 2
            more = 0 if is_busy and self._gets_on(threads // 8 + 1) else threads

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
            self._ended.append(now())

    def _gets_on(self, at_least: int) -> bool:
        """Tell whether this many items were done lately."""
        return len(self._ended) >= at_least and self._ended[-at_least] > now() - _LATELY_SECONDS


def _executor(most: int) -> ThreadPoolExecutor | None:
    """Return an executor, or `None` where the program's main thread has ended, and none can be imported any more."""
    try:
        with importing:
            from concurrent.futures import ThreadPoolExecutor
    except RuntimeError:
        return None
    return ThreadPoolExecutor(most, thread_name_prefix=_NAME)
