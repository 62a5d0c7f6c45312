"""Asks one name server for itself, and nobody in its place: what the system's resolver makes of several is left out."""

from __future__ import annotations

import errno
import socket

from wsconn._diagnosis.evidence import StageFailed, symbol
from wsconn._io.abort import CancelScope
from wsconn._io.waiting import READ, wait
from wsconn._outcome import Cause, Evidence
from wsconn._protocols.dns import (
    LONGEST_REPLY_BYTES,
    NXDOMAIN,
    RCODES,
    BadReply,
    Reply,
    is_reply_to,
    question,
    read_reply,
)
from wsconn._text import sanitize

_PORT = 53
_TRIES = 2  # a datagram may be lost
_MOST_SILENT_SECONDS = 2.0  # for one try; resolvers wait for 5


def ask(server: str, name: str, kinds: tuple[int, ...], scope: CancelScope) -> list[Reply]:
    """Ask a name server for records of each kind, and return what it says; raises `StageFailed` where it says nothing.

    The kinds are asked for side by side. A kind that is not answered is left out where another one is.
    """
    try:
        with _connected(server) as sock:
            return _replies(sock, [question(name, kind) for kind in kinds], scope)
    except OSError as error:
        cause = Cause.REFUSED if error.errno == errno.ECONNREFUSED else Cause.UNREACHABLE
        raise StageFailed(cause, Evidence(os_error=symbol(error), address=server)) from error
    except ValueError as error:  # UnicodeError is one
        raise StageFailed(Cause.DNS_NOT_FOUND, Evidence(detail="its labels do not fit into DNS")) from error


def _connected(server: str) -> socket.socket:
    """Return a socket that hears this server alone."""
    (family, kind, protocol, _, address), *_ = socket.getaddrinfo(
        server.encode(), _PORT, 0, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST
    )
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def _replies(sock: socket.socket, asked: list[bytes], scope: CancelScope) -> list[Reply]:
    found: dict[bytes, Reply] = {}
    for _ in range(_TRIES):
        for one in asked:
            if one not in found:
                sock.send(one)
        until = scope.within(min(_MOST_SILENT_SECONDS, scope.remaining() / 2))
        while len(found) < len(asked) and (datagram := _receive(sock, until)) is not None:
            if (to := next((one for one in asked if is_reply_to(datagram, one)), None)) is not None:
                found[to] = _read(datagram, to)
        if len(found) == len(asked):
            break
    if not found:
        raise StageFailed(Cause.TIMEOUT)
    return list(found.values())


def _receive(sock: socket.socket, scope: CancelScope) -> bytes | None:
    while scope.remaining():
        try:
            return sock.recv(LONGEST_REPLY_BYTES)
        except BlockingIOError:
            wait([(sock, READ)], scope)
    return None


def _read(datagram: bytes, asked: bytes) -> Reply:
    try:
        return read_reply(datagram, asked)
    except BadReply as error:
        raise StageFailed(Cause.DNS_FAILED, Evidence(detail=str(error))) from error


def addresses(replies: list[Reply]) -> tuple[str, ...]:
    """Return the addresses that a server gave, or raise `StageFailed` with what it said in their place."""
    found = tuple(dict.fromkeys(address for reply in replies for address in reply.addresses))
    if found:
        return found
    worst = max(replies, key=lambda reply: reply.rcode)
    cause = Cause.DNS_NOT_FOUND if worst.rcode in (0, NXDOMAIN) else Cause.DNS_FAILED
    said = RCODES.get(worst.rcode, f"code {worst.rcode}")
    detail = "it knows the name, and no address of it" if worst.rcode == 0 else f"it answers {sanitize(said)}"
    raise StageFailed(cause, Evidence(detail=detail))
