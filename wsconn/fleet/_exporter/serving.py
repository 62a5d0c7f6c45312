"""The exporter served over HTTP. Here alone waitress is known.

waitress reads requests and writes answers on one thread, so that whoever is slow or mute holds nobody else. What is
added here: threads that come when they are needed and go again, so that two hundred probes at once are possible and
cost nothing before; connections that idle make room where there are many; and an end within half a second.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from wsconn._deadline import now
from wsconn._text import host_port
from wsconn.fleet._exporter.exporter import Exporter
from wsconn.fleet._exporter.requests import ASKED_AT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MOST_CONNECTIONS = 1000
_ROOM = 50  # connections that are kept free for those who come next
_BESIDE_PROBES = 8  # threads for what is no probe
_IDLE_SECONDS = 30.0  # after which a thread goes
_AT_ONCE = 8  # threads that begin together
_AT_ONCE_ACCEPTED = 256  # connections
_PAUSE_SECONDS = 0.001  # before as many more begin
_LOOP_SECONDS = 1  # a signal wakes the loop before
_END_SECONDS = 0.3  # for the last answers to be written
_LIMITS = {
    "max_request_header_size": 16 * 1024,
    "max_request_body_size": 1024,
    "channel_timeout": 60,  # seconds without a byte
    "cleanup_interval": 5,
    "connection_limit": MOST_CONNECTIONS,
    "backlog": 512,
    "asyncore_use_poll": True,  # select() ends at 1024 descriptors
    "log_socket_errors": False,  # whoever hangs up is no news
    "ident": "wsconn",
}


class Server:
    """Serves `app` at `listen`, a host and a port, until `stop`. `OSError` where it cannot listen there."""

    def __init__(self, app: Exporter, listen: str, *, max_probes: int) -> None:
        self._app = app
        self._stopping = False
        self._threads = _Threads(max_probes + _BESIDE_PROBES)
        self._channels: dict[int, Any] = {}  # what the loop looks at: by descriptor
        adjustments = Adjustments(listen=listen, **_LIMITS)
        self._servers: list[Any] = []
        try:
            for place in adjustments.listen:
                server = _Listener(
                    self._answer, map=self._channels, adj=adjustments, dispatcher=self._threads, sockinfo=place
                )
                self._servers.append(server)
        except OSError:
            self._close()
            raise

    @property
    def urls(self) -> Sequence[str]:
        """Where it is served."""
        return [f"http://{host_port(one.effective_host, int(one.effective_port))}/" for one in self._servers]

    def run(self) -> None:
        """Serve until `stop`, then answer whoever waits, and end."""
        try:
            while not self._stopping:
                self._turn(_PAUSE_SECONDS if self._threads.start_some() else _LOOP_SECONDS)
                self._make_room()
        finally:
            self._end()

    def stop(self) -> None:
        """Have `run` end, soon. Safe in a signal handler."""
        self._stopping = True
        for server in self._servers:
            server.pull_trigger()

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ[ASKED_AT] = self._threads.asked_at()
        return self._app(environ, start_response)

    def _turn(self, seconds: float) -> None:
        self._servers[0].asyncore.loop(timeout=seconds, use_poll=True, map=self._channels, count=1)

    def _make_room(self) -> None:
        """Close connections that ask for nothing, the oldest first, where there are too many."""
        too_many = len(self._channels) - (MOST_CONNECTIONS - _ROOM)
        if too_many <= 0:
            return
        idle = [channel for channel in self._open() if not channel.requests]
        for channel in sorted(idle, key=lambda channel: channel.creation_time)[:too_many]:
            channel.will_close = True

    def _open(self) -> list[Any]:
        return [channel for server in self._servers for channel in list(server.active_channels.values())]

    def _end(self) -> None:
        for server in self._servers:
            server.accepting = False
        self._app.stop()
        until = now() + _END_SECONDS
        while now() < until and (
            self._threads.are_busy() or any(channel.requests or channel.total_outbufs_len for channel in self._open())
        ):
            self._turn(0.02)
        self._threads.shutdown()
        if not self._threads.are_busy():  # else one may yet write to what would be closed here: the process ends anyway
            self._close()

    def _close(self) -> None:
        """Close all that the loop looks at: what failed to listen is there too."""
        for one in list(self._channels.values()):
            with contextlib.suppress(OSError):
                one.close()


class _Listener(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """A listening socket. It takes all that wait, and not one a turn: they would be read late, and seem to ask late."""

    def handle_accept(self) -> None:
        for _ in range(_AT_ONCE_ACCEPTED):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return


class _Asked(NamedTuple):
    """A request to answer, and when it was there."""

    task: Any  # waitress' own
    at: float


class _Threads:
    """Does waitress' tasks, each on the thread that idles since the shortest time, else on a new one, up to `most`."""

    def __init__(self, most: int) -> None:
        self._lock = threading.Lock()  # guards all that follows
        self._most = most
        self._count = 0
        self._idle: list[SimpleQueue[_Asked | None]] = []  # the inboxes of threads that idle
        self._waiting: deque[_Asked] = deque()
        self._is_ending = False
        self._now_answered = threading.local()

    def add_task(self, task: Any) -> None:  # noqa: ANN401 - waitress' own
        asked = _Asked(task, now())
        with self._lock:
            if self._idle:
                self._idle.pop().put(asked)
            else:
                self._waiting.append(asked)

    def start_some(self) -> bool:
        """Start a few threads for what waits, and tell whether more are to be started soon.

        Two hundred that began at once would keep the interpreter from the one thread that reads requests.
        """
        with self._lock:
            for _ in range(_AT_ONCE):
                if not self._waiting or self._count >= self._most or not self._start_one(self._waiting[0]):
                    return False
                self._waiting.popleft()
            return bool(self._waiting)

    def are_busy(self) -> bool:
        """Tell whether one answers a request."""
        with self._lock:
            return self._count > len(self._idle)

    def asked_at(self) -> float:
        """Return when the request was there that the present thread answers."""
        at: float = self._now_answered.at
        return at

    def shutdown(self, cancel_pending: bool = True, timeout: float = 0.0) -> None:
        """Have all threads end with what they do; they are daemons, and nobody waits for them."""
        with self._lock:
            self._is_ending = True
            self._waiting.clear()
            for inbox in self._idle:
                inbox.put(None)
            self._count -= len(self._idle)
            self._idle.clear()

    def _start_one(self, asked: _Asked) -> bool:
        try:
            threading.Thread(target=self._run, args=(asked,), name="wsconn-answer", daemon=True).start()
        except RuntimeError:  # this machine lets no thread start: those that are there do it
            return False
        self._count += 1
        return True

    def _run(self, first: _Asked) -> None:
        inbox: SimpleQueue[_Asked | None] = SimpleQueue()
        asked: _Asked | None = first
        while asked is not None:
            self._now_answered.at = asked.at
            asked.task.service()
            asked = self._next(inbox)

    def _next(self, inbox: SimpleQueue[_Asked | None]) -> _Asked | None:
        """Wait for a task; `None` at the end, or when there was none for long."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if self._is_ending:
                self._count -= 1
                return None
            self._idle.append(inbox)
        with contextlib.suppress(Empty):
            return inbox.get(timeout=_IDLE_SECONDS)
        with self._lock:
            if inbox in self._idle:
                self._idle.remove(inbox)
                self._count -= 1
                return None
        return inbox.get()  # a task came at the last moment
