"""A company's proxy that opens TLS: for every connection it makes a new certificate for the host that was asked for.

`python -m tests.components.inspecting_proxy` runs in the server's namespace until its standard input ends. It does not
connect to any server: a client without the company's root goes no further than the certificate.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
import threading

from tests.components.namespaces import NAME_SERVER
from tests.stages.authorities import issue, server_sending

PORT = 3128
ROOT = issue("Zscaler Root CA", organization="Zscaler Inc.")
INTERMEDIATE = issue("Zscaler Intermediate Root CA (zscalerthree.net)", ROOT, organization="Zscaler Inc.")


def _serve(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        head = b""
        while b"\r\n\r\n" not in head and (more := connection.recv(4096)):
            head += more
        host = head.split()[1].decode().rpartition(":")[0]
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        context = server_sending(issue(host, INTERMEDIATE, hosts=[host]), INTERMEDIATE)
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as opened:
            opened.recv(1)


def _accept(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_serve, args=(connection,), daemon=True).start()


def main() -> None:
    """Serve until standard input ends."""
    with socket.create_server((NAME_SERVER, PORT), backlog=100) as listener:
        threading.Thread(target=_accept, args=(listener,), daemon=True).start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
