"""How a connection that is to be held is opened: as the check opens it, on a worker, which then hands it over."""

from __future__ import annotations

import enum

import attrs

from wsconn._debug.held_connection import HeldConnection
from wsconn._debug.records import Hold, HoldEnd
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import Aborted, CancelScope
from wsconn._io.held_stream import HeldStream
from wsconn._io.stream import Stream
from wsconn._outcome import RegionOutcome
from wsconn._probe.probe import Probe
from wsconn._regions import Region
from wsconn._run.notifier import log_fault

OPEN_SECONDS = 10.0


class Role(enum.Enum):
    """What a connection is held for."""

    IDLE = enum.auto()
    KEPT_ALIVE = enum.auto()
    BESIDE = enum.auto()  # idle too, and sent its one ping earlier


@attrs.frozen
class Task:
    """A connection that is to be opened, and how it is held: see `HeldConnection`."""

    region: Region
    role: Role
    seconds: float
    ping_every: float | None = None


@attrs.frozen
class Opened:
    """What came of a task: a connection, or why there is none."""

    task: Task
    outcome: RegionOutcome
    recorder: Recorder
    connection: HeldConnection | None = None

    @property
    def is_over(self) -> bool:
        """Whether the connection has ended, or never was."""
        return self.connection is None or self.connection.end is not None

    def hold(self) -> Hold:
        """Make the record of it, so far where it has not ended."""
        connection = self.connection
        if connection is None:
            return unopened(self.task, self.outcome)
        end = connection.end_so_far()
        return Hold(
            region=self.task.region.name,
            kept_alive=self.task.role is Role.KEPT_ALIVE,
            seconds=end.at - connection.began,
            least_seconds=end.not_before - connection.began,
            ended_by=end.by,
            close_code=end.close_code,
            close_reason=self.recorder.redact(end.close_reason),
            close_notify=end.close_notify,
            detail=end.detail,
            round_trips=connection.round_trips,
            pinged_every=self.task.ping_every,
            frames_received=connection.frames_received,
            address=self.outcome.address,
        )


def unopened(task: Task, outcome: RegionOutcome | None = None) -> Hold:
    """Make the record of a connection that there never was."""
    failure = outcome.failure if outcome else None
    return Hold(
        region=task.region.name,
        kept_alive=task.role is Role.KEPT_ALIVE,
        seconds=0.0,
        ended_by=HoldEnd.NOT_OPENED if failure else HoldEnd.ABORTED,
        pinged_every=task.ping_every,
        failure=failure,
    )


def unbegun(task: Task, error: Exception) -> Opened:
    """Return what came of a task for which this machine had no thread or no descriptor."""
    recorder = Recorder(task.region.name, task.region.url)
    return Opened(task, recorder.not_begun(error), recorder)


def open_one(task: Task, probe: Probe, scope: CancelScope) -> Opened:
    """Open a connection with `probe`. It is held from the moment at which the WebSocket has opened."""
    kept: list[HeldConnection] = []

    def keep(stream: Stream) -> None:
        kept.append(HeldConnection(HeldStream(stream, scope), task.seconds, task.ping_every))

    recorder = Recorder(task.region.name, task.region.url)
    recorder.begin()
    try:
        outcome = attrs.evolve(probe, keep=keep)(task.region, scope.within(OPEN_SECONDS), recorder)
    except Aborted:
        outcome = recorder.aborted()
    except BaseException as error:  # noqa: BLE001 - our own fault must not lose the region
        log_fault("wsconn failed to hold a connection to region %r", task.region.name)
        outcome = recorder.broken(error)
    return Opened(task, outcome, recorder, kept[0] if kept else None)
