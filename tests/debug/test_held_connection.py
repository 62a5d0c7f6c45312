"""One held connection, called as its holder calls it: what a process that stood still may say of times."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme

from tests.debug.cutting import text
from wsconn._deadline import Deadline, now
from wsconn._debug.held_connection import HeldConnection
from wsconn._debug.records import HoldEnd
from wsconn._io.abort import Abort, CancelScope
from wsconn._io.held_stream import HeldStream
from wsconn._io.stream import Stream


@contextlib.contextmanager
def connection(seconds: float, ping_every: float) -> Iterator[tuple[HeldConnection, socket.socket]]:
    """Make a connection that is held, and its other end."""
    ours, theirs = socket.socketpair()
    with contextlib.closing(Abort()) as abort, theirs:
        scope = CancelScope(Deadline.after(30), abort)
        stream = Stream(ours, scope)
        held = HeldConnection(HeldStream(stream, scope), seconds, ping_every)
        stream.close()  # which does nothing: the socket was taken over
        yield held, theirs
        held.abort()


def test_what_tls_has_still_to_send_goes_with_the_connection() -> None:
    """The stream that was taken over is closed, and the records that wait in memory are not lost."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("held.example").configure_cert(server)
    authority.configure_trust(client)
    heard: list[bytes] = []

    def serve() -> None:
        with server.wrap_socket(theirs, server_side=True) as sock:
            heard.append(sock.recv(2))

    ours, theirs = socket.socketpair()
    with contextlib.closing(Abort()) as abort, theirs:
        scope = CancelScope(Deadline.after(30), abort)
        thread = threading.Thread(target=serve)
        thread.start()
        stream = Stream(ours, scope)
        stream.start_tls(client, "held.example")  # whose last word leaves with what is written next
        held = HeldStream(stream, scope)
        stream.close()
        held.write(b"hi")
        thread.join(20)
        held.close()
    assert heard == [b"hi"]


def pong_to(ping: bytes) -> bytes:
    payload = bytes(byte ^ ping[2 + at % 4] for at, byte in enumerate(ping[6:14]))
    return bytes([0x8A, len(payload)]) + payload


@pytest.mark.parametrize(("stood_still", "known"), [(0.0, 1), (30.0, 0)], ids=["running", "stopped"])
def test_a_pong_that_waited_for_this_process_says_nothing_of_time(stood_still: float, known: int) -> None:
    """A laptop that slept would otherwise be told that its connection stalls."""
    with connection(60.0, 1e-9) as (held, theirs):
        held.at_time()
        theirs.sendall(pong_to(theirs.recv(100)))
        held.receive(now() - stood_still)
        assert len(held.round_trips) == known
        assert not held.is_unanswered


def test_an_end_that_waited_for_this_process_came_some_time_before() -> None:
    """Between the last look and this one."""
    with connection(60.0, 60.0) as (held, theirs):
        before = held.began
        theirs.close()
        held.receive(before)
        assert held.end
        assert held.end.by is HoldEnd.END
        assert held.end.not_before == before < held.end.at


def test_what_came_before_the_end_is_read() -> None:
    """A frame, and half of one, and then nothing more."""
    with connection(60.0, 60.0) as (held, theirs):
        theirs.sendall(text(b"whole") + text(b"half")[:3])
        theirs.close()
        held.receive(now())
        assert held.frames_received == 2
        assert held.end


def test_a_peer_that_takes_nothing_does_not_make_it_wait() -> None:
    """Pings go nowhere once the system takes no more of them; that they are lost tells it."""
    with connection(60.0, 1e-9) as (held, _theirs):
        for _ in range(20_000):
            held.at_time()
        assert held.end is None
        assert held.is_unanswered
