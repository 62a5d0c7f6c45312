"""A helper for squid that verifies NTLM by pyspnego's server side: squid's own takes any password.

Squid starts its helpers as a user who may read nothing of this checkout. So what it starts is a few lines that pass
squid's words on to a port, where this file, run as a program, verifies them.
"""

from __future__ import annotations

import base64
import contextlib
import pathlib
import socket
import sys
import threading
from collections.abc import Iterator
from typing import IO

from tests.components.programs import HOME, free_port, running

_RELAY = """import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as sock, sock.makefile("rwb", 0) as verifier:
    while line := sys.stdin.buffer.readline():
        verifier.write(line)
        sys.stdout.buffer.write(verifier.readline())
        sys.stdout.buffer.flush()
"""


@contextlib.contextmanager
def ntlm_helper(folder: pathlib.Path, shared: pathlib.Path, user: str, password: str) -> Iterator[str]:
    """Give the command that squid is to start; `shared` can be read by whoever squid runs as."""
    relay, users = shared / "relay.py", shared / "users"
    relay.write_text(_RELAY)
    users.write_text(f":{user}:{password}\nCORP:{user}:{password}\n")
    port = free_port()
    command = (HOME / "logins" / "bin" / "python", pathlib.Path(__file__), str(port))
    environment = {"NTLM_USER_FILE": str(users), "PYTHONPATH": str(HOME.parent)}
    with running(command, folder=folder, ports=[port], environment=environment):
        yield f"/usr/bin/python3 {relay} {port}"


def main() -> None:
    """Verify what comes to the port that the command line names, each connection on a thread of its own."""
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=_verify, args=(sock,), daemon=True).start()


def _verify(sock: socket.socket) -> None:
    with sock, sock.makefile("rwb", 0) as squid:
        _answer_all(squid)


def _answer_all(squid: IO[bytes]) -> None:
    """Answer `YR` (a first message) by `TT` and a challenge, `KK` (a second one) by `AF` and the user or by `NA`."""
    import spnego

    server = None
    while line := squid.readline():
        kind, _, token = line.decode().strip().partition(" ")
        try:
            if kind == "YR":
                server = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
                challenge = server.step(base64.b64decode(token.split()[0]))
                squid.write(b"TT %b\n" % base64.b64encode(challenge or b""))
            else:
                assert server
                server.step(base64.b64decode(token.split()[0]))
                squid.write(f"AF {server.client_principal}\n".encode())
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is no login
            squid.write(f"NA {type(error).__name__}\n".encode())


if __name__ == "__main__":
    main()
