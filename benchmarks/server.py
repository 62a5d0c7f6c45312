"""What all clients are measured against: raw bytes, one thread, one selector.

`python -m benchmarks.server HOST PORTS CHAIN KEY`

A region answers the upgrade, pings and Close; at the path `/silent` it takes the request and says nothing more.
"""

from __future__ import annotations

import base64
import hashlib
import re
import selectors
import socket
import ssl
import sys
from collections.abc import Iterator

from benchmarks.answering import is_ready

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
Waits = Iterator[int]  # a conversation yields what it waits for

_BACKLOG = 1024
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_KEY = re.compile(rb"\r\nsec-websocket-key: *([^\r ]+)", re.IGNORECASE)
_ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %b\r\n\r\n"
)
_CLOSE, _PING, _PONG, _FIN = 8, 9, 10, 0x80


def converse(sock: socket.socket, context: ssl.SSLContext | None) -> Waits:
    """Serve one connection, from its beginning to its end."""
    try:
        if context is not None:
            sock = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            yield from shake_hands(sock)
        request = yield from read_until(sock, b"\r\n\r\n")
        key = _KEY.search(request)
        if request.startswith(b"GET /silent ") or key is None:
            yield from read_until(sock, b"")
        else:
            accept = base64.b64encode(hashlib.sha1(key.group(1) + _GUID).digest())
            sock.send(_ANSWER % accept)
            yield from answer_frames(sock)
    except OSError:
        pass  # the client is gone
    finally:
        sock.close()


def shake_hands(sock: ssl.SSLSocket) -> Waits:
    yield READ  # the client begins
    while True:
        try:
            return sock.do_handshake()
        except ssl.SSLWantReadError:
            yield READ
        except ssl.SSLWantWriteError:
            yield WRITE


def read_until(sock: socket.socket, end: bytes) -> Iterator[int]:
    """Read up to and with `end`; to the connection's end where that is empty."""
    data = b""
    while not end or end not in data:
        more = yield from read(sock)
        data = data + more if end else b""
    return data


def read(sock: socket.socket) -> Iterator[int]:
    """Read what has come; `ConnectionError` at the end."""
    while True:
        try:
            data = sock.recv(4096)
        except (BlockingIOError, ssl.SSLWantReadError):
            yield READ
            continue
        if not data:
            raise ConnectionError("closed")
        return data


def answer_frames(sock: socket.socket) -> Waits:
    """Answer pings, and a Close, which ends it; all are masked and short (RFC 6455, section 5.5)."""
    data = b""
    while True:
        while len(data) < 6 or len(data) < 6 + (data[1] & 127):
            data += yield from read(sock)
        opcode, length = data[0] & 15, data[1] & 127
        mask, payload, data = data[2:6], data[6 : 6 + length], data[6 + length :]
        payload = bytes(byte ^ mask[index & 3] for index, byte in enumerate(payload))
        if opcode in (_CLOSE, _PING):
            answer = _CLOSE if opcode == _CLOSE else _PONG
            sock.send(bytes((_FIN | answer, length)) + payload)
        if opcode == _CLOSE:
            return


class Loop:
    """Every connection's conversation, woken when what it waits for is there."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def listen(self, host: str, context: ssl.SSLContext | None) -> int:
        """Listen on a free port and return it."""
        listener = socket.create_server((host, 0), backlog=_BACKLOG)
        listener.setblocking(False)
        self._selector.register(listener, READ, (listener, context))
        return listener.getsockname()[1]

    def run(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if isinstance(key.data, tuple):
                    self._accept(*key.data)
                else:
                    self._go_on(key.fd, key.data, key.events)

    def _accept(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:  # no more for now
                return
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else an answer waits for TLS' tickets' ACK
            number = sock.fileno()
            self._selector.register(number, READ, converse(sock, context))

    def _go_on(self, number: int, conversation: Waits, events: int) -> None:
        try:
            wanted = next(conversation)
        except StopIteration:
            self._selector.unregister(number)  # closed by now; that is foreseen there
        else:
            if wanted != events:
                self._selector.modify(number, wanted, conversation)


def main() -> None:
    """Listen on so many ports without and with TLS, and serve."""
    host, ports, certificate, key = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    loop = Loop()
    listening = {
        scheme: [loop.listen(host, trust) for _ in range(int(ports))]
        for scheme, trust in (("ws", None), ("wss", context))
    }
    is_ready(listening)
    loop.run()


if __name__ == "__main__":
    main()
