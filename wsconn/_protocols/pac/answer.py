"""The list that a PAC answers, `PROXY p:3128; DIRECT`, as Chromium reads it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

import attrs

from wsconn._addresses import as_in_browsers
from wsconn._text import sanitize

_MOST_WAYS = 20  # of a list; nobody waits for more to fail


@attrs.frozen
class Way:
    """One way to try: through a proxy, or, where the scheme is `direct`, through none (no host, port 0)."""

    scheme: str  # direct, http, https, socks4 or socks5
    host: str = ""
    port: int = 0


# What a PAC calls a kind of proxy: wsconn's name for it, and the port where none is given. Chromium knows no others; an
# entry of another kind (HTTP, QUIC, SOCKS4A) is passed over.
_KINDS: Mapping[str, tuple[str, int]] = {
    "proxy": ("http", 80),
    "https": ("https", 443),
    "socks": ("socks4", 1080),
    "socks4": ("socks4", 1080),
    "socks5": ("socks5", 1080),
}
_PLACE = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[!$&'()*+,.=_`{}~A-Za-z0-9:-]+?))"
    r"[ \t]*(?::(?P<port>\d+))?"
)
_LONGEST_HOST = 253  # RFC 1035, section 2.3.4, without the last dot


def ways(answer: str) -> tuple[Way, ...]:
    """Return the ways in `answer`, in its order; where it names none that can be read, the direct one."""
    return _readable(answer)[:_MOST_WAYS] or (Way("direct"),)


def is_unreadable(answer: str) -> bool:
    """Whether an answer that is meant to name a way names none."""
    return bool(answer.strip(" \t;")) and not _readable(answer)


def shown(answer: str) -> str:
    """Return an answer as a person may see it: without logins, which no browser takes there and some scripts have."""
    return sanitize(re.sub(r"[^\s;]+", lambda word: _without_login(word[0]), answer))


def _without_login(word: str) -> str:
    before, at, place = word.rpartition("@")
    return f"…@{place}" if before else at + place


def _readable(answer: str) -> tuple[Way, ...]:
    found = (_way(entry.strip(" \t")) for entry in answer.split(";"))
    return tuple(way for way in found if way is not None)


def _way(entry: str) -> Way | None:
    kind, _, place = entry.replace("\t", " ").partition(" ")
    if kind.lower() == "direct" and not place:
        return Way("direct")
    named = _PLACE.fullmatch(place.strip(" "))
    if kind.lower() not in _KINDS or not named:
        return None
    scheme, usual_port = _KINDS[kind.lower()]
    host = as_in_browsers(named["v6"] or named["host"])
    port = int(named["port"][-6:]) if named["port"] else usual_port
    if host is None or port >= 1 << 16 or not _is_host(host, named["v6"] is not None):
        return None
    return Way(scheme, host, port)


def _is_host(host: str, in_brackets: bool) -> bool:
    """Whether it is a name, or an address; one of IPv6 may lack its brackets where a port follows."""
    if not in_brackets and ":" not in host:
        return len(host) <= _LONGEST_HOST
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
