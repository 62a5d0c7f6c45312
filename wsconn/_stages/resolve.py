"""From a name to addresses.

A name means what `getaddrinfo` says of both families together, as to every other program. Asked for by itself, a family
goes on down the search list where the name has no address of it, or past an entry in the hosts file, and may lead to a
stranger. But that one lookup takes 15 s where a name server answers A and drops AAAA. So where it has not answered
after 250 ms, each family is asked for beside it. What they say is used when it has had 250 ms more, if neither answer
came through the search list, and both are of one name.

`getaddrinfo` cannot be woken: each lookup is on a daemon thread of its own, and one that hangs is left behind. Lookups
under way are shared by all who ask for the same name, in the whole process. Since networks change, one for both
families that is older than 3 s is joined only when a younger one hangs too. With one for each family, a name costs four
threads at most, however many tests ask for it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from ipaddress import ip_address
from typing import Any, NamedTuple

import attrs

from wsconn._addresses import can_be_a_server, is_public_name
from wsconn._deadline import now
from wsconn._diagnosis.evidence import NOTHING, StageFailed, symbol
from wsconn._io.abort import CancelScope
from wsconn._io.background import in_background
from wsconn._io.routes import has_way_to
from wsconn._io.waiting import wait_for
from wsconn._outcome import Cause, Evidence
from wsconn._resolver_settings import ResolverSettings, resolver_settings
from wsconn._text import host_port, is_ip_address, is_loopback, sanitize

HEAD_START_SECONDS = 0.25  # of the lookup for both families together, twice
_SHORTEST_TIMEOUT_SECONDS = 1.0  # that a name server can be given in resolv.conf
JOIN_SECONDS = 3.0  # people try again just after the network changed
BOTH = socket.AF_UNSPEC
_FAMILIES = (socket.AF_INET6, socket.AF_INET)  # IPv6 first: RFC 8305, section 4
_GAI_NAMES = {getattr(socket, name): name for name in dir(socket) if name.startswith("EAI_")}
_NOT_FOUND = ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY", "gaierror 11004")  # the last: Windows' WSANO_DATA

GetAddrInfo = Callable[..., list[Any]]


class Address(NamedTuple):
    """Where to connect to: a family, and what `connect` takes for it."""

    family: socket.AddressFamily
    sockaddr: tuple[Any, ...]

    def __str__(self) -> str:
        return host_port(self.sockaddr[0], self.sockaddr[1])


class Answer(NamedTuple):
    """What a lookup found: addresses, the name that has them (`AI_CANONNAME`), and how long it took."""

    addresses: list[Address]
    canonical: str
    seconds: float


class _Lookup(NamedTuple):
    began: float
    answer: Future[Answer]


class Lookups:
    """The lookups that are under way, shared by all who ask for the same name."""

    def __init__(self, getaddrinfo: GetAddrInfo, settings: Callable[[], ResolverSettings] = resolver_settings) -> None:
        self._getaddrinfo = getaddrinfo
        self.settings = settings
        self.forget()

    def forget(self) -> None:
        """Begin anew: a forked child has none of the threads, and maybe a lock that stays held."""
        self._lock = threading.Lock()  # guards _under_way
        self._under_way: dict[tuple[str, int], list[_Lookup]] = {}

    def start(self, host: str, family: socket.AddressFamily) -> Future[Answer]:
        """Ask for the addresses of `host` in one family or in both, or join those who wait for them already."""
        key = (host, family)
        most = 2 if family == BOTH else 1
        with self._lock:
            others = self._under_way.get(key, [])
            if others and (len(others) == most or now() - others[-1].began < JOIN_SECONDS):
                return others[-1].answer
            answer: Future[Answer] = Future()
            self._under_way[key] = [*others, _Lookup(now(), answer)]
        answer.add_done_callback(lambda ended: self._end(key, ended))
        in_background(lambda: _ask(self._getaddrinfo, host, family), f"wsconn-lookup {host}", answer)
        return answer

    def _end(self, key: tuple[str, int], ended: Future[Answer]) -> None:
        with self._lock:
            left = [lookup for lookup in self._under_way.pop(key, ()) if lookup.answer is not ended]
            if left:
                self._under_way[key] = left


SYSTEM_LOOKUPS = Lookups(socket.getaddrinfo)  # one for the process: each test of its own would cost four more threads
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=SYSTEM_LOOKUPS.forget)


@attrs.frozen(eq=False, repr=False)
class Answers:
    """Where to connect to, and the lookup that has not answered yet: it may add to that, or never end."""

    port: int
    found: list[Address]
    late: Future[Answer] | None = None
    evidence: Evidence = NOTHING

    def pending(self) -> list[Future[Answer]]:
        """Return the lookup that has not answered yet."""
        return [self.late] if self.late and not self.late.done() else []

    def addresses(self) -> list[Address]:
        """Return what is known now, without addresses that no server can have."""
        late = _usable(_found(self.late)) if self.late else []
        known = dict.fromkeys((*self.found, *late))
        return [Address(family, (host, self.port, *rest)) for family, (host, _, *rest) in known]


def resolve(host: str, port: int, lookups: Lookups, scope: CancelScope) -> Answers:
    """Look `host` up until there is something to connect to."""
    if literal := literal_addresses(host):
        return Answers(port, literal)  # 0.0.0.0 in a URL is meant
    began = now()
    together = lookups.start(host, BOTH)
    wait_for([together], scope.within(HEAD_START_SECONDS))
    apart: dict[int, Future[Answer]] = {}
    if not together.done() and scope.remaining():
        apart = {family: lookups.start(host, family) for family in _FAMILIES}
    inquiry = _Inquiry(host, lookups.settings, together, apart, began)
    return Answers(port, inquiry.addresses(scope), together, inquiry.evidence())


class _Inquiry:
    """One name's lookup, and those for each family beside it, if it is slow."""

    def __init__(
        self,
        host: str,
        settings: Callable[[], ResolverSettings],
        together: Future[Answer],
        apart: dict[int, Future[Answer]],
        began: float,
    ) -> None:
        self._host = host
        self._settings = settings
        self._together = together
        self._apart = apart
        self._began = began

    def addresses(self, scope: CancelScope) -> list[Address]:
        """Return addresses that a server can have, from both together if they answer, else from each by itself."""
        while not self._together.done():
            if self._beside():
                wait_for([self._together], scope.within(HEAD_START_SECONDS))
                if not self._together.done() and (found := self._beside()):
                    return found
            if not scope.remaining():
                raise self._sinkhole() or self._silence()
            wait_for([self._together, *(each for each in self._apart.values() if not each.done())], scope)
        if found := _usable(_found(self._together)):
            return found
        raise self._sinkhole() or self._failure()

    def _beside(self) -> list[Address]:
        """Return what the families have said by themselves, unless one has gone down the search list.

        There a CNAME may lead to any name; the other family is then most likely of another one.
        """
        answers = [each.result() for each in self._apart.values() if _found(each)]
        names = {answer.canonical.rstrip(".").lower() for answer in answers}
        if len(names) > 1 or any(self._searched(answer) for answer in answers):
            return []
        return _usable([address for answer in answers for address in answer.addresses])

    def _searched(self, answer: Answer) -> str | None:
        is_itself = _same(self._host, answer.canonical)
        return None if is_itself else self._settings().searched(self._host, answer.canonical)

    def _sinkhole(self) -> StageFailed | None:
        """Say that all addresses are such that no server can have them, where there are any."""
        evidence = self.evidence()
        if not evidence.resolved_to:
            return None
        by_entry = evidence.in_hosts_file or self._is_in_hosts_file(evidence.resolved_to)
        return StageFailed(Cause.DNS_BLOCKED, attrs.evolve(evidence, in_hosts_file=by_entry))

    def _silence(self) -> StageFailed:
        """Say that nobody has answered, and who was asked, in turn."""
        return StageFailed(Cause.TIMEOUT, attrs.evolve(self.evidence(), name_servers=self._settings().servers))

    def _failure(self) -> StageFailed:
        error = self._together.exception()
        evidence = attrs.evolve(self.evidence(), failing_name_server=self._failing_name_server())
        if error is not None and _symbol(error) in _NOT_FOUND:  # other errors may mean that nobody has answered
            evidence = attrs.evolve(evidence, silent_name_server=self._silent_name_server(now() - self._began))
        return _failure(error, evidence)

    def _failing_name_server(self) -> str | None:
        """Return the name server that has answered, where it is another machine: one here may be offline as well."""
        server = next(iter(self._settings().servers), "")
        came_at_once = now() - self._began < _SHORTEST_TIMEOUT_SECONDS
        return server if came_at_once and server and not is_loopback(server) and has_way_to(server) else None

    def evidence(self) -> Evidence:
        """Return what is known of the name now."""
        both = self._together.done()
        answers = [each.result() for each in ([self._together] if both else self._apart.values()) if _found(each)]
        addresses = _in_turn(address for answer in answers for address in answer.addresses)
        canonical = next((answer.canonical for answer in answers), "")
        found = tuple(address.sockaddr[0] for address in addresses)
        return Evidence(
            resolved_to=found,
            in_hosts_file=any(map(_is_here, found)) and is_public_name(self._host) and self._is_in_hosts_file(found),
            canonical_name=sanitize(canonical) if canonical and not _same(self._host, canonical) else None,
            search_domain=next(filter(None, map(self._searched, answers)), None),
            ipv4_lookup=self._said_of(socket.AF_INET),
            ipv6_lookup=self._said_of(socket.AF_INET6),
            silent_name_server=self._silent_name_server(answers[0].seconds) if both and answers else None,
        )

    def _is_in_hosts_file(self, found: tuple[str, ...]) -> bool:
        """Tell whether it is this machine's hosts file that gives the name these addresses."""
        from wsconn._hosts_file import entries_for  # here: few names lead where no server can be

        return not set(map(ip_address, found)).isdisjoint(map(ip_address, entries_for(self._host)))

    def _said_of(self, family: socket.AddressFamily) -> str | None:
        """Say how the lookup of one family went, where it was asked for by itself."""
        lookup = self._apart.get(family)
        if lookup is None:
            return None
        if not lookup.done():
            return "unanswered"
        error = lookup.exception()
        return _symbol(error) if error else "answered"

    def _silent_name_server(self, seconds: float) -> str | None:
        """Return the first of several name servers, if so long was waited for it that the second had to be asked."""
        if seconds < _SHORTEST_TIMEOUT_SECONDS:
            return None
        settings = self._settings()
        return settings.servers[0] if len(settings.servers) > 1 and seconds >= settings.timeout else None


def literal_addresses(host: str) -> list[Address]:
    """Read an address that is written out; this asks nobody and waits for nothing."""
    with contextlib.suppress(OSError, ValueError):
        socket.inet_pton(socket.AF_INET, host)  # the usual way to write one; this takes no time at all
        return [Address(socket.AF_INET, (host, 0))]
    try:
        # As bytes, since a str is put through IDNA, which costs 1.6 ms to load and has nothing to do here.
        found = socket.getaddrinfo(host.encode(), None, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return []
    return [Address(entry[0], entry[4]) for entry in found if isinstance(entry[4][0], str)]  # if not, see `_ask`


def _ask(getaddrinfo: GetAddrInfo, host: str, family: int) -> Answer:
    began = now()
    try:
        found = getaddrinfo(host, None, family, socket.SOCK_STREAM, 0, socket.AI_CANONNAME)
    except socket.gaierror:
        socket.socket().close()  # lack of descriptors looks like a name server that fails; here it says what it is
        raise
    addresses = [Address(entry[0], entry[4]) for entry in found]
    if not all(is_ip_address(address.sockaddr[0]) for address in addresses):
        raise StageFailed(Cause.DNS_FAILED, Evidence(replaced="socket.getaddrinfo"))
    canonical = next((entry[3] for entry in found if entry[3]), "") or host
    return Answer(addresses, canonical, now() - began)


def _is_here(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def _same(name: str, other: str) -> bool:
    return name.rstrip(".").lower() == other.rstrip(".").lower()


def _found(lookup: Future[Answer]) -> list[Address]:
    return lookup.result().addresses if lookup.done() and not lookup.exception() else []


def _usable(addresses: Iterable[Address]) -> list[Address]:
    """Return those that a server can have."""
    return [address for address in _in_turn(addresses) if can_be_a_server(address.sockaddr[0])]


def _in_turn(addresses: Iterable[Address]) -> list[Address]:
    """Return each address once, the families in turn (RFC 8305, section 4)."""
    each = list(dict.fromkeys(addresses))
    by_family = ([address for address in each if address.family == family] for family in _FAMILIES)
    return [address for turn in itertools.zip_longest(*by_family) for address in turn if address]


def _symbol(error: BaseException) -> str | None:
    if isinstance(error, socket.gaierror):
        return _GAI_NAMES.get(error.errno or 0, f"gaierror {error.errno}")
    return symbol(error) if isinstance(error, OSError) else type(error).__name__


def _failure(error: BaseException | None, evidence: Evidence) -> StageFailed:
    if isinstance(error, socket.gaierror):
        name = _symbol(error)
        cause = Cause.DNS_NOT_FOUND if name in _NOT_FOUND else Cause.DNS_FAILED
        failed = StageFailed(cause, attrs.evolve(evidence, os_error=name, detail=error.strerror))
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
