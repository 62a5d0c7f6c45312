"""The handle on checks that are under way on many hosts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future

from wsconn._deadline import Deadline, check_wait
from wsconn._run.waiters import SLICE_SECONDS, Waiters
from wsconn.fleet._engines.answers import Absence, Asked, HostAnswer, answer_of

ABORT_SECONDS = 5.0  # for the hosts to tell how far they have come when they are aborted


class FleetTest:
    """Checks that are under way on many hosts, or over: what `start_everywhere` returns.

    Every method may be called from any thread. It has no thread of its own: it is the engine that waits for the hosts.
    """

    def __init__(self, asked: Mapping[Future[str], Asked], stop: Callable[[], None], seconds: float) -> None:
        self._asked = asked
        self._stop = stop
        self._seconds = seconds
        self._deadline = Deadline.after(seconds)
        self._aborted = False
        self._changed = Waiters()
        self._lock = threading.Lock()  # guards what follows
        self._answers: dict[Future[str], HostAnswer] = {}
        for future in asked:
            future.add_done_callback(lambda _: self._changed.wake())

    def result(self, timeout: float | None = None) -> tuple[HostAnswer, ...]:
        """Wait until each host has answered or its time is up, and return an answer for each.

        `TimeoutError` after `timeout` seconds; the checks go on. Ctrl-C while waiting aborts them and is raised on.
        """
        check_wait(timeout)
        try:
            self._wait(timeout)
        except KeyboardInterrupt:
            self.abort()
            raise
        self._give_up()
        return self.answers

    def abort(self) -> None:
        """Tell every host to end its check, and come back at once; does nothing once `done()`.

        A host that learns of it in time answers with what it has found so far. `result()` waits 5 s for that.
        """
        if not self.done():
            self._aborted = True
            self._deadline = min(self._deadline, Deadline.after(ABORT_SECONDS), key=lambda deadline: deadline.at)
            self._stop()
            self._changed.wake()

    def done(self) -> bool:
        """Tell whether every host has answered, or time is up."""
        return not self._deadline.remaining() or all(future.done() for future in self._asked)

    @property
    def answers(self) -> tuple[HostAnswer, ...]:
        """What has been answered so far, one answer for each host."""
        with self._lock:
            for future, asked in self._asked.items():
                if future.done() and future not in self._answers:
                    self._answers[future] = answer_of(asked, future, aborted=self._aborted)
            found = [self._answers[future] for future in self._asked if future in self._answers]
        by_host: dict[str, HostAnswer] = {}
        for answer in sorted(found, key=lambda answer: answer.result is None):
            by_host.setdefault(answer.host, answer)
        return tuple(answer for answer in found if by_host[answer.host] is answer)

    def __enter__(self) -> FleetTest:
        return self

    def __exit__(self, *_: object) -> None:
        """Abort what is unfinished, and wait until the hosts have said so."""
        self.abort()
        self._wait(None)
        self._give_up()

    def __repr__(self) -> str:
        answered = sum(future.done() for future in self._asked)
        return f"<FleetTest {answered} of {len(self._asked)} answered{', aborted' if self._aborted else ''}>"

    def _wait(self, timeout: float | None) -> None:
        limit = None if timeout is None else Deadline.after(timeout)
        is_main = threading.current_thread() is threading.main_thread()
        with self._changed.joined() as waiter:
            while not self.done():
                if limit and not limit.remaining():
                    raise TimeoutError(f"not every host has answered after {timeout} s")
                waits = [self._deadline.remaining(), *([limit.remaining()] if limit else [])]
                waiter.wait(min([*waits, *([SLICE_SECONDS] if is_main else [])]))

    def _give_up(self) -> None:
        """Leave those alone that have not answered in time."""
        late = [future for future in self._asked if not future.done()]
        if not late:
            return
        with self._lock:
            for future in late:
                self._answers[future] = self._asked[future].absent(*self._why())
        self._stop()
        for future in late:
            future.cancel()

    def _why(self) -> tuple[Absence, str]:
        if self._aborted:
            return Absence.ABORTED, "the check was aborted, and no answer came within 5 s of that"
        return Absence.TIMEOUT, f"no answer within {self._seconds:g} s"
