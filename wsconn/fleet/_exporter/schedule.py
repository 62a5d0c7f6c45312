"""When the regions are checked: at an interval with a little jitter, one round at a time. And when files are looked at.

All that happens comes through one inbox, to one thread: the end of a round, a wish to reload, the end of all. A round
that is due while another is under way is late: it is counted, and begins when that one is over.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Protocol

from wsconn import ConnectivityResult, ConnectivityTest
from wsconn._deadline import now

JITTER = 0.1  # of the interval, either way: many machines that were started at once do not stay in step
LOOK_SECONDS = 5.0  # from look to look at the files

_log = logging.getLogger("wsconn.fleet")


class Work(Protocol):
    """What is done on the schedule."""

    def begin_round(self) -> ConnectivityTest | None:
        """Begin a check; `None` where that was not possible."""

    def end_round(self, result: ConnectivityResult) -> object:
        """Take its result."""

    def be_late(self) -> object:
        """Count a round that is late."""

    def reload(self) -> object:
        """Read all files anew."""

    def look(self) -> object:
        """Read the files anew if they have changed."""


class Schedule:
    """The thread that does `work`."""

    def __init__(self, work: Work, interval: float) -> None:
        self._work = work
        self._interval = interval
        self._inbox: SimpleQueue[Callable[[], object] | None] = SimpleQueue()  # `None`: the end
        self._under_way: ConnectivityTest | None = None
        self._is_late = False
        self._due = self._look_at = now()
        self._random = random.Random()  # noqa: S311 - nobody gains by a guess  # nosec B311
        # A daemon: a site that mounts the application may end without closing it.
        self._thread = threading.Thread(target=self._run, name="wsconn-rounds", daemon=True)

    def start(self) -> None:
        """Begin with the first round, at once."""
        self._thread.start()

    def is_alive(self) -> bool:
        """Tell whether rounds go on."""
        return self._thread.is_alive()

    def reload(self) -> None:
        """Have the files read anew, soon. Safe in a signal handler: the queue's `put` is reentrant."""
        self._inbox.put(self._work.reload)

    def stop(self) -> None:
        """Abort the round that is under way, and end."""
        self._inbox.put(None)

    def join(self, seconds: float) -> None:
        """Wait for the end."""
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            try:
                told = self._inbox.get(timeout=max(0.0, min(self._look_at, self._next_due()) - now()))
            except Empty:
                self._do(self._on_time)
            else:
                if told is None:
                    break
                self._do(told)
        if self._under_way is not None:
            self._under_way.abort()
            self._under_way.result()

    def _do(self, what: Callable[[], object]) -> None:
        try:
            what()
        except Exception:  # noqa: BLE001 - whatever it was: the next round may do better
            _log.exception("the exporter's schedule goes on after a fault")

    def _next_due(self) -> float:
        """Return when something is to be done for the rounds; a late one waits for the end of the one before."""
        return float("inf") if self._is_late else self._due

    def _on_time(self) -> None:
        if now() >= self._look_at:
            self._look_at = now() + LOOK_SECONDS
            self._work.look()
        if now() >= self._next_due():
            if self._under_way is None:
                self._begin()
            else:
                self._is_late = True
                self._work.be_late()

    def _begin(self) -> None:
        self._is_late = False
        jitter = self._random.uniform(1 - JITTER, 1 + JITTER)
        self._due = now() + self._interval * jitter
        self._under_way = test = self._work.begin_round()
        if test is not None:
            test.add_done_callback(lambda test: self._inbox.put(lambda: self._end(test)))

    def _end(self, test: ConnectivityTest) -> None:
        self._under_way = None
        self._work.end_round(test.result())
        if self._is_late:
            self._begin()
