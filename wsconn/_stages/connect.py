"""From addresses to a TCP connection: the race of RFC 8305 ("Happy Eyeballs").

Addresses are tried one after the other, but the next one does not wait for the one before to fail: it starts 250 ms
later, or at once where that one has failed. The first to connect wins; the others are closed. At most six are tried at
a time. Where more are waiting, the one that has been silent for longest is given up after 1.5 s: long enough for one
lost SYN to be sent again, and short enough for a live address behind eight dead ones to be reached.
"""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterator
from typing import Any, NamedTuple

import attrs

from wsconn._deadline import now
from wsconn._diagnosis.evidence import StageFailed, symbol
from wsconn._diagnosis.recorder import Recorder
from wsconn._io.abort import CancelScope
from wsconn._io.routes import has_way_out, has_way_to, is_own
from wsconn._io.waiting import READ, WRITE, wait, wakeup
from wsconn._io.wakeup import WakeupSocketpair
from wsconn._outcome import STAGGER_SECONDS, Cause, Evidence
from wsconn._places import split_place
from wsconn._stages.resolve import Address, Answers, literal_addresses

MOST_IN_FLIGHT = 6
MOST_ADDRESSES = 20

_UNDER_WAY = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN)
_CAUSES = {
    errno.ECONNREFUSED: Cause.REFUSED,
    errno.EACCES: Cause.BLOCKED_LOCALLY,
    getattr(errno, "WSAEACCES", errno.EACCES): Cause.BLOCKED_LOCALLY,  # Windows' own numbers, where they differ
    getattr(errno, "WSAEMFILE", errno.EMFILE): Cause.LOCAL_LIMIT,
    errno.EPERM: Cause.BLOCKED_LOCALLY,
    errno.ECONNRESET: Cause.CLOSED,
    errno.ETIMEDOUT: Cause.TIMEOUT,
    errno.EMFILE: Cause.LOCAL_LIMIT,
    errno.ENFILE: Cause.LOCAL_LIMIT,
    errno.ENOBUFS: Cause.LOCAL_LIMIT,
    errno.ENOMEM: Cause.LOCAL_LIMIT,
}
_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, getattr(errno, "WSAEADDRNOTAVAIL", errno.EADDRNOTAVAIL))
_NAMES = {socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}
# Of several addresses that failed, the one that tells most: IPv6 without a route says nothing of a silent IPv4.
_TELLING = (Cause.LOCAL_LIMIT, Cause.BLOCKED_LOCALLY, Cause.REFUSED, Cause.CLOSED, Cause.TIMEOUT, Cause.UNREACHABLE)


def connect(
    answers: Answers,
    scope: CancelScope,
    recorder: Recorder,
    source: str | None = None,
    segment_bytes: int | None = None,
) -> socket.socket:
    """Return a socket connected to the first address that answers; the recorder has what became of the rest.

    From the address `source`, where there is one: then only addresses of its family are tried. With `segment_bytes`
    both ends send no larger segments of TCP.
    """
    with _Race(answers, scope, recorder, _local_address(source) if source else None, segment_bytes) as race:
        return race.run()


class _Runner(NamedTuple):
    address: Address
    sock: socket.socket
    began: float


class _Race:
    def __init__(
        self,
        answers: Answers,
        scope: CancelScope,
        recorder: Recorder,
        source: Address | None,
        segment_bytes: int | None,
    ) -> None:
        self._answers = answers
        self._segment_bytes = segment_bytes
        self._scope = scope
        self._recorder = recorder
        self._source = source
        self._tried: set[Address] = set()
        self._running: list[_Runner] = []  # the oldest first
        self._failures: list[tuple[Cause, Evidence]] = []
        self._next_start = 0.0

    def __enter__(self) -> _Race:
        return self

    def __exit__(self, *_: object) -> None:
        for runner in self._running:
            runner.sock.close()

    def run(self) -> socket.socket:
        if not self._answers.pending():
            return self._run(None)
        with self._news() as news:
            return self._run(news)

    def _run(self, news: WakeupSocketpair | None) -> socket.socket:
        while True:
            due = self._start_due()
            if not self._running and not self._answers.pending():
                raise self._lost()
            for runner in self._finishers(due, news):
                if won := self._finish(runner):
                    return won
            if not self._scope.remaining():
                self._give_up(Cause.TIMEOUT)
                raise self._lost()

    @contextlib.contextmanager
    def _news(self) -> Iterator[WakeupSocketpair]:
        """Wake the race when the other family of addresses comes in, late."""
        with wakeup() as news:
            for family in self._answers.pending():
                family.add_done_callback(news.wake)
            yield news

    def _untried(self) -> list[Address]:
        room = MOST_ADDRESSES - len(self._tried)
        return [address for address in self._answers.addresses() if self._is_to_be_tried(address)][:room]

    def _is_to_be_tried(self, address: Address) -> bool:
        return address not in self._tried and (self._source is None or self._source.family == address.family)

    def _start_due(self) -> CancelScope:
        """Start the attempts that are due, and return the scope of the wait until the next one is."""
        for address in self._untried():
            if self._running and now() < self._next_start:
                return self._scope.until(self._next_start)
            if len(self._running) == MOST_IN_FLIGHT:
                self._drop(self._running[0], Cause.TIMEOUT)
            self._start(address)
        return self._scope

    def _start(self, address: Address) -> None:
        self._tried.add(address)
        began = now()
        try:
            sock = socket.socket(address.family, socket.SOCK_STREAM)
        except OSError as error:
            self._failed(address, began, error.errno)
            return
        runner = _Runner(address, sock, began)
        self._running.append(runner)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._source:
                _bind(sock, self._source)
            if self._segment_bytes is not None:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, self._segment_bytes)
            code = sock.connect_ex(address.sockaddr)
        except OSError as error:
            code = error.errno or errno.EINVAL
        if code in _UNDER_WAY:
            self._next_start = began + STAGGER_SECONDS
        else:
            self._running.remove(runner)
            sock.close()
            self._failed(address, began, code)

    def _finishers(self, due: CancelScope, news: WakeupSocketpair | None) -> list[_Runner]:
        """Wait for a connection to be made or refused, for news of addresses, or for the next start to be due."""
        watched: list[tuple[Any, int]] = [(runner.sock, WRITE) for runner in self._running]
        if news and self._answers.pending():  # once woken it stays so, and would wake every further wait
            watched.append((news, READ))
        ready = wait(watched, due)
        return [runner for runner in self._running if runner.sock in ready]

    def _finish(self, runner: _Runner) -> socket.socket | None:
        self._running.remove(runner)
        code = runner.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            runner.sock.close()
            self._failed(runner.address, runner.began, code, at_once=False)
            self._next_start = 0.0
            return None
        self._give_up(Cause.OUTRUN)
        self._recorder.address_won(str(runner.address), runner.began)
        return runner.sock

    def _failed(self, address: Address, began: float, code: int | None, *, at_once: bool = True) -> None:
        cause = _cause(code, address.family, at_once=at_once)
        evidence = Evidence(os_error=symbol(OSError(code, "")), address=str(address))
        self._failures.append((cause, evidence))
        self._recorder.address_failed(str(address), began, cause, evidence.os_error)

    def _drop(self, runner: _Runner, cause: Cause) -> None:
        self._running.remove(runner)
        runner.sock.close()
        self._failures.append((cause, Evidence(address=str(runner.address))))
        self._recorder.address_failed(str(runner.address), runner.began, cause)

    def _give_up(self, cause: Cause) -> None:
        for runner in list(self._running):
            self._drop(runner, cause)

    def _lost(self) -> StageFailed:
        if not self._failures:
            return self._nothing_tried()
        cause, evidence = min(self._failures, key=lambda failure: _TELLING.index(failure[0]))
        if cause is Cause.UNREACHABLE:
            evidence = attrs.evolve(evidence, missing_route=self._missing_route())
        if cause is Cause.REFUSED:
            evidence = attrs.evolve(evidence, is_own_address=is_own(split_place(evidence.address or "")[0]))
        others = len(self._failures) - 1
        return StageFailed(cause, attrs.evolve(evidence, other_addresses_failed=others))

    def _nothing_tried(self) -> StageFailed:
        """Tell that all addresses are of another family than the one to connect from, or that none came in time."""
        if self._source is None or self._answers.pending():
            return StageFailed(Cause.TIMEOUT)
        return StageFailed(Cause.UNREACHABLE, Evidence(missing_family=_NAMES[self._source.family]))

    def _missing_route(self) -> str | None:
        """Name the family that all addresses are of, if this machine has a way out in the other alone."""
        families = {address.family for address in self._tried}
        if (
            self._source
            or len(families) != 1
            or has_way_out(*families)
            or any(has_way_to(to.sockaddr[0]) for to in self._tried)
        ):
            return None
        (family,) = families
        other = has_way_out(socket.AF_INET if family == socket.AF_INET6 else socket.AF_INET6)
        return _NAMES[family] if other else None


def _local_address(source: str) -> Address:
    """Read the address to connect from; its zone, if it has one, may be of no interface here."""
    found = literal_addresses(source)
    if not found:
        raise StageFailed(Cause.UNREACHABLE, Evidence(no_such_source=True))
    return found[0]


def _bind(sock: socket.socket, source: Address) -> None:
    try:
        sock.bind(source.sockaddr)
    except OSError as error:
        if error.errno not in _NO_SUCH_ADDRESS:
            raise
        raise StageFailed(Cause.UNREACHABLE, Evidence(no_such_source=True, os_error=symbol(error))) from error


def _cause(code: int | None, family: socket.AddressFamily, *, at_once: bool) -> Cause:
    if code == errno.EADDRNOTAVAIL and family == socket.AF_INET:  # for IPv6 it says that this machine has none
        return Cause.LOCAL_LIMIT
    if code == errno.EACCES and family == socket.AF_INET6 and not at_once:
        return Cause.UNREACHABLE  # what Linux makes of a router's "administratively prohibited" (ICMPv6)
    return _CAUSES.get(code or 0, Cause.UNREACHABLE)
