"""From a name to addresses.

`getaddrinfo` cannot be woken, and takes 15 s for both families where a name server answers A and drops AAAA. So each
family is asked for on a daemon thread of its own, and a lookup that hangs is left behind. Lookups under way are shared
by all who ask for the same name, in the whole process. Since networks change, one older than 3 s is joined only when a
younger one hangs too: a name costs four threads at most, however many tests ask for it.
"""

from __future__ import annotations

import itertools
import os
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from wsconn._deadline import now
from wsconn._diagnosis.evidence import StageFailed, symbol
from wsconn._io.abort import CancelScope
from wsconn._io.background import done, in_background
from wsconn._io.waiting import wait_for
from wsconn._outcome import Cause, Evidence
from wsconn._text import host_port

OTHER_FAMILY_GRACE_SECONDS = 0.05  # RFC 8305, section 3: the Resolution Delay
JOIN_SECONDS = 3.0  # people try again just after the network changed
_ANY_IPV6 = ("2001:db8::1", 53)  # of the documentation's (RFC 3849): no network has it, a default route leads to it
_FAMILIES = (socket.AF_INET6, socket.AF_INET)  # IPv6 first: RFC 8305, section 4
_NO_NAME = ("0.0.0.0", "::")  # noqa: S104 - nothing binds to it: it is what DNS filters answer
_GAI_NAMES = {getattr(socket, name): name for name in dir(socket) if name.startswith("EAI_")}
_NOT_FOUND = ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY", "gaierror 11004")  # the last: Windows' WSANO_DATA

GetAddrInfo = Callable[..., list[Any]]


class Address(NamedTuple):
    """Where to connect to: a family, and what `connect` takes for it."""

    family: socket.AddressFamily
    sockaddr: tuple[Any, ...]

    def __str__(self) -> str:
        return host_port(self.sockaddr[0], self.sockaddr[1])


class _Lookup(NamedTuple):
    began: float
    answer: Future[list[Address]]


def has_way_to_ipv6() -> bool:
    """Tell whether this machine knows a way to the IPv6 internet: it asks its own routes and sends nothing."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.connect(_ANY_IPV6)
    except OSError:
        return False
    return True


class Lookups:
    """The lookups that are under way, shared by all who ask for the same name."""

    def __init__(self, getaddrinfo: GetAddrInfo, has_ipv6: Callable[[], bool] = has_way_to_ipv6) -> None:
        self._getaddrinfo = getaddrinfo
        self.has_ipv6 = has_ipv6
        self.forget()

    def forget(self) -> None:
        """Begin anew: a forked child has none of the threads, and maybe a lock that stays held."""
        self._lock = threading.Lock()  # guards _under_way
        self._under_way: dict[tuple[str, int], list[_Lookup]] = {}

    def start(self, host: str, family: socket.AddressFamily) -> Future[list[Address]]:
        """Ask for the addresses of `host` in one family, or join those who wait for them already."""
        key = (host, family)
        with self._lock:
            others = self._under_way.get(key, [])
            if others and (len(others) > 1 or now() - others[-1].began < JOIN_SECONDS):
                return others[-1].answer
            answer: Future[list[Address]] = Future()
            self._under_way[key] = [*others, _Lookup(now(), answer)]
        answer.add_done_callback(lambda ended: self._end(key, ended))
        in_background(lambda: _ask(self._getaddrinfo, host, family), f"wsconn-lookup {host}", answer)
        return answer

    def _end(self, key: tuple[str, int], ended: Future[list[Address]]) -> None:
        with self._lock:
            left = [lookup for lookup in self._under_way.pop(key, ()) if lookup.answer is not ended]
            if left:
                self._under_way[key] = left


SYSTEM_LOOKUPS = Lookups(socket.getaddrinfo)  # one for the process: each test of its own would cost four more threads
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=SYSTEM_LOOKUPS.forget)


class Answers:
    """What the two families have answered so far. Either may answer later, or never."""

    def __init__(self, port: int, families: Sequence[Future[list[Address]]], *, literal: bool = False) -> None:
        self._port = port
        self._families = families  # in the order of _FAMILIES
        self._nobody = () if literal else _NO_NAME  # who writes 0.0.0.0 into a URL means it

    def pending(self) -> list[Future[list[Address]]]:
        """Return the lookups that have not answered yet."""
        return [family for family in self._families if not family.done()]

    def has_ipv6(self) -> bool:
        """Tell whether IPv6 has answered; where this machine has no way to it, nobody need wait for that."""
        return self._families[0].done()

    def addresses(self) -> list[Address]:
        """Return what is known now, the families in turn (RFC 8305, section 4), without addresses that name nobody."""
        turns = itertools.zip_longest(*(_found(family) for family in self._families))
        known = (address for turn in turns for address in turn if address and address.sockaddr[0] not in self._nobody)
        return [Address(family, (host, self._port, *rest)) for family, (host, _, *rest) in known]

    def sinkhole(self) -> StageFailed | None:
        """Say which addresses that name nobody were answered, if all were such."""
        nobody = [address.sockaddr[0] for family in self._families for address in _found(family)]
        return StageFailed(Cause.DNS_BLOCKED, Evidence(resolved_to=tuple(nobody))) if nobody else None

    def failure(self) -> StageFailed:
        """Say why there is no address: the lookups have ended."""
        if sinkhole := self.sinkhole():
            return sinkhole
        failures = [_failure(error) for family in self._families if (error := family.exception())]
        # "There is no such name" counts only when nobody had trouble in finding that out.
        return min(failures, key=lambda failed: failed.cause is Cause.DNS_NOT_FOUND)


def resolve(host: str, port: int, lookups: Lookups, scope: CancelScope) -> Answers:
    """Look `host` up until there is something to connect to; what the other family adds may still come."""
    if literal := _literal(host):
        return Answers(port, [done(literal)], literal=True)
    answers = Answers(port, [lookups.start(host, family) for family in _FAMILIES])
    while not answers.addresses():
        pending = answers.pending()
        if not pending:
            raise answers.failure()
        if not scope.remaining():
            raise answers.sinkhole() or StageFailed(Cause.TIMEOUT)
        wait_for(pending, scope)
    if (pending := answers.pending()) and (answers.has_ipv6() or lookups.has_ipv6()):
        wait_for(pending, scope.within(OTHER_FAMILY_GRACE_SECONDS))
    return answers


def _literal(host: str) -> list[Address]:
    """Read an address that is written out; this asks nobody and waits for nothing."""
    try:
        # As bytes, since a str is put through IDNA, which costs 1.6 ms to load and has nothing to do here.
        found = socket.getaddrinfo(host.encode(), None, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [Address(entry[0], entry[4]) for entry in found]


def _ask(getaddrinfo: GetAddrInfo, host: str, family: int) -> list[Address]:
    try:
        found = getaddrinfo(host, None, family, socket.SOCK_STREAM)
    except socket.gaierror:
        socket.socket().close()  # lack of descriptors looks like a name server that fails; here it says what it is
        raise
    return list(dict.fromkeys(Address(entry[0], entry[4]) for entry in found))


def _found(family: Future[list[Address]]) -> list[Address]:
    return family.result() if family.done() and not family.exception() else []


def _failure(error: BaseException) -> StageFailed:
    if isinstance(error, socket.gaierror):
        name = _GAI_NAMES.get(error.errno or 0, f"gaierror {error.errno}")
        cause = Cause.DNS_NOT_FOUND if name in _NOT_FOUND else Cause.DNS_FAILED
        failed = StageFailed(cause, Evidence(os_error=name, detail=error.strerror))
    elif isinstance(error, UnicodeError):
        failed = StageFailed(Cause.DNS_NOT_FOUND, Evidence(detail="its labels do not fit into DNS"))
    elif isinstance(error, StageFailed):  # no thread to look up on
        failed = StageFailed(error.cause, error.evidence)
    elif isinstance(error, OSError):
        failed = StageFailed(Cause.LOCAL_LIMIT, Evidence(os_error=symbol(error), detail=error.strerror))
    else:  # a fault of ours; raised anew, since the regions that share this lookup would all add to its traceback
        raise RuntimeError("a name lookup failed in an unknown way") from error
    failed.__cause__ = error
    return failed
