"""Healthy WebSocket servers on every address of a namespace: ws on port 80, wss on ports 443 and 8443.

`python -m tests.components.region_server PEM` runs until its standard input ends; PEM holds a key and its certificates.
"""

from __future__ import annotations

import logging
import socket
import ssl
import sys
import threading

from websockets.sync.server import Server, serve


def _listen(port: int, context: ssl.SSLContext | None) -> Server:
    sock = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=100)
    return serve(lambda connection: [None for _ in connection], sock=sock, ssl=context)


def main(pem: str) -> None:
    """Serve until standard input ends."""
    logging.getLogger("websockets").setLevel(logging.CRITICAL)  # connections that rules cut are no news here
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    for server in (_listen(80, None), _listen(443, context), _listen(8443, context)):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
