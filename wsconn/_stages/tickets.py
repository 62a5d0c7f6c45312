"""Kerberos tickets for proxies, fetched by a library that waits 27 s for a mute KDC and cannot be woken.

So each is fetched on a daemon thread, and one that hangs is left behind. All who need a ticket for the same proxy share
it: once it is in the user's cache, a token for a connection asks nobody. A fetch that is older than 3 s is joined only
when a younger one hangs too, so that a proxy costs two threads at most, however many regions are behind it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from wsconn._deadline import now
from wsconn._io.background import in_background
from wsconn._protocols.proxy_logins.negotiate import fetch_ticket

_JOIN_SECONDS = 3.0  # as for name lookups: people try again just after the network changed
_MOST_THREADS = 2


class _Fetch(NamedTuple):
    began: float
    fetched: Future[None]


class Tickets:
    """The fetches that are under way."""

    def __init__(self, fetch_ticket: Callable[[str], None]) -> None:
        self._fetch_ticket = fetch_ticket
        self.forget()

    def forget(self) -> None:
        """Begin anew: a forked child has none of the threads, and maybe a lock that stays held."""
        self._lock = threading.Lock()  # guards _under_way
        self._under_way: dict[str, list[_Fetch]] = {}

    def fetch(self, host: str) -> Future[None]:
        """Fetch a ticket for the proxy at `host`, or join those who wait for it already."""
        with self._lock:
            others = self._under_way.get(host, [])
            if others and (len(others) == _MOST_THREADS or now() - others[-1].began < _JOIN_SECONDS):
                return others[-1].fetched
            fetched: Future[None] = Future()
            self._under_way[host] = [*others, _Fetch(now(), fetched)]
        fetched.add_done_callback(lambda ended: self._end(host, ended))
        in_background(lambda: self._fetch_ticket(host), f"wsconn-ticket {host}", fetched)
        return fetched

    def _end(self, host: str, ended: Future[None]) -> None:
        with self._lock:
            left = [fetch for fetch in self._under_way.pop(host, ()) if fetch.fetched is not ended]
            if left:
                self._under_way[host] = left


TICKETS = Tickets(fetch_ticket)  # one for the process, as its ticket cache is
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=TICKETS.forget)
