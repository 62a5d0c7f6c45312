"""Two name servers with tables of their own, for networks that lie about names: runs until its standard input ends.

The first line of standard input is JSON: by a server's address, by a name, what it answers: `A` and `AAAA` (lists), an
`rcode`, or `mute`. A name that begins with `*.` stands for all below it. Names in no table do not exist.
"""

from __future__ import annotations

import json
import socketserver
import sys
import threading
from typing import Any

from dnslib import AAAA, QTYPE, RR, A, DNSRecord

_NXDOMAIN = 3


class _Server(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def __init__(self, address: str, table: dict[str, dict[str, Any]]) -> None:
        super().__init__((address, 53), _Answering)
        self.table = table

    def said_of(self, name: str) -> dict[str, Any]:
        if name in ("", "."):
            return {}
        above = f"*.{name.partition('.')[2]}"
        found: dict[str, Any] = self.table.get(name) or self.table.get(above) or {"rcode": _NXDOMAIN}
        return found


class _Answering(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        datagram, sock = self.request
        asked = DNSRecord.parse(datagram)
        said = self.server.said_of(str(asked.q.qname).rstrip(".").lower())
        if said.get("mute"):
            return
        answer = asked.reply()
        answer.header.rcode = said.get("rcode", 0)
        kind = QTYPE[asked.q.qtype]
        for address in said.get(kind, ()):
            answer.add_answer(RR(asked.q.qname, asked.q.qtype, rdata={"A": A, "AAAA": AAAA}[kind](address)))
        sock.sendto(answer.pack(), self.client_address)


def main() -> None:
    """Answer until standard input ends."""
    for address, table in json.loads(sys.stdin.readline()).items():
        threading.Thread(target=_Server(address, table).serve_forever, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
