"""Connections that are held open after the check, to see what ends them.

Workers open them, two a region and a few beside, and hand them over; then one thread waits for all of them at once. A
handshake has a thread of its own, since each of its many steps may hang. Here nothing happens for most of the time, and
a thread each would be waste.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import attrs

from wsconn._deadline import now
from wsconn._debug.idle_search import IdleSearch
from wsconn._debug.opening import Opened, Role, Task, open_one, unbegun, unopened
from wsconn._debug.records import PING_SECONDS, Hold, HoldEnd
from wsconn._io.abort import STALL_SECONDS, CancelScope
from wsconn._io.mailbox import Mailbox
from wsconn._io.waiting import READ, wait
from wsconn._probe.probe import Probe
from wsconn._regions import Region
from wsconn._run.workers import Workers

_MOST_WORKERS = 32
_MOST_BESIDE = 4  # idle connections to a region, beside the two that are told of
_MOST_BESIDE_IN_ALL = 64
_SEEN = (HoldEnd.HELD, HoldEnd.CLOSE, HoldEnd.ABORTED)  # ends of which it is known when they came


@attrs.define(eq=False)
class _Side:
    """What is held open to one region."""

    region: Region
    seconds: float
    ping_every: float
    search: IdleSearch
    holds: dict[Role, Hold] = attrs.field(factory=dict)
    idle_connections: int = 1

    @property
    def both(self) -> tuple[Task, Task]:
        """The two that are told of."""
        idle = Task(self.region, Role.IDLE, self.seconds)
        return idle, Task(self.region, Role.KEPT_ALIVE, self.seconds, self.ping_every)

    def beside(self, left: float) -> Iterator[Task]:
        """Yield idle ones for the times to look at next, within the seconds that are left."""
        for seconds in self.search.times(left):
            self.idle_connections += 1
            yield Task(self.region, Role.BESIDE, seconds)

    def note(self, opened: Opened) -> bool:
        """Note what one beside did; tells whether the rest of the search now is for earlier times."""
        connection = opened.connection
        if connection is None or connection.end is None or connection.end.by in (HoldEnd.CLOSE, HoldEnd.ABORTED):
            return False
        answered = connection.end.by is HoldEnd.HELD
        if not answered and not connection.is_unanswered:  # it was cut before its ping, as the idle one is too
            return False
        return self.search.note(opened.task.seconds, answered=answered)

    def hold(self, opened: Opened) -> Hold:
        """Return the record of one of the two, the idle one's with what those beside it tell."""
        hold = opened.hold()
        if opened.task.role is not Role.IDLE:
            return hold
        hold = attrs.evolve(hold, connections=self.idle_connections)
        if opened.connection and opened.connection.is_unanswered and hold.ended_by not in _SEEN:
            least, most = self.search.answered, self.search.silent
            return attrs.evolve(hold, least_seconds=max(least, hold.least_seconds), seconds=min(most, hold.seconds))
        return hold


class Holding:
    """Holds two connections open to each of some regions; made once a run, after the check.

    Args:
        regions: those that passed.
        probe: the check's own; a connection is opened as it would.
        scope: its deadline leaves time to open connections before `seconds`, and to close them after.
        seconds: how long to hold them.
        ping_every: seconds from ping to ping on those that are kept alive.
        tell: called with each as it ends, from the thread that holds them.
    """

    def __init__(
        self,
        regions: Sequence[Region],
        probe: Probe,
        scope: CancelScope,
        *,
        seconds: float,
        ping_every: float = PING_SECONDS,
        tell: Callable[[Hold], object],
    ) -> None:
        beside = min(_MOST_BESIDE, _MOST_BESIDE_IN_ALL // max(1, len(regions)))
        sides = [_Side(region, seconds, ping_every, IdleSearch(seconds, beside)) for region in regions]
        self._sides = {side.region.name: side for side in sides}
        self._probe = probe
        self._scope = scope
        self._tell = tell
        self._workers: list[Workers[Task]] = []
        self._expected = 0  # tasks that are under way
        self._held: list[Opened] = []
        self._looked_at = now()

    def run(self) -> tuple[Hold, ...]:
        """Hold them until each has ended, and return how, in the regions' order; raises `Aborted`.

        It takes the calling thread, and others only while connections are opened.
        """
        try:
            mailbox: Mailbox[Opened] = Mailbox()
        except OSError as error:
            self._held = [unbegun(task, error) for task in self._tasks()]
            self._settle()
            return self.so_far()
        with mailbox:
            self._mailbox = mailbox
            self._hold()
        return self.so_far()

    def so_far(self) -> tuple[Hold, ...]:
        """Return how each ended, or how it stands. May be called from any thread, and never waits."""
        under_way = {(opened.task.region.name, opened.task.role): opened for opened in self._held.copy()}
        found = []
        for task in self._tasks():
            opened = under_way.get((task.region.name, task.role))
            hold = self._sides[task.region.name].holds.get(task.role)
            found.append(hold or (opened.hold() if opened else unopened(task)))
        return tuple(found)

    def _hold(self) -> None:
        try:
            beside = [task for side in self._sides.values() for task in side.beside(side.seconds)]
            self._open([*self._tasks(), *beside])
            while self._are_wanted() and self._scope.remaining():
                self._take_turn(self._scope)
        finally:
            self._end_all()

    def _tasks(self) -> list[Task]:
        """Return the two of each region that are told of."""
        return [task for side in self._sides.values() for task in side.both]

    def _are_wanted(self) -> bool:
        return any(len(side.holds) < len(side.both) for side in self._sides.values())

    def _open(self, tasks: Sequence[Task]) -> None:
        """Have these opened, and hold meanwhile what is open."""
        if not tasks:
            return
        self._expected += len(tasks)
        workers = Workers(self._open_one, tasks, _MOST_WORKERS)
        self._workers.append(workers)
        try:
            for pause in workers.start(self._scope.abort.waits_over):
                self._take_turn(self._scope.within(pause))
        except RuntimeError as error:  # not even one thread could be started
            for task in tasks:
                self._mailbox.add(unbegun(task, error))

    def _open_one(self, task: Task) -> None:
        """Open a connection, on a worker."""
        self._mailbox.add(open_one(task, self._probe, self._scope))

    def _take_turn(self, until: CancelScope) -> None:
        """Wait until something is to be done, and do it."""
        held = {opened.connection.stream: opened.connection for opened in self._held if opened.connection}
        due = min((connection.next_at for connection in held.values()), default=until.deadline.at)
        until = until.until(due)
        ready = wait([(self._mailbox, READ), *((stream, READ) for stream in held)], until)
        stood_still = now() > until.deadline.at + STALL_SECONDS
        for stream in ready:
            if stream is not self._mailbox:
                held[stream].receive(self._looked_at if stood_still else now())
        for connection in held.values():
            connection.at_time()
        self._looked_at = now()
        self._unpack()
        self._settle()

    def _unpack(self) -> None:
        """Take what the workers have opened, and let them go when that is all."""
        opened = list(self._mailbox.take())
        for connection in (one.connection for one in opened if one.connection):
            connection.receive(now())  # what came with the 101 has been read, and the socket says nothing of it
        self._held += opened
        self._expected -= len(opened)
        if not self._expected:
            self._join()

    def _join(self) -> None:
        for workers in self._workers:
            workers.join()
        self._workers.clear()

    def _settle(self) -> None:
        """Turn to those that have ended."""
        over = [opened for opened in self._held if opened.is_over]
        self._held = [opened for opened in self._held if not opened.is_over]
        for opened in over:
            side = self._sides[opened.task.region.name]
            if opened.task.role is not Role.BESIDE:
                self._told(side, opened)
            elif side.note(opened):
                self._search_on(side)

    def _told(self, side: _Side, opened: Opened) -> None:
        if opened.task.role is Role.IDLE:
            self._drop(side, beyond=0.0)
        hold = side.holds[opened.task.role] = side.hold(opened)
        self._tell(hold)

    def _search_on(self, side: _Side) -> None:
        """Look for the moment of the cut among earlier times, as long as the idle connection is held."""
        self._drop(side, beyond=side.search.silent)
        for opened in self._held:
            if opened.task == side.both[0] and opened.connection:
                left = opened.connection.began + side.seconds - now()
                self._open(list(side.beside(left)))
                return

    def _drop(self, side: _Side, *, beyond: float) -> None:
        """Close those beside the idle one that can tell nothing more."""
        for opened in self._held:
            task = opened.task
            if opened.connection and task.region is side.region and task.role is Role.BESIDE and task.seconds > beyond:
                opened.connection.abort()
        self._held = [opened for opened in self._held if not opened.is_over]

    def _end_all(self) -> None:
        """Close all that is still open, tell of what was not told yet, and wait for the workers."""
        self._join()
        self._held += self._mailbox.take()
        for opened in self._held:
            if opened.connection is not None:
                opened.connection.abort()
        self._settle()
        for side in self._sides.values():
            for task in side.both:
                if task.role not in side.holds:
                    hold = side.holds[task.role] = unopened(task)
                    self._tell(hold)
