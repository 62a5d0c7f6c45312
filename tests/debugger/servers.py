"""Servers that each do one thing wrong, or nothing: runs until its standard input ends.

The first line of standard input is JSON, a list of servers: `at` (address, port), `does` (a name in `_WAYS`), and of
TLS `pem` (key and certificates), `names` (PEMs by server name; `""` for any other, `null` refuses the name),
`version`, `wants_certificate`.

They are written by hand, since a healthy library would not do what these do.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import json
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_PING, _PONG, _CLOSE = 0x9, 0xA, 0x8
_BUFFERED_BYTES = 3000
_LATE_SECONDS = 4.0
Fields = Mapping[str, str]


class _Connection:
    """One client: a request, then frames."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.reader = sock.makefile("rb")
        self.fields: dict[str, str] = {}

    def read_request(self) -> bool:
        line = self.reader.readline()
        while (field := self.reader.readline().strip()) and b":" in field:
            name, _, value = field.decode("latin-1").partition(":")
            self.fields[name.lower()] = value.strip()
        return bool(line)

    @property
    def is_upgrade(self) -> bool:
        return self.fields.get("upgrade", "").lower() == "websocket"

    def answer(self, status: str, *fields: str) -> None:
        head = [f"HTTP/1.1 {status}", f"Date: {formatdate(usegmt=True)}", "Content-Length: 0", *fields, "", ""]
        self.sock.sendall("\r\n".join(head).encode())

    def open(self, *fields: str) -> None:
        accept = base64.b64encode(hashlib.sha1(self.fields["sec-websocket-key"].encode() + _GUID).digest()).decode()  # noqa: S324 - RFC 6455
        head = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade", *fields)
        self.sock.sendall("\r\n".join([*head, f"Sec-WebSocket-Accept: {accept}", "", ""]).encode())

    def frames(self) -> Any:
        while start := self.reader.read(2):
            size = start[1] & 0x7F
            key, data = self.reader.read(4), self.reader.read(size)
            yield start[0] & 0x0F, bytes(byte ^ key[place % 4] for place, byte in enumerate(data))

    def send(self, opcode: int, data: bytes) -> None:
        self.sock.sendall(bytes([0x80 | opcode, len(data)]) + data)

    def serve_frames(self, *, pongs: bool = True) -> None:
        for opcode, data in self.frames():
            if opcode == _PING and pongs:
                self.send(_PONG, data)
            if opcode == _CLOSE:
                self.send(_CLOSE, data)
                return

    def until_the_end(self) -> None:
        while self.reader.read1(65536):
            pass


def _healthy(client: _Connection) -> None:
    if not client.is_upgrade:
        client.answer("426 Upgrade Required")
        return
    client.open()
    client.serve_frames()


def _if(wanted: Callable[[Fields], bool], otherwise: str, to_pages: str | None = None) -> Callable[[_Connection], None]:
    def way(client: _Connection) -> None:
        if not client.is_upgrade and to_pages:
            client.answer(to_pages)
        elif not client.is_upgrade or not wanted(client.fields):
            client.answer(otherwise)
        else:
            chosen = client.fields.get("sec-websocket-protocol")
            client.open(*([f"Sec-WebSocket-Protocol: {chosen}"] if chosen else []))
            client.serve_frames()

    return way


def _always(status: str, *fields: str) -> Callable[[_Connection], None]:
    return lambda client: client.answer(status, *fields)


def _mute(client: _Connection) -> None:
    client.until_the_end()


def _mute_upgrade(client: _Connection) -> None:
    if client.is_upgrade:
        client.until_the_end()
    else:
        client.answer("200 OK")


def _no_pongs(client: _Connection) -> None:
    if client.is_upgrade:
        client.open()
        client.serve_frames(pongs=False)
    else:
        client.answer("426 Upgrade Required")


def _swallow(client: _Connection) -> None:
    if client.is_upgrade:
        client.open()
        client.until_the_end()
    else:
        client.answer("426 Upgrade Required")


def _corked(client: _Connection) -> None:
    """Send full packets, or wait for 200 ms (tcp(7), TCP_CORK)."""
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    _healthy(client)


def _buffer(client: _Connection) -> None:
    """Hand nothing on until there is enough of it, as some gateways do."""
    if not client.is_upgrade:
        client.answer("426 Upgrade Required")
        return
    client.open()
    held, seen = [], 0
    for opcode, data in client.frames():
        held.append((opcode, data))
        seen += 6 + len(data)
        if seen >= _BUFFERED_BYTES:
            for kind, payload in held:
                client.send({_PING: _PONG}.get(kind, kind), payload)
            held.clear()


class _Flaky:
    """Refuse every request that is like the first, but each third."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()  # guards _count

    def __call__(self, client: _Connection) -> None:
        is_plain = client.is_upgrade and "origin" not in client.fields and "Mozilla" not in client.fields["user-agent"]
        with self._lock:
            self._count += is_plain
            count = self._count
        if is_plain and count % 3:
            client.answer("502 Bad Gateway")
        else:
            _healthy(client)


class _EveryOther:
    """Refuse every other request for a WebSocket, whatever it says, as a balancer with a dead server does."""

    def __init__(self) -> None:
        self._count = itertools.count()

    def __call__(self, client: _Connection) -> None:
        if client.is_upgrade and next(self._count) % 2 == 0:
            client.answer("502 Bad Gateway")
        else:
            _healthy(client)


def _by_origin(allowed: Callable[[str | None, Fields], bool]) -> Callable[[_Connection], None]:
    return _if(lambda fields: allowed(fields.get("origin"), fields), "403 Forbidden")


def _hinted_subprotocol(client: _Connection) -> None:
    if client.is_upgrade and client.fields.get("sec-websocket-protocol") == "v7.call":
        client.open("Sec-WebSocket-Protocol: v7.call")
        client.serve_frames()
    else:
        client.answer("400 Bad Request", "Sec-WebSocket-Protocol: v7.call")


def _late(client: _Connection) -> None:
    if client.is_upgrade:
        time.sleep(_LATE_SECONDS)
    _healthy(client)


def _wrong_accept(client: _Connection) -> None:
    client.fields["sec-websocket-key"] = "another"
    _healthy(client)


def _reset_after(client: _Connection) -> None:
    if client.is_upgrade:
        client.open()
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.reader.close()
        client.sock.close()
    else:
        _healthy(client)


def _masked(client: _Connection) -> None:
    if client.is_upgrade:
        client.open()
        client.sock.sendall(bytes([0x80 | _PING, 0x80]) + bytes(4))
        client.until_the_end()
    else:
        _healthy(client)


def _to_https(client: _Connection) -> None:
    client.answer("301 Moved Permanently", f"Location: https://{client.fields['host']}/")


_WAYS: Mapping[str, Callable[[], Callable[[_Connection], None]]] = {
    "healthy": lambda: _healthy,
    "origin": lambda: _if(lambda fields: "origin" in fields, "403 Forbidden"),
    "subprotocol": lambda: _if(lambda fields: fields.get("sec-websocket-protocol") == "v2.call", "400 Bad Request"),
    "agent": lambda: _if(lambda fields: "Mozilla" in fields.get("user-agent", ""), "403 Forbidden"),
    "one_origin": lambda: _by_origin(lambda origin, _: origin == "https://app.example"),
    "own_origin": lambda: _by_origin(lambda origin, fields: origin == f"https://{fields['host']}"),
    "no_origin": lambda: _by_origin(lambda origin, _: origin is None),
    "hinted_subprotocol": lambda: _hinted_subprotocol,
    "every_other": _EveryOther,
    "late": lambda: _late,
    "wrong_accept": lambda: _wrong_accept,
    "reset_after": lambda: _reset_after,
    "masked": lambda: _masked,
    "challenge": lambda: _always("403 Forbidden", "cf-mitigated: challenge", "Server: cloudflare"),
    "403_upgrade": lambda: _if(lambda _: False, "403 Forbidden", "426 Upgrade Required"),
    "no_subprotocol": lambda: _if(lambda fields: "sec-websocket-protocol" not in fields, "400 Bad Request"),
    "403": lambda: _always("403 Forbidden"),
    "405": lambda: _always("405 Method Not Allowed", "Allow: POST"),
    "to_https": lambda: _to_https,
    "page": lambda: _always("200 OK", "Content-Type: text/html"),
    "503": lambda: _always("503 Service Unavailable"),
    "404": lambda: _always("404 Not Found"),
    "401": lambda: _always("401 Unauthorized", "WWW-Authenticate: Bearer"),
    "429": lambda: _always("429 Too Many Requests", "Retry-After: 30"),
    "511": lambda: _always("511 Network Authentication Required"),
    "portal": lambda: _always("302 Found", "Location: http://login.hotel.example/start"),
    "not_a_proxy": lambda: _always("400 Bad Request"),
    "mute": lambda: _mute,
    "mute_upgrade": lambda: _mute_upgrade,
    "no_pongs": lambda: _no_pongs,
    "swallow": lambda: _swallow,
    "buffer": lambda: _buffer,
    "corked": lambda: _corked,
    "flaky": _Flaky,
}


def _context(server: Mapping[str, Any]) -> ssl.SSLContext | None:
    if not server.get("pem") and not server.get("names"):
        return None
    contexts = {
        name: pem and _context_of(pem, server) for name, pem in {**server.get("names", {}), None: server["pem"]}.items()
    }
    context = contexts[None]

    def choose(sock: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        chosen = contexts.get(name or "", contexts.get("", context))
        if chosen is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        sock.context = chosen
        return None

    context.sni_callback = choose
    return context


def _context_of(pem: str, server: Mapping[str, Any]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    if version := server.get("version"):
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    if server.get("wants_certificate"):
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _serve(listener: socket.socket, way: Callable[[_Connection], None], context: ssl.SSLContext | None) -> None:
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=_talk, args=(sock, way, context), daemon=True).start()


def _talk(sock: socket.socket, way: Callable[[_Connection], None], context: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError, ValueError), sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ends = context.wrap_socket(sock, server_side=True) if context else sock
        client = _Connection(ends)
        if client.read_request():
            way(client)
            with contextlib.suppress(OSError):
                ends.shutdown(socket.SHUT_WR)


def main() -> None:
    """Serve until standard input ends."""
    for server in json.loads(sys.stdin.readline()):
        address, port = server["at"]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, port), family=family, backlog=100)
        arguments = (listener, _WAYS[server["does"]](), _context(server))
        threading.Thread(target=_serve, args=arguments, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
