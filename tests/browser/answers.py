"""Servers that the lab has not: answers to the upgrade, and frames, in which a browser and wsconn might differ."""

from __future__ import annotations

import socket
from collections.abc import Callable

from wsconn.lab import Fault
from wsconn.lab._healthy import answer_frames
from wsconn.lab._wire import CLOSE, accept_key, end_after_echo, hang_up, pause, read_request, reset, upgrade
from wsconn.lab.faults import raw_frame

FIRST = "HTTP/1.1 101 Switching Protocols"
UPGRADE = "Upgrade: websocket"
CONNECTION = "Connection: Upgrade"
ACCEPT = "Sec-WebSocket-Accept: {accept}"
RIGHT = (UPGRADE, CONNECTION, ACCEPT)
_PONG = 0x8A

Send = Callable[[socket.socket, bytes], None]


def _at_once(sock: socket.socket, data: bytes) -> None:
    sock.sendall(data)


def _answer(name: str, summary: str, *lines: str, end: str = "\r\n", send: Send = _at_once) -> Fault:
    """Answer with these lines, in which `{accept}` is the right value, then be healthy."""

    def serve(sock: socket.socket) -> None:
        accept = accept_key(read_request(sock))
        head = "".join(f"{line}{end}" for line in (*lines, "")).replace("{accept}", accept)
        send(sock, head.encode("latin-1"))
        answer_frames(sock)

    return Fault(name=name, summary=summary, serve=serve)


def _right(name: str, summary: str, *more: str) -> Fault:
    return _answer(name, summary, FIRST, *RIGHT, *more)


def _end_later(end: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def serve(sock: socket.socket) -> None:
        upgrade(sock)
        ping = pause(sock, 0.1)
        if ping:  # a browser sends none
            payload = _unmasked(ping)
            sock.sendall(bytes([_PONG, len(payload)]) + payload)
        pause(sock, 0.2)
        end(sock)

    return serve


def _unmasked(frame: bytes) -> bytes:
    mask, payload = frame[2:6], frame[6:]
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def _with_frame(sock: socket.socket, head: bytes) -> None:
    sock.sendall(head + b"\x81\x05hello")


def _in_halves(sock: socket.socket, head: bytes) -> None:
    sock.sendall(head[: len(head) // 2])
    pause(sock, 0.5)
    sock.sendall(head[len(head) // 2 :])


def _opened(name: str, summary: str, data: bytes, end: Callable[[socket.socket], None]) -> Fault:
    """Send a right 101, then `data`, then end as `end` does."""

    def serve(sock: socket.socket) -> None:
        upgrade(sock)
        sock.sendall(data)
        end(sock)

    return Fault(name=name, summary=summary, serve=serve)


def _close(name: str, summary: str, payload: bytes) -> Fault:
    return _opened(name, summary, bytes([CLOSE, len(payload)]) + payload, end_after_echo)


ANSWERS = (
    # Other answers before and around the 101
    _answer("early-hints", "A 103 comes before the right 101.", "HTTP/1.1 103 Early Hints", "", FIRST, *RIGHT),
    _answer("continue", "A 100 comes before the right 101.", "HTTP/1.1 100 Continue", "", FIRST, *RIGHT),
    _answer("processing", "A 102 comes before the right 101.", "HTTP/1.1 102 Processing", "", FIRST, *RIGHT),
    _answer(
        "interim-199", "A 199, which nobody has defined, comes before the right 101.", "HTTP/1.1 199", "", FIRST, *RIGHT
    ),
    _answer("http-2", "The server speaks HTTP/2 alone.", "\0\0\0\4\0\0\0\0\0", end=""),
    _answer(
        "bot-check",
        "A check for bots answers with HTTP 202, as AWS WAF does.",
        "HTTP/1.1 202 Accepted",
        "x-amzn-waf-action: challenge",
        "Content-Length: 0",
    ),
    _answer("tls-wanted", "HTTP 301 sends the client to https.", "HTTP/1.1 301 Moved", "Location: https://127.0.0.1/"),
    _answer("right-but-200", "The answer is right except for its status, 200.", "HTTP/1.1 200 OK", *RIGHT),
    _answer("http-1-2", "The answer is right except for its version, HTTP/1.2.", "HTTP/1.2 101 Switching", *RIGHT),
    _answer("http-2-0", "The answer is right except for its version, HTTP/2.0.", "HTTP/2.0 101 Switching", *RIGHT),
    _answer("lower-case-http", "The right answer begins with http/1.1.", "http/1.1 101 Switching", *RIGHT),
    _answer("no-reason", "The status line of the 101 has no reason phrase.", "HTTP/1.1 101", *RIGHT),
    _answer("two-spaces", "Two spaces are before the status.", "HTTP/1.1  101 Switching", *RIGHT),
    _answer("tab-for-space", "A tab is before the status.", "HTTP/1.1\t101 Switching", *RIGHT),
    _answer("status-1010", "The status is 1010.", "HTTP/1.1 1010 Switching", *RIGHT),
    _answer("status-101x", "The status is 101x.", "HTTP/1.1 101x", *RIGHT),
    _answer("empty-line-first", "An empty line comes before the right 101.", "", FIRST, *RIGHT),
    _answer("line-feeds", "The lines of the 101 end in LF alone.", FIRST, *RIGHT, end="\n"),
    _answer("in-halves", "The right 101 comes in two halves, half a second apart.", FIRST, *RIGHT, send=_in_halves),
    _answer("frame-with-head", "A text frame comes in one packet with the 101.", FIRST, *RIGHT, send=_with_frame),
    # Header fields
    _answer("upgrade-list", "Upgrade is `websocket, h2c`.", FIRST, "Upgrade: websocket, h2c", CONNECTION, ACCEPT),
    _right("upgrade-twice", "The Upgrade header comes twice.", UPGRADE),
    _answer("upgrade-in-capitals", "Upgrade is `WebSocket`.", FIRST, "Upgrade: WebSocket", CONNECTION, ACCEPT),
    _answer(
        "connection-list",
        "Connection is `keep-alive, Upgrade`.",
        FIRST,
        UPGRADE,
        "Connection: keep-alive, Upgrade",
        ACCEPT,
    ),
    _answer(
        "connection-twice",
        "Connection comes twice: `keep-alive`, then `Upgrade`.",
        FIRST,
        UPGRADE,
        "Connection: keep-alive",
        CONNECTION,
        ACCEPT,
    ),
    _answer("connection-close", "Connection is `close`.", FIRST, UPGRADE, "Connection: close", ACCEPT),
    _answer("no-connection", "The 101 has no Connection header.", FIRST, UPGRADE, ACCEPT),
    _answer("upgrade-and-comma", "Upgrade is `websocket,`.", FIRST, "Upgrade: websocket,", CONNECTION, ACCEPT),
    _answer("connection-and-comma", "Connection is `Upgrade,`.", FIRST, UPGRADE, "Connection: Upgrade,", ACCEPT),
    _right("accept-twice-and-wrong", "A wrong Sec-WebSocket-Accept follows the right one.", "Sec-WebSocket-Accept: x"),
    _right("accept-twice", "The right Sec-WebSocket-Accept comes twice.", ACCEPT),
    _answer(
        "accept-quoted",
        "The right Sec-WebSocket-Accept is in quotes.",
        FIRST,
        UPGRADE,
        CONNECTION,
        'Sec-WebSocket-Accept: "{accept}"',
    ),
    _answer(
        "accept-and-space",
        "Spaces are around the right Sec-WebSocket-Accept.",
        FIRST,
        UPGRADE,
        CONNECTION,
        "Sec-WebSocket-Accept: \t {accept} \t",
    ),
    _answer(
        "accept-folded",
        "Sec-WebSocket-Accept goes on in a second line.",
        FIRST,
        UPGRADE,
        CONNECTION,
        "Sec-WebSocket-Accept:",
        " {accept}",
    ),
    _right("space-before-colon", "A header has a space before its colon.", "X-Space : 1"),
    _answer(
        "space-before-colon-of-upgrade",
        "The Upgrade header has a space before its colon.",
        FIRST,
        "Upgrade : websocket",
        CONNECTION,
        ACCEPT,
    ),
    _right("no-colon", "A header line has no colon.", "what is this"),
    _right("nul-in-header", "A header's value has a NUL in it.", "X-Nul: a\0b"),
    _right("latin-1", "A header's value is in Latin-1.", "X-Name: M\xfcnchen"),
    _right("carriage-return-in-header", "A header's value has a CR in it.", "X-Return: a\rb"),
    _right("control-in-header", "A header's value has a control character in it.", "X-Control: a\x01b"),
    _right("name-in-brackets", "A header's name has brackets.", "X(Y): a"),
    _right("no-name", "A header has no name.", ": a"),
    _right("location", "The 101 has a Location.", "Location: http://portal.example/"),
    _right(
        "location-twice", "The 101 has two Locations.", "Location: http://a.example/", "Location: http://b.example/"
    ),
    _right("content-length", "The 101 has a Content-Length of 0.", "Content-Length: 0"),
    _right("content-length-5", "The 101 has a Content-Length of 5.", "Content-Length: 5"),
    _right("content-length-twice", "The 101 has two Content-Lengths.", "Content-Length: 0", "Content-Length: 5"),
    _right("chunked", "The 101 says that it is chunked.", "Transfer-Encoding: chunked"),
    _right("many-headers", "The 101 has 500 headers more.", *(f"X-{number}: a" for number in range(500))),
    _right("headers-of-60-kib", "The headers of the 101 take 60 KiB.", *(f"X-{n}: {'a' * 1000}" for n in range(59))),
    _right("headers-of-100-kib", "The headers of the 101 take 100 KiB.", *(f"X-{n}: {'a' * 1000}" for n in range(99))),
    _right("headers-of-300-kib", "The headers of the 101 take 300 KiB.", *(f"X-{n}: {'a' * 1000}" for n in range(299))),
    _right(
        "subprotocol-unasked", "The server chooses a subprotocol, and none was offered.", "Sec-WebSocket-Protocol: chat"
    ),
    _right("subprotocol-empty", "The 101 has an empty Sec-WebSocket-Protocol.", "Sec-WebSocket-Protocol:"),
    _right("extension-empty", "The 101 has an empty Sec-WebSocket-Extensions.", "Sec-WebSocket-Extensions:"),
    _right(
        "extension-unknown", "The server chooses an extension that nobody knows.", "Sec-WebSocket-Extensions: x-lab"
    ),
    _right(
        "deflate",
        "The server chooses permessage-deflate without asking what was offered.",
        "Sec-WebSocket-Extensions: permessage-deflate",
    ),
    _right("version-13", "The 101 has Sec-WebSocket-Version: 13.", "Sec-WebSocket-Version: 13"),
    _answer(
        "login-401",
        "HTTP 401 asks for a login.",
        "HTTP/1.1 401 Unauthorized",
        'WWW-Authenticate: Basic realm="lab"',
        "Content-Length: 0",
        "Connection: close",
    ),
    _answer(
        "login-407",
        "HTTP 407, as of a proxy, asks for a login.",
        "HTTP/1.1 407 Proxy Authentication Required",
        'Proxy-Authenticate: Basic realm="lab"',
        "Content-Length: 0",
        "Connection: close",
    ),
    # Frames
    _close("close-empty", "The server closes with a Close that has no code.", b""),
    _close("close-999", "The server closes with code 999.", (999).to_bytes(2)),
    _close("close-1004", "The server closes with code 1004, which is reserved.", (1004).to_bytes(2)),
    _close("close-1006", "The server closes with code 1006, which must never be sent.", (1006).to_bytes(2)),
    _close("close-1015", "The server closes with code 1015, which must never be sent.", (1015).to_bytes(2)),
    _close("close-1016", "The server closes with code 1016, which nobody has defined.", (1016).to_bytes(2)),
    _close("close-2999", "The server closes with code 2999, which is reserved.", (2999).to_bytes(2)),
    _close("close-3000", "The server closes with code 3000.", (3000).to_bytes(2)),
    _close("close-4406", "The server closes with code 4406.", (4406).to_bytes(2) + b"Subprotocol not acceptable"),
    _close("close-5000", "The server closes with code 5000.", (5000).to_bytes(2)),
    _close("close-reason-no-utf-8", "The reason of a Close is not UTF-8.", (1000).to_bytes(2) + b"\xff\xfe"),
    _close("close-full", "A Close has the 125 bytes that it may have.", (1000).to_bytes(2) + bytes(b"a" * 123)),
    _opened(
        "close-and-end",
        "The server ends the connection with its Close, and waits for no echo.",
        b"\x88\x02\x03\xe8",
        hang_up,
    ),
    raw_frame(b"\x8a\x00", name="pong-unasked", summary="A pong comes that nobody asked for."),
    raw_frame(b"\x89\x7d" + b"a" * 125, name="long-ping", summary="A ping comes with the 125 bytes that it may have."),
    raw_frame(b"\x89\x7e\x00\x7e" + b"a" * 126, name="too-long-ping", summary="A ping comes with 126 bytes."),
    raw_frame(b"\x01\x02he\x80\x03llo", name="fragments", summary="A text comes in two fragments."),
    raw_frame(b"\x01\x02he\x89\x00\x80\x03llo", name="ping-among-fragments", summary="A ping comes between fragments."),
    raw_frame(b"\x01\x02he\x81\x03llo", name="text-among-fragments", summary="A text begins before another has ended."),
    raw_frame(b"\x01\x01\xc3\x80\x01\xbc", name="character-in-two", summary="A character is cut by fragments."),
    raw_frame(b"\x81\x03\xed\xa0\x80", name="surrogate", summary="A text has half of a surrogate pair."),
    raw_frame(
        b"\x81\x7f" + (1 << 63).to_bytes(8), name="length-of-2-63", summary="A text of 2**63 bytes is announced."
    ),
    raw_frame(
        b"\x81\x7f" + (5).to_bytes(8) + b"hello", name="length-in-8-bytes", summary="5 bytes, in the 64-bit form."
    ),
    raw_frame(b"\x81\x00", name="empty-text", summary="An empty text comes."),
    raw_frame(b"HTTP/1.1 400 Bad Request\r\n\r\n", name="http-after-101", summary="HTTP comes after the 101."),
    raw_frame(b"\x00hello\xff", name="hixie-frame", summary="A frame of the draft before RFC 6455 comes."),
    Fault(
        name="half-a-header",
        summary="Half of a frame's header comes, then the end.",
        serve=lambda sock: (upgrade(sock), sock.sendall(b"\x81"), hang_up(sock)),
    ),
    Fault(
        name="half-a-frame",
        summary="Half of a text comes, then the end.",
        serve=lambda sock: (upgrade(sock), sock.sendall(b"\x81\x05he"), hang_up(sock)),
    ),
    Fault(
        name="reset-later",
        summary="A ping is answered; 0.3 s after the 101 the connection is reset.",
        serve=_end_later(reset),
    ),
    Fault(
        name="eof-later",
        summary="A ping is answered; 0.3 s after the 101 the connection ends, without a Close.",
        serve=_end_later(hang_up),
    ),
)
