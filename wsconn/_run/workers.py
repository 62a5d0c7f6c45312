"""The threads that test regions: as many at once as may be, and no more than it takes.

Where servers are far, a region mostly waits, and each should have its thread at once. Where they are near, one or a few
threads keep the interpreter busy; more of them cost 130 µs each and then fight for its lock, which adds half to what
200 handshakes without TLS take, of the processor's time and on the wall. Nobody knows beforehand how far the servers
are. So threads are started as TCP sends, slowly at first: their number doubles every millisecond (25 are there after 5,
128 after 7), unless the processor has no time to spare and regions settle all the same: then it stays as it is.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from wsconn._deadline import now

_LOOK_SECONDS = 0.001
_LATELY_SECONDS = 0.005
_NAME = "wsconn-region"

T = TypeVar("T")


class Workers(Generic[T]):
    """Does `work` with each of `items`, in their order, on up to `most` threads of its own."""

    def __init__(self, work: Callable[[T], None], items: Sequence[T], most: int) -> None:
        self._work = work
        self._waiting = deque(items)
        self._ended: deque[float] = deque()  # when each item that is done was
        self._most = min(most, len(items))
        self._executor = ThreadPoolExecutor(self._most, thread_name_prefix=_NAME)
        self._late: list[threading.Thread] = []

    def start(self) -> Iterator[float]:
        """Start them; yields the seconds that the caller is to wait before it goes on, if it does.

        Raises `RuntimeError` where not even one thread is to be had. Where some are, these do all the work.
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
            more = 0 if is_busy and self._flows(threads // 8 + 1) else threads

    def join(self) -> None:
        """Wait for them to end; what has not begun is dropped."""
        self._waiting.clear()
        self._executor.shutdown(wait=True)
        for thread in self._late:
            thread.join()

    def _start_one(self) -> None:
        try:
            self._executor.submit(self._run)
        except RuntimeError as error:
            if "shutdown" not in str(error):
                raise
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

    def _flows(self, at_least: int) -> bool:
        """Tell whether so many items have been done lately."""
        return len(self._ended) >= at_least and self._ended[-at_least] > now() - _LATELY_SECONDS
