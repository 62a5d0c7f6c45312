"""Measures what is promised in time and bytes, in the midst of logins at proxies: python -m benchmarks.logins [--quick]

Each proxy is malicious in one way, and serves 25 regions at once from a process of its own. The table has how long past
its second the slowest region took, how long an abort took until every worker had ended, how many connections a region
made at most, and how much memory was held for each at the peak. Negotiate is left out: its ticket comes from a KDC, and
tests/components has that.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import socketserver
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator

import wsconn

REGIONS = 25
SECONDS = 1.0
HEAD = "HTTP/1.1 407 Login\r\nProxy-Authenticate: {}\r\n"
BASIC, NTLM = HEAD.format("Basic"), HEAD.format("NTLM")
CHALLENGE = HEAD.format("NTLM TlRMTVNTUAACAAAAAAAAADgAAAAFAoECASNFZ4mrze8AAAAAAAAAAAAAAAA4AAAABgGwHQAAAA8=")
Wire = Callable[[bytes | str], None]


def drip(send: Wire) -> None:
    while True:
        send("x")
        time.sleep(0.02)


def flood(send: Wire) -> None:
    while True:
        send(b"x" * 65536)


def then(said: str, end: Callable[[Wire], None] | None = None) -> Callable[[Wire], None]:
    def answer(send: Wire) -> None:
        send(said)
        if end is not None:
            end(send)

    return answer


def mute(send: Wire) -> None:
    while True:
        time.sleep(60)


EMPTY = "Content-Length: 0\r\n\r\n"
PROXIES: dict[str, list[Callable[[Wire], None]]] = {  # the answers to a connection's requests; the last again and again
    "407 for ever, Basic": [then(BASIC + EMPTY)],
    "407 for ever, Digest, stale": [then(HEAD.format('Digest nonce="n", stale=true') + EMPTY)],
    "NTLM challenges for ever": [then(NTLM + EMPTY), then(CHALLENGE + EMPTY)],
    "all schemes for ever": [then(HEAD.format('NTLM, Digest nonce="n", Basic') + EMPTY)],
    "mute after the login": [then(BASIC + EMPTY), mute],
    "mute between NTLM's messages": [then(NTLM + EMPTY), then(CHALLENGE + EMPTY), mute],
    "a head that drips": [then(BASIC + "X: ", drip)],
    "a head without end": [then(BASIC + "X: ", flood)],
    "a body that drips": [then(BASIC + "Content-Length: 9999\r\n\r\n", drip)],
    "a body of 99 GB": [then(BASIC + "Content-Length: 99000000000\r\n\r\n", flood)],
    "a chunk without end": [then(BASIC + "Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n", flood)],
}


def serve(name: str) -> None:
    """Be one of the proxies, and say how many connections a region made for each line from standard input."""
    connections: collections.Counter[str] = collections.Counter()

    class Proxy(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            region = ""

            def send(data: bytes | str) -> None:
                self.request.sendall(data.encode() if isinstance(data, str) else data)

            with contextlib.suppress(OSError):
                answers = iter(PROXIES[name])
                answer = next(answers)
                while request := self.request.recv(65536):
                    first = not region
                    region = request.split()[1].decode()
                    connections[region] += first
                    answer(send)
                    answer = next(answers, answer)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 1024

    with Server(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        for _ in sys.stdin:
            print(max(connections.values()), flush=True)
            connections.clear()


@contextlib.contextmanager
def proxy(name: str) -> Iterator[tuple[str, Callable[[], int]]]:
    """Run one in a process of its own; give its URL, and what asks how many connections a region made since then."""
    command = [sys.executable, "-m", "benchmarks.logins", "--serve", name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        reads, writes = process.stdout, process.stdin
        assert reads
        assert writes

        def told() -> int:
            writes.write("\n")
            writes.flush()
            return int(reads.readline())

        try:
            yield f"http://user:password@127.0.0.1:{int(reads.readline())}", told
        finally:
            process.terminate()


def measure(name: str, aborts: int) -> None:
    regions = {f"region-{number}": f"wss://{number}.example/" for number in range(REGIONS)}
    with proxy(name) as (url, told):
        result = wsconn.check(regions, timeout=SECONDS, proxy=url)
        connections = told()
        tracemalloc.start()  # now that all is imported
        wsconn.check(regions, timeout=SECONDS, proxy=url)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        late = max(outcome.duration for outcome in result.outcomes) - SECONDS
        ends = sorted(_abort(regions, url) for _ in range(aborts))
    causes = "/".join(sorted({str(outcome.failure.cause) for outcome in result.outcomes if outcome.failure}))
    print(
        f"| {name} | {causes} | {max(late, 0) * 1000:.0f} | {ends[len(ends) // 2] * 1000:.0f} | {ends[-1] * 1000:.0f} |"
        f" {connections} | {peak // REGIONS // 1024} |",
        flush=True,
    )


def _abort(regions: dict[str, str], url: str) -> float:
    with wsconn.start(regions, timeout=60, proxy=url) as test:
        with contextlib.suppress(TimeoutError):
            test.result(timeout=0.2)
        began = time.perf_counter()
        test.abort()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer aborts")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    print("| proxy | cause | past the deadline, ms | abort to all ended, ms | the slowest | connections | KiB held |")
    print("|---|---|---|---|---|---|---|")
    for name in PROXIES:
        measure(name, 5 if arguments.quick else 20)


if __name__ == "__main__":
    main()
