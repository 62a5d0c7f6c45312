"""A name server whose names say how it answers.

`a-ok-aaaa-mute.wsconn.test` has an A record, and a question for its AAAA is dropped. So has every name below it: it is
a wildcard too, and has an alias under `example.org`, since names in `test` are no public ones. The words are:

ok          the living address
stranger    the first of the dead addresses
nine        eight dead addresses, then the living one
none        no data: the name exists, but has no such record
sinkhole    0.0.0.0 or ::
trap        255.255.255.255 or ::ffff:0.0.0.0
inside      127.0.0.1 or ::1
slow, late  the living address, after 0.3 s or 2 s
mute        no answer at all
nxdomain, servfail, refused: the error of that name

It runs in the server's namespace (`python -m tests.components.name_server`) until its standard input ends.
"""

from __future__ import annotations

import re
import socketserver
import sys
import threading

from dnslib import AAAA, QTYPE, RCODE, RR, A, DNSQuestion, DNSRecord

from tests.components.namespaces import ALIVE, DEAD, NAME_SERVER

DELAYS_SECONDS = {"slow": 0.3, "late": 2.0}
_ERRORS = {"nxdomain": RCODE.NXDOMAIN, "servfail": RCODE.SERVFAIL, "refused": RCODE.REFUSED}
_ADDRESSES = {
    "ok": ([ALIVE[0]], [ALIVE[1]]),
    "slow": ([ALIVE[0]], [ALIVE[1]]),
    "late": ([ALIVE[0]], [ALIVE[1]]),
    "nine": ([*DEAD[0], ALIVE[0]], [*DEAD[1], ALIVE[1]]),
    "stranger": ([DEAD[0][0]], [DEAD[1][0]]),
    "sinkhole": (["0.0.0.0"], ["::"]),
    "trap": (["255.255.255.255"], ["::ffff:0:0"]),
    "inside": (["127.0.0.1"], ["::1"]),
}
_NAME = re.compile(r"(.+\.)?a-(?P<A>\w+)-aaaa-(?P<AAAA>\w+)\.wsconn\.test(\.example\.org)?\.?")
_RECORDS = {"A": A, "AAAA": AAAA}


def host(*, a: str, aaaa: str) -> str:
    """Name a host that is answered in these two ways."""
    return f"a-{a}-aaaa-{aaaa}.wsconn.test"


class Answering(socketserver.BaseRequestHandler):
    """Answers one question, on a thread of its own: a late answer holds up no other."""

    def handle(self) -> None:
        datagram, sock = self.request
        asked = DNSRecord.parse(datagram)
        how = _how(asked.q)
        if how == "mute":
            return
        threading.Event().wait(DELAYS_SECONDS.get(how, 0))
        sock.sendto(_answer(asked, how).pack(), self.client_address)


def _how(question: DNSQuestion) -> str:
    name = _NAME.fullmatch(str(question.qname).lower())
    return name[QTYPE[question.qtype]] if name and QTYPE[question.qtype] in _RECORDS else "nxdomain"


def _answer(asked: DNSRecord, how: str) -> DNSRecord:
    answer = asked.reply()
    answer.header.rcode = _ERRORS.get(how, RCODE.NOERROR)
    kind = QTYPE[asked.q.qtype]
    for address in _ADDRESSES.get(how, ((), ()))[kind == "AAAA"]:
        answer.add_answer(RR(asked.q.qname, asked.q.qtype, rdata=_RECORDS[kind](address)))
    return answer


class NameServer(socketserver.ThreadingUDPServer):
    """Its threads end with the process."""

    daemon_threads = True


def main() -> None:
    """Answer until standard input ends."""
    with NameServer((NAME_SERVER, 53), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
