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


@attrs.frozen(eq=False)
class Answer:
    """How the connections of a listener are served."""

    serve: Serve
    context: ssl.SSLContext | None = None


@attrs.define(kw_only=True, eq=False)
class Listener:
    """A listening socket. `answer` is for the connections that are accepted from now on; `None`: it has stopped."""

    region: str
    owner: object
    sock: socket.socket
    address: tuple[str, int]
    answer: Answer | None
    stopped: threading.Event = attrs.Factory(threading.Event)


class Acceptor:
    """The listeners, connections and threads of one lab; there are none before the first `listen`."""

    def __init__(self, closing: threading.Event) -> None:
        self._closing = closing
        self._changed: queue.SimpleQueue[Listener] = queue.SimpleQueue()  # that are new, or are to stop
        self._lock = threading.Lock()  # guards _connections, and that no socket in it is closed meanwhile
        self._connections: dict[socket.socket, object] = {}  # with whose listener each is of
        self._serving: list[threading.Thread] = []  # used by the accepting thread alone, until it has ended
        self._accepting: threading.Thread | None = None

    def listen(self, region: str, host: str, port: int, answer: Answer, owner: object = None) -> Listener:
        """Listen on a port of `host`; 0 is any that is free. `region` is what threads and the log call it."""
        if self._accepting is None:
            self._accepting = self._start()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        sock.setblocking(False)
        listener = Listener(region=region, owner=owner, sock=sock, address=sock.getsockname()[:2], answer=answer)
        self._tell(listener)
        return listener

    def stop(self, listener: Listener) -> None:
        """Listen no more: the port is free when it returns. Connections go on."""
        listener.answer = None
        self._tell(listener)
        listener.stopped.wait(_JOIN_SECONDS)

    def end_connections(self, owner: object) -> None:
        """End the connections of an owner's listeners, with those that are being accepted by an answer of before."""
        with self._lock:
            for sock, of in self._connections.items():
                if of is owner:
                    _shut(sock)

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

    def _tell(self, changed: Listener) -> None:
        self._changed.put(changed)
        self._wakeup_send.send(b"!")

    def _accept_all(self) -> None:
        with selectors.DefaultSelector() as selector, contextlib.ExitStack() as at_the_end:
            selector.register(self._wakeup_receive, selectors.EVENT_READ)
            at_the_end.callback(_close_listeners, selector)
            while not self._closing.is_set():
                for key, _ in selector.select():
                    if key.data is None:
                        self._wakeup_receive.recv(1)
                    else:
                        self._accept(key.data)
                self._take_changes(selector)
            self._take_changes(selector)  # of a lab that was closed at once

    def _take_changes(self, selector: selectors.BaseSelector) -> None:
        while not self._changed.empty():
            listener = self._changed.get()
            if listener.answer is not None:
                selector.register(listener.sock, selectors.EVENT_READ, listener)
            elif listener.stopped.is_set():
                pass  # it was stopped before it was taken up
            else:
                if listener.sock in selector.get_map():
                    selector.unregister(listener.sock)
                listener.sock.close()
                listener.stopped.set()

    def _accept(self, listener: Listener) -> None:
        answer = listener.answer
        try:
            sock, _ = listener.sock.accept()
        except (BlockingIOError, ConnectionError):
            return  # the client has left already
        except OSError:
            self._closing.wait(_RETRY_SECONDS)  # no descriptors: the listener stays ready, so do not spin
            return
        if answer is None:  # it is about to be stopped
            sock.close()
            return
        with contextlib.suppress(OSError):  # the client has left already
            self._begin(listener, answer, _prepare(sock, answer.context))

    def _begin(self, listener: Listener, answer: Answer, sock: socket.socket) -> None:
        name = f"wsconn-lab-{listener.region}"
        thread = threading.Thread(target=self._serve, args=(listener, answer, sock), name=name, daemon=True)
        self._serving = [*(one for one in self._serving if one.is_alive()), thread]
        with self._lock:
            self._connections[sock] = listener.owner
            if listener.answer is not answer:  # it changed meanwhile: `end_connections` may not have seen this one
                _shut(sock)
        try:
            thread.start()
        except RuntimeError:  # no threads left
            self._serving.remove(thread)
            self._forget(sock)

    def _serve(self, listener: Listener, answer: Answer, sock: socket.socket) -> None:
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            answer.serve(sock)
        except OSError:
            pass  # the client left, or the lab is closing
        except Exception:  # a user's function may raise anything, and only the log can say so
            logger.exception("the fault of region %r raised", listener.region)
        finally:
            self._forget(sock)

    def _forget(self, sock: socket.socket) -> None:
        with self._lock:
            self._connections.pop(sock, None)
            sock.close()


def _close_listeners(selector: selectors.BaseSelector) -> None:
    for key in selector.get_map().values():
        if key.data is not None:
            key.data.sock.close()


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
