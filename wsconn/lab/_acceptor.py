"""Accepts on every listener of a lab in one thread, and serves each connection in a thread of its own.

Closing from another thread needs care: `close()` wakes no thread, so each connection's socket is shut down first, and
only the thread that owns a socket closes it. All threads are daemons, because a user's fault function may never end
and must not keep the interpreter from exiting.
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

_JOIN_SECONDS = 5.0  # for all threads together; with this package's faults they take milliseconds
_RETRY_SECONDS = 0.05  # between tries to accept when descriptors have run out
_BACKLOG = 1024


@attrs.frozen(kw_only=True, eq=False)
class _Listener:
    """A listening socket, and how its connections are served."""

    region: str
    sock: socket.socket
    serve: Serve
    context: ssl.SSLContext | None


class Acceptor:
    """The listeners, connections and threads of one lab; there are none before the first `listen`."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self._new_listeners: queue.SimpleQueue[_Listener] = queue.SimpleQueue()
        self._lock = threading.Lock()  # guards _connections, and that no socket in it is closed meanwhile
        self._connections: set[socket.socket] = set()
        self._serving: list[threading.Thread] = []  # used by the accepting thread alone, until it has ended
        self._accepting: threading.Thread | None = None

    def listen(self, region: str, host: str, serve: Serve, context: ssl.SSLContext | None) -> tuple[str, int]:
        """Listen on a free port of `host`; return the address."""
        if self._accepting is None:
            self._accepting = self._start()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.create_server((host, 0), family=family, backlog=_BACKLOG)
        sock.setblocking(False)
        address: tuple[str, int] = sock.getsockname()[:2]
        self._new_listeners.put(_Listener(region=region, sock=sock, serve=serve, context=context))
        self._wakeup_send.send(b"!")
        return address

    def close(self) -> None:
        """End every connection and every thread; `closing` must be set."""
        if self._accepting is None:
            return
        end = time.monotonic() + _JOIN_SECONDS
        self._wakeup_send.send(b"!")
        _join(self._accepting, end)
        self._wakeup_send.close()
        self._wakeup_receive.close()
        with self._lock:
            for sock in self._connections:
                _shut(sock)
        for thread in self._serving:
            _join(thread, end)

    def _start(self) -> threading.Thread:
        self._wakeup_send, self._wakeup_receive = socket.socketpair()
        thread = threading.Thread(target=self._accept_all, name="wsconn-lab", daemon=True)
        thread.start()
        return thread

    def _accept_all(self) -> None:
        with contextlib.ExitStack() as listeners, selectors.DefaultSelector() as selector:
            selector.register(self._wakeup_receive, selectors.EVENT_READ)
            while not self._closing.is_set():
                for key, _ in selector.select():
                    if key.data is None:
                        self._wakeup_receive.recv(1)
                    else:
                        self._accept(key.data)
                self._register_new(selector, listeners)
            self._register_new(selector, listeners)  # of a lab that was closed at once

    def _register_new(self, selector: selectors.BaseSelector, listeners: contextlib.ExitStack) -> None:
        while not self._new_listeners.empty():
            listener = self._new_listeners.get()
            listeners.enter_context(listener.sock)
            selector.register(listener.sock, selectors.EVENT_READ, listener)

    def _accept(self, listener: _Listener) -> None:
        try:
            sock, _ = listener.sock.accept()
        except (BlockingIOError, ConnectionError):
            return  # the client has left already
        except OSError:
            self._closing.wait(_RETRY_SECONDS)  # no descriptors: the listener stays ready, so do not spin
            return
        with contextlib.suppress(OSError):  # the client has left already
            self._begin(listener, _prepare(sock, listener.context))

    def _begin(self, listener: _Listener, sock: socket.socket) -> None:
        name = f"wsconn-lab-{listener.region}"
        thread = threading.Thread(target=self._serve, args=(listener, sock), name=name, daemon=True)
        self._serving = [*(one for one in self._serving if one.is_alive()), thread]
        with self._lock:
            self._connections.add(sock)
        try:
            thread.start()
        except RuntimeError:  # no threads left
            self._serving.remove(thread)
            self._forget(sock)

    def _serve(self, listener: _Listener, sock: socket.socket) -> None:
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            listener.serve(sock)
        except OSError:
            pass  # the client left, or the lab is closing
        except Exception:  # a user's function may raise anything, and only the log can say so
            logger.exception("the fault of region %r raised", listener.region)
        finally:
            self._forget(sock)

    def _forget(self, sock: socket.socket) -> None:
        with self._lock:
            self._connections.discard(sock)
            sock.close()


def _prepare(sock: socket.socket, context: ssl.SSLContext | None) -> socket.socket:
    sock.setblocking(True)  # some platforms pass on the listener's mode
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is None:
            return sock
        # Wrapped here, without the handshake, because wrapping makes a new socket object, and `close` needs that one.
        return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
    except OSError:
        sock.close()
        raise


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the client was faster
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # SSLSocket's own clears TLS under a thread that uses it


def _join(thread: threading.Thread, end: float) -> None:
    thread.join(max(0.0, end - time.monotonic()))
    if thread.is_alive():
        logger.warning("%s still runs: its fault function did not end with its socket", thread.name)
