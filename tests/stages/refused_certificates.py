"""Servers whose certificates are not accepted, and what is said of them."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator

import wsconn
from wsconn import Failure

HERE = ("127.0.0.1",)
OPERATOR, NOBODY_ELSE = "service's operator", "administrator"


@contextlib.contextmanager
def serving(*contexts: ssl.SSLContext) -> Iterator[str]:
    """Run a server that does the handshakes with these contexts in turn, and give its URL."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def run() -> None:
            for number in range(1000):
                with contextlib.suppress(OSError, ValueError):
                    sock, _ = listener.accept()
                    with sock, contexts[number % len(contexts)].wrap_socket(sock, server_side=True) as secure:
                        secure.recv(1)
                if listener.fileno() < 0 or stop.is_set():
                    return

        stop = threading.Event()
        thread = threading.Thread(target=run, name="serving")
        thread.start()
        try:
            yield f"wss://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            stop.set()
            with contextlib.suppress(OSError):
                socket.create_connection(listener.getsockname(), 1).close()
            thread.join(10)


def failure(client: ssl.SSLContext | None, *contexts: ssl.SSLContext) -> Failure:
    """Check a region with such a server, and return why it failed."""
    with serving(*contexts) as url:
        outcome = wsconn.check({"region": url}, timeout=20, proxy=None, ssl_context=client).outcomes[0]
    assert outcome.failure is not None, outcome
    assert outcome.failure.stage == "tls"
    return outcome.failure


def seen_in(failed: Failure) -> wsconn.Evidence:
    assert failed.evidence is not None
    return failed.evidence
