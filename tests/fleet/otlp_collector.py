"""A collector on loopback: one that takes what it is sent and reads it with opentelemetry-proto, or a faulty one."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from typing import Any

import attrs
from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

Speak = Callable[[socket.socket], object]

_KINDS: Mapping[str, type[Message]] = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
}
BOUND_SECONDS = 30.0


@attrs.frozen
class Received:
    """A request: its path, its header fields, and the message in it."""

    path: str
    fields: dict[str, str]
    body: bytes = attrs.field(repr=False)

    @property
    def message(self) -> Any:
        """What it holds, decoded."""
        kind = next(kind for path, kind in _KINDS.items() if self.path.endswith(path))()
        kind.ParseFromString(gzip.decompress(self.body) if "content-encoding" in self.fields else self.body)
        return kind


class Collector:
    """Answers each request with what `answers` has for its path, else with what OTLP calls a full success."""

    def __init__(self, answers: Mapping[str, bytes] | None = None) -> None:
        self._answers = answers or {}
        self._received: SimpleQueue[Received] = SimpleQueue()
        self.url = ""

    def __call__(self, sock: socket.socket) -> None:
        received = read_request(sock)
        self._received.put(received)
        sock.sendall(self._answers.get(received.path) or answer(200))

    def next(self) -> Received:
        """Wait for the next request."""
        return self._received.get(timeout=BOUND_SECONDS)

    def is_idle(self) -> bool:
        """Whether nothing more has come."""
        return self._received.empty()


def read_request(sock: socket.socket) -> Received:
    with sock.makefile("rb") as file:
        _, path, _ = file.readline().decode().split()
        fields = {}
        while line := file.readline().strip():
            name, _, value = line.decode().partition(": ")
            fields[name.lower()] = value
        return Received(path, fields, file.read(int(fields["content-length"])))


def answer(status: int, body: bytes = b"", *, kind: str = "application/x-protobuf", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status} Said\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


@contextlib.contextmanager
def collecting(answers: Mapping[str, bytes] | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[Collector]:
    """Serve a collector."""
    collector = Collector(answers)
    with speaking(collector, tls=tls) as collector.url:
        yield collector


@contextlib.contextmanager
def speaking(speak: Speak, *, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Have `speak` talk to each that connects, on a thread of its own, until the block ends: all sockets end then."""
    threads: list[threading.Thread] = []
    open_ones: set[socket.socket] = set()

    def serve(sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), sock:
            if tls is None:
                speak(sock)
            else:
                with tls.wrap_socket(sock, server_side=True) as secured:
                    speak(secured)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = listener.accept()
                open_ones.add(sock)
                threads.append(threading.Thread(target=serve, args=(sock,), name="collector"))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=accept, name="collector")
        accepting.start()
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for sock in open_ones:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()
