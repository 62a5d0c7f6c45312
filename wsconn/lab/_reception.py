"""Accepts on every listener of a lab in one thread, and serves each connection in a thread of its own.

Closing from another thread needs care: `close()` wakes nobody, so each connection's socket is shut down first, and
only the thread that owns a socket closes it. All threads are daemons, because a user's fault function may never end
and must not hold the interpreter.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import selectors
import socket
import ssl
import threading
import time

import attrs

from wsconn.lab._fault import Serve

logger = logging.getLogger("wsconn.lab")

_JOIN_SECONDS = 5.0  # for all threads together; with the faults of this package they take milliseconds
_BREATH_SECONDS = 0.05  # between tries to accept when descriptors have run out
_BACKLOG = 1024


@attrs.frozen(kw_only=True, eq=False)
class _Desk:
    """A listener and what becomes of those whom it lets in."""

    region: str
    listener: socket.socket
    serve: Serve
    context: ssl.SSLContext | None


class Reception:
    """The listeners, connections and threads of one lab; nothing is there before the first `open`."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self._arrivals: queue.SimpleQueue[_Desk] = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards _connections, and that no socket in it is closed meanwhile
        self._connections: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []  # the accepting thread's, until it has ended
        self._acceptor: threading.Thread | None = None

    def open(self, region: str, host: str, serve: Serve, context: ssl.SSLContext | None) -> tuple[str, int]:
        """Listen on a free port of `host`; return the address."""
        if self._acceptor is None:
            self._acceptor = self._start()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, 0), family=family, backlog=_BACKLOG)
        listener.setblocking(False)
        address: tuple[str, int] = listener.getsockname()[:2]
        self._arrivals.put(_Desk(region=region, listener=listener, serve=serve, context=context))
        self._bell.send(b"!")
        return address

    def close(self) -> None:
        """End every connection and every thread; `closing` must be set."""
        if self._acceptor is None:
            return
        end = time.monotonic() + _JOIN_SECONDS
        self._bell.send(b"!")
        _join(self._acceptor, end)
        self._bell.close()
        self._heard.close()
        with self._lock:
            for sock in self._connections:
                _shut(sock)
        for thread in self._threads:
            _join(thread, end)

    def _start(self) -> threading.Thread:
        self._bell, self._heard = socket.socketpair()
        acceptor = threading.Thread(target=self._accept_all, name="wsconn-lab", daemon=True)
        acceptor.start()
        return acceptor

    def _accept_all(self) -> None:
        with contextlib.ExitStack() as listeners, selectors.DefaultSelector() as selector:
            selector.register(self._heard, selectors.EVENT_READ)
            while not self._closing.is_set():
                for key, _ in selector.select():
                    if key.data is None:
                        self._heard.recv(1)
                    else:
                        self._accept(key.data)
                self._register_arrivals(selector, listeners)
            self._register_arrivals(selector, listeners)  # those of a lab that closed at once: to be closed too

    def _register_arrivals(self, selector: selectors.BaseSelector, listeners: contextlib.ExitStack) -> None:
        while not self._arrivals.empty():
            desk = self._arrivals.get()
            listeners.enter_context(desk.listener)
            selector.register(desk.listener, selectors.EVENT_READ, desk)

    def _accept(self, desk: _Desk) -> None:
        try:
            sock, _ = desk.listener.accept()
        except (BlockingIOError, ConnectionError):
            return  # whoever knocked has gone
        except OSError:
            self._closing.wait(_BREATH_SECONDS)  # no descriptors: the listener stays ready, so do not spin
            return
        with contextlib.suppress(OSError):  # the peer has gone already
            self._begin(desk, _prepare(sock, desk.context))

    def _begin(self, desk: _Desk, sock: socket.socket) -> None:
        name = f"wsconn-lab-{desk.region}"
        thread = threading.Thread(target=self._attend, args=(desk, sock), name=name, daemon=True)
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        with self._lock:
            self._connections.add(sock)
        try:
            thread.start()
        except RuntimeError:  # no threads left
            self._threads.remove(thread)
            self._forget(sock)

    def _attend(self, desk: _Desk, sock: socket.socket) -> None:
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            desk.serve(sock)
        except OSError:
            pass  # the peer left, or the lab is closing
        except Exception:  # a user's function may raise anything; nobody else is there to tell
            logger.exception("the fault of region %r raised", desk.region)
        finally:
            self._forget(sock)

    def _forget(self, sock: socket.socket) -> None:
        with self._lock:
            self._connections.discard(sock)
            sock.close()


def _prepare(sock: socket.socket, context: ssl.SSLContext | None) -> socket.socket:
    sock.setblocking(True)  # some platforms hand the listener's mode down
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is None:
            return sock
        # Wrapped here, without the handshake, because wrapping makes a new socket object and `close` needs the last.
        return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
    except OSError:
        sock.close()
        raise


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the peer was faster
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # SSLSocket's own clears TLS under a thread that uses it


def _join(thread: threading.Thread, end: float) -> None:
    thread.join(max(0.0, end - time.monotonic()))
    if thread.is_alive():
        logger.warning("%s goes on: its fault function did not end with its socket", thread.name)
