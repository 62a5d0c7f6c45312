"""What the lab's tests say and hear with bare sockets."""

import contextlib
import errno
import socket
import ssl
from urllib.parse import urlsplit

import pytest

BOUND = 5.0  # seconds that anything may take that is to come
SILENCE = 0.1  # seconds after which nothing is taken for silence

REQUEST = (
    b"GET / HTTP/1.1\r\nHost: lab\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 section 1.3 has both
UPGRADE = b"Upgrade: websocket\r\n"
STATUS_101 = b"HTTP/1.1 101 Switching Protocols\r\n"
ACCEPTED = STATUS_101 + UPGRADE + b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n"
MASKED_PING = b"\x89\x82\x00\x00\x00\x00hi"
PONG = b"\x8a\x02hi"
MIB = 1 << 20


def silent(sock):
    """The peer says nothing and stays."""
    sock.settimeout(SILENCE)
    with pytest.raises(TimeoutError):
        sock.recv(1)


def ended(sock):
    """The peer ends the stream, in TLS with a close_notify."""
    assert sock.recv(1) == b""


def was_reset(sock):
    """The peer resets the connection."""
    with pytest.raises(ConnectionResetError):
        drain_tcp(sock)


def drain_tcp(sock):
    """Read below TLS, whose own `recv` turns a reset into an SSLEOFError in Python 3.11; it may have things to say."""
    while socket.socket.recv(sock, 65536):
        pass


def cut(sock):
    """The peer ends TCP's stream without ending TLS'."""
    if isinstance(sock, ssl.SSLSocket):
        with pytest.raises(ssl.SSLEOFError):
            sock.recv(1)
    else:
        ended(sock)


def answers_a_ping(sock):
    """The peer is a WebSocket server all the same."""
    sock.sendall(MASKED_PING)
    assert receive(sock, len(PONG)) == PONG


def status(line, *headers):
    return b"".join(each + b"\r\n" for each in (b"HTTP/1.1 " + line, *headers, b""))


REFUSED = getattr(errno, "WSAECONNREFUSED", errno.ECONNREFUSED)  # Windows has two numbers
both_schemes = pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
late_or_not = pytest.mark.parametrize("latency", [0.0, 0.02], ids=["near", "far"])


def port_of(url):
    return urlsplit(url).port


def receive(sock, count):
    """Read `count` bytes, or what there is before the end."""
    data = bytearray()
    while len(data) < count and (piece := sock.recv(min(count - len(data), 65536))):
        data += piece
    return bytes(data)


def receive_headers(sock):
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        assert byte, data
        data += byte
    return data


@contextlib.contextmanager
def reach(lab, url):
    """Connect to a region, TLS included."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=BOUND) as tcp:
        if parts.scheme == "ws":
            yield tcp
        else:
            context = lab.ssl_context
            # A ragged end is to be told from an orderly one.
            with context.wrap_socket(tcp, server_hostname=parts.hostname, suppress_ragged_eofs=False) as tls:
                yield tls


@contextlib.contextmanager
def ask(lab, fault, *, tls=False, latency=0.0):
    """Send an upgrade request to a new region."""
    with reach(lab, lab.add("region", fault=fault, tls=tls, latency=latency)) as sock:
        sock.sendall(REQUEST)
        yield sock
