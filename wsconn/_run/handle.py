"""The handle on a test that is under way: what users hold.

It reads what has settled (`settlement`), passes callbacks to the notifier (`notifier`), and starts, aborts and joins
the threads (`supervisor`). None of these calls it: to them it is a name in the log.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from wsconn._deadline import Deadline, check_wait
from wsconn._outcome import RegionOutcome
from wsconn._regions import Region, split_url
from wsconn._result import ConnectivityResult

if TYPE_CHECKING:
    from concurrent.futures import Future

    from wsconn._run.state import State
    from wsconn._run.supervisor import Probe
    from wsconn._run.waiters import Waiters

MOST_HOSTS = 3  # in a repr

T = TypeVar("T")


class ConnectivityTest:
    """A test that is under way, or over: what `start` returns.

    Every method may be called from any thread, and `abort()` from a signal handler too. Two handles are independent.
    Dropping a handle changes nothing: the test runs on to its deadline.
    """

    def __init__(
        self,
        regions: Sequence[Region],
        probe: Probe,
        *,
        timeout: float,
        total_timeout: float | None = None,
        max_workers: int | None = None,
        on_outcome: Callable[[RegionOutcome], object] | None = None,
    ) -> None:
        from wsconn._run.notifier import Notifier  # here: `start` loads these three, and `import wsconn` needs none
        from wsconn._run.settlement import Settlement
        from wsconn._run.supervisor import Supervisor

        self._regions = regions
        self._probe = probe
        self._settlement = Settlement(regions)
        self._notifier = Notifier(self._settlement.states, self._settlement.published, on_outcome, self)
        self._supervisor = Supervisor(
            regions,
            probe,
            self._settlement,
            self._notifier,
            timeout=timeout,
            total_timeout=total_timeout,
            max_workers=max_workers,
        )
        self._supervisor.start()

    def result(self, timeout: float | None = None) -> ConnectivityResult:
        """Wait for the test to end and return its result, the same object for every caller.

        `TimeoutError` after `timeout` seconds; the test goes on. Ctrl-C while waiting aborts the test and is raised on.
        """
        check_wait(timeout)
        return self._wait_for(lambda: self._settlement.result, self._supervisor.ended, timeout)

    def abort(self) -> None:
        """Settle every unfinished region as aborted, in flight or not begun, and have every socket closed.

        When this returns, `done()`, `outcomes` and `result()` tell the end; `futures`, `as_completed` and callbacks
        follow on wsconn's threads. Does nothing once the test is done. Never waits for a lock.
        """
        self._supervisor.abort()

    def done(self) -> bool:
        """Tell whether every region has settled."""
        return self._settlement.result is not None

    def running(self) -> bool:
        """Tell whether some region has not settled yet."""
        return not self.done()

    def aborted(self) -> bool:
        """Tell whether the test ended by `abort()`."""
        return self._settlement.aborted()

    def add_done_callback(self, fn: Callable[[ConnectivityTest], object]) -> None:
        """Call `fn` with this handle when the test is done; at once, in this thread, if it is done already.

        Otherwise `fn` runs on a thread of the test. What it raises is logged and stops nothing.
        """
        if not self.done() and self._notifier.add_done_callback(functools.partial(fn, self)):
            return
        from wsconn._run.notifier import log_fault

        try:
            fn(self)
        except Exception:  # noqa: BLE001 - as with `Future`
            log_fault("a callback of %r raised", self)

    def as_completed(self, timeout: float | None = None) -> Iterator[RegionOutcome]:
        """Yield each outcome as its region settles. Several threads may iterate; each sees all.

        `TimeoutError` once `timeout` seconds have gone since the first outcome was asked for.
        """
        check_wait(timeout)
        deadline = None if timeout is None else Deadline.after(timeout)
        for number in range(len(self._regions)):
            nth = functools.partial(self._settlement.nth, number)
            yield self._wait_for(nth, self._supervisor.changed, timeout, deadline)

    @property
    def outcomes(self) -> tuple[RegionOutcome, ...]:
        """What has settled, in the order in which the regions were given."""
        return self._settlement.outcomes

    @property
    def futures(self) -> Mapping[str, Future[RegionOutcome]]:
        """A future for each region, by name. They are never cancelled and hold no exception.

        `on_outcome` and done callbacks do not delay them. Their own callbacks run on the thread that resolves them.
        """
        return MappingProxyType(self._notifier.futures)

    def _progress(self) -> list[tuple[State, RegionOutcome]]:
        """Tell where each region stands, in input order, with what is known of it so far: for the command line."""
        return self._settlement.progress()

    def _under_test(self) -> tuple[Sequence[Region], Any]:
        """Return the regions and the probe: for the debugger, which goes on from here."""
        return self._regions, self._probe

    def __enter__(self) -> ConnectivityTest:
        return self

    def __exit__(self, *_: object) -> None:
        """Abort what is unfinished, and wait for the workers to end."""
        self.abort()
        self._supervisor.join()

    def __repr__(self) -> str:
        result = self._settlement.result
        settled = f"{len(self.outcomes)} of {len(self._regions)} settled"
        state = "running; asks" if result is None else f"{result.result}; asked"
        return f"<ConnectivityTest {settled}, {state} {_hosts(self._regions)}>"

    def _wait_for(
        self, look: Callable[[], T | None], waiters: Waiters, timeout: float | None, deadline: Deadline | None = None
    ) -> T:
        """Wait until `look` finds something. `deadline` is when `timeout` is over, if that began before now."""
        if (found := look()) is not None:
            return found
        if not self._supervisor.is_here():
            raise RuntimeError("this test runs in the process that forked this one; here it can only be aborted")
        from wsconn._run.waiters import wait_until

        try:
            return wait_until(look, waiters, timeout, deadline)
        except KeyboardInterrupt:
            self.abort()
            raise


def _hosts(regions: Sequence[Region]) -> str:
    """Return whom a test asks first: a few host names, neither paths nor queries, since these may be secret."""
    urls = [region.discovery.url if region.discovery else region.url for region in regions]
    hosts = list(dict.fromkeys(split_url(url).host for url in urls if url))
    more = [f"and {len(hosts) - MOST_HOSTS} more"] if len(hosts) > MOST_HOSTS else []
    return " ".join([", ".join(hosts[:MOST_HOSTS]), *more])
