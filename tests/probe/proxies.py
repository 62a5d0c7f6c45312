"""Proxies of our own on loopback, honest and otherwise, and what each of them answers."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import trustme

from wsconn import Cause

Talk = Callable[[socket.socket], None]


@contextmanager
def proxy(talk: Talk, host: str = "127.0.0.1") -> Iterator[int]:
    """A proxy on loopback: each connection is given to `talk`, on a thread of its own."""
    threads: list[threading.Thread] = []
    sockets: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = listener.accept()
                sockets.append(sock)
                threads.append(threading.Thread(target=run, args=(sock,)))
                threads[-1].start()

    def run(sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock:
            talk(sock)

    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    server = threading.Thread(target=serve)
    server.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in (server, *threads):
            thread.join(10)


def read_request(sock: socket.socket) -> bytes:
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        data = sock.recv(65536)
        if not data:
            raise ConnectionAbortedError("the client left")
        request += data
    return request


def answer(text: str, *, then: Talk | None = None) -> Talk:
    """Answer every CONNECT with `text`."""

    def talk(sock: socket.socket) -> None:
        while True:
            read_request(sock)
            sock.sendall(text.replace("\n", "\r\n").encode())
            if then:
                then(sock)
                return

    return talk


def until_closed(sock: socket.socket) -> None:
    while sock.recv(65536):
        pass


def trickle(sock: socket.socket) -> None:
    sock.settimeout(0.05)
    while True:
        sock.sendall(b"x")
        with contextlib.suppress(TimeoutError):
            if not sock.recv(1):
                return


def flood(sock: socket.socket) -> None:
    while True:
        sock.sendall(b"X-Pad: " + b"x" * 60000)


def socks5(code: int) -> Talk:
    def talk(sock: socket.socket) -> None:
        sock.recv(3)
        sock.sendall(b"\x05\x00")
        sock.recv(512)
        sock.sendall(bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
        until_closed(sock)

    return talk


def socks_greeting(sock: socket.socket) -> None:
    """Agree to be asked without a login; hear the question."""
    sock.recv(3)
    sock.sendall(b"\x05\x00")
    sock.recv(512)


def silent_after_greeting(sock: socket.socket) -> None:
    socks_greeting(sock)
    until_closed(sock)


def socks5_bound_to(name: bytes) -> Talk:
    """Open the tunnel, and say that it begins at a host of this name."""

    def talk(sock: socket.socket) -> None:
        sock.recv(3)
        sock.sendall(b"\x05\x00")
        sock.recv(512)
        sock.sendall(b"\x05\x00\x00\x03" + bytes([len(name)]) + name + bytes(2))
        until_closed(sock)

    return talk


def socks4(code: int) -> Talk:
    def talk(sock: socket.socket) -> None:
        sock.recv(512)
        sock.sendall(bytes([0, code, 0, 0, 0, 0, 0, 0]))
        until_closed(sock)

    return talk


def socks_short(*replies: bytes) -> Talk:
    """Answer each message with one of these, and end."""

    def talk(sock: socket.socket) -> None:
        for reply in replies:
            sock.recv(512)
            sock.sendall(reply)

    return talk


def at_port_of_tls(sock: socket.socket) -> None:
    """Do TLS with those who begin it, and tell others in HTTP that something is wrong, as nginx and Go do."""
    if sock.recv(1, socket.MSG_PEEK) != b"\x16":
        read_request(sock)
        sock.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA(key_type=trustme.KeyType.ECDSA).issue_cert("127.0.0.1").configure_cert(context)
    with context.wrap_socket(sock, server_side=True) as inside:
        until_closed(inside)


def at_port_of_socks(refusal: bytes) -> Talk:
    """Be asked for SOCKS 5 alone; `refusal` is for those who begin otherwise."""

    def talk(sock: socket.socket) -> None:
        if sock.recv(1) == b"\x05":
            sock.sendall(b"\x05\x00")
        else:
            sock.recv(512)
            sock.sendall(refusal)

    return talk


def at_port_of_both(sock: socket.socket) -> None:
    """Take SOCKS 5 and HTTP, and end where the server is not reached."""
    if sock.recv(1, socket.MSG_PEEK) == b"\x05":
        sock.sendall(b"\x05\x00")
    else:
        read_request(sock)


def socks_login(reply: bytes) -> Talk:
    def talk(sock: socket.socket) -> None:
        sock.recv(512)
        sock.sendall(reply[:2])
        if len(reply) > 2:
            sock.recv(512)
            sock.sendall(reply[2:])
        until_closed(sock)

    return talk


NTLM = "HTTP/1.1 407 No\nProxy-Authenticate: NTLM\nContent-Length: 0\n\n"
BEARER = NTLM.replace("NTLM", "Bearer")
BASIC = 'HTTP/1.1 407 No\nProxy-Authenticate: Basic realm="a, b"\nContent-Length: 0\n\n'
DIGEST = (
    'HTTP/1.1 407 No\nProxy-Authenticate: Digest realm="Proxy of the house, please log in", nonce="n", qop="auth"\n'
    "Content-Length: 0\n\n"
)
UNREACHED = Cause.PROXY_TARGET_UNREACHABLE
ANSWERS: dict[str, tuple[str, Talk, Cause, str, str]] = {
    "407 Basic": ("http", answer(BASIC), Cause.PROXY_AUTH_REQUIRED, "HTTP 407, it offers Basic", "user name"),
    "407 NTLM": ("http", answer(NTLM), Cause.PROXY_AUTH_REQUIRED, "HTTP 407, it offers NTLM", "DOMAIN%5Cuser"),
    "407 NTLM, logged in": (
        "http://u:p@",
        answer(NTLM),
        Cause.PROXY_AUTH_REQUIRED,
        "wants a login (HTTP 407, it offers NTLM, it says No, it offers an exchange, and does not go on with it)",
        "which other way",
    ),
    "407 Digest": (
        "http",
        answer(DIGEST),
        Cause.PROXY_AUTH_REQUIRED,
        "HTTP 407, it offers Digest",
        "Put your user name",
    ),
    "407 Digest, logged in": (
        "http://u:p@",
        answer(DIGEST),
        Cause.PROXY_AUTH_REQUIRED,
        "refuses the login that it was sent by Digest",
        "check both",
    ),
    "407 Bearer": ("http", answer(BEARER), Cause.PROXY_AUTH_REQUIRED, "HTTP 407, it offers Bearer", "helper"),
    "407 Bearer, logged in": (
        "http://u:p@",
        answer(BEARER),
        Cause.PROXY_AUTH_REQUIRED,
        "wants a login",
        "has no use",
    ),
    "407 Basic, logged in": (
        "http://u:p@",
        answer(BASIC),
        Cause.PROXY_AUTH_REQUIRED,
        "refuses the login",
        "check both",
    ),
    "401, logged in": (
        "http://u:p@",
        answer("HTTP/1.0 401 No\n\n"),
        Cause.PROXY_AUTH_REQUIRED,
        "refuses",
        "check both",
    ),
    "511": (
        "http",
        answer("HTTP/1.1 511 Network Authentication Required\n\n"),
        Cause.PROXY_AUTH_REQUIRED,
        "HTTP 511 Network Authentication Required",
        "open any web page",
    ),
    "402": ("http", answer("HTTP/1.1 402 Pay\n\n"), Cause.PROXY_DENIED, "HTTP 402 Pay", "account or quota"),
    "429": ("http", answer("HTTP/1.1 429 Slow\nRetry-After: 7\n\n"), Cause.PROXY_DENIED, "HTTP 429", "wait 7 s and"),
    "451": ("http", answer("HTTP/1.1 451 Law\n\n"), Cause.PROXY_DENIED, "HTTP 451 Law", "allow CONNECT to"),
    "404": (
        "http",
        answer("HTTP/1.1 404 No such domain\n\n"),
        UNREACHED,
        "HTTP 404 No such domain",
        "check its spelling",
    ),
    **{
        f"proxy-chain {status} {said}": (
            "http",
            answer(f"HTTP/1.1 {status} {said}\n\n"),
            UNREACHED,
            f"HTTP {status} {said}",
            to_do,
        )
        for status, said, to_do in (
            (590, "Non Successful", "the next proxy behind it"),
            (592, "Status Code Out Of Range", "the next proxy behind it"),
            (593, "ENOTFOUND", "from the proxy"),
            (593, "Not Found", "the next proxy behind it"),
            (594, "ECONNREFUSED", "from the proxy"),
            (594, "Connection Refused", "the next proxy behind it"),
            (597, "Auth Failed", "the next proxy behind it"),
            (599, "Upstream Error", "from the proxy"),
        )
    },
    "squid": (
        "http",
        answer("HTTP/1.1 503 Service Unavailable\nX-Squid-Error: ERR_CONNECT_FAIL 111\n\n"),
        UNREACHED,
        "HTTP 503 Service Unavailable, ERR_CONNECT_FAIL 111, on Linux that is ECONNREFUSED",
        "from the proxy",
    ),
    "squid finds no name": (
        "http",
        answer("HTTP/1.1 503 Service Unavailable\nX-Squid-Error: ERR_DNS_FAIL 0\n\n"),
        UNREACHED,
        "ERR_DNS_FAIL 0)",
        "from the proxy",
    ),
    "Proxy-Status": (
        "http",
        answer("HTTP/1.1 502 Bad Gateway\nProxy-Status: p.example; error=dns_error\n\n"),
        UNREACHED,
        "p.example; error=dns_error",
        "from the proxy",
    ),
    **{
        f"{header}: {said}": (
            "http",
            answer(f"HTTP/1.1 {status} No\n{header}: {said}\n\n"),
            cause,
            said,
            to_do,
        )
        for status, header, said, cause, to_do in (
            (503, "X-Squid-Error", "ERR_DNS_FAIL 0", UNREACHED, "check its spelling"),
            (503, "X-Squid-Error", "ERR_CONNECT_FAIL 111", UNREACHED, "check the port in the URL"),
            (503, "X-Squid-Error", "ERR_CONNECT_FAIL 110", UNREACHED, "did not answer it"),
            (503, "X-Squid-Error", "ERR_CONNECT_FAIL 101", UNREACHED, "has no way to"),
            (503, "X-Squid-Error", "ERR_FORWARDING_DENIED 0", Cause.PROXY_DENIED, "allow CONNECT to"),
            (502, "Proxy-Status", 'p; error="dns_error"', UNREACHED, "check its spelling"),
            (502, "Proxy-Status", "a, p.example; error=connection_refused", UNREACHED, "check the port in the URL"),
            (504, "Proxy-Status", "p; error=dns_timeout", UNREACHED, "the DNS server that it uses"),
            (502, "Proxy-Status", "p; error=destination_ip_prohibited", Cause.PROXY_DENIED, "allow CONNECT to"),
            (503, "Proxy-Status", "p; error=connection_limit_reached", UNREACHED, "test fewer regions at once"),
            (502, "Proxy-Status", "p;error=proxy_loop_detected", UNREACHED, "came back to itself"),
            (502, "Proxy-Status", "p; error=tls_protocol_error", UNREACHED, "Ask its administrator to try"),
            (407, "Proxy-Status", "p; error=http_request_denied", Cause.PROXY_AUTH_REQUIRED, "Put your user name"),
        )
    },
    **{
        f"{status}, as hired proxies say it": (
            "http",
            answer(f"HTTP/1.1 {status} x\n\n"),
            UNREACHED,
            "could not",
            to_do,
        )
        for status, to_do in ((522, "did not answer it"), (525, "from the proxy"), (508, "came back to itself"))
    },
    **{
        f"{status} of a web server": (
            "http",
            answer(f"HTTP/1.1 {status} No\nServer: nginx\nContent-Length: 0\n\n"),
            Cause.PROXY_BAD_ANSWER,
            f"HTTP {status}",
            "does not know CONNECT",
        )
        for status in (405, 501)
    },
    **{
        f"the body of a refusal, {name}": (
            "http",
            answer(f"HTTP/1.1 {status} No\nContent-Type: {kind}\nContent-Length: {len(body)}\n\n{body}"),
            cause,
            said,
            "administrator to",
        )
        for name, status, kind, body, cause, said in (
            (
                "text",
                502,
                "text/plain",
                "dial tcp: lookup eu.example: no such host",
                UNREACHED,
                "it says: dial tcp: lo",
            ),
            ("JSON", 403, "application/json", '{"error": "blocked"}', Cause.PROXY_DENIED, 'it says: {"error": "bl'),
            ("a page", 403, "text/html", "<title>Gambling</title>", Cause.PROXY_DENIED, "a page titled Gambling"),
            ("escaped", 503, "text/plain", "\x1b[31mno", UNREACHED, "it says: \\x1b[31mno"),
        )
    },
    "the body of a refusal, that stalls": (
        "http",
        answer("HTTP/1.1 503 No\nContent-Type: text/plain\nContent-Length: 99\n\nbusy", then=until_closed),
        UNREACHED,
        "it says: busy…",
        "administrator to",
    ),
    "503, to come back": (
        "http",
        answer("HTTP/1.1 503 Busy\nRetry-After: 30\n\n"),
        UNREACHED,
        "HTTP 503 Busy",
        "Wait 30 s, as the proxy says, and test again. If that changes nothing: The proxy itself works.",
    ),
    "a web server that redirects": (
        "http",
        answer("HTTP/1.1 301 Moved\nLocation: https://eu.example/\n\n"),
        Cause.PROXY_DENIED,
        "HTTP 301",
        "leads to a web server and not to a proxy",
    ),
    "HTTP at a port of TLS": (
        "http",
        at_port_of_tls,
        Cause.PROXY_BAD_ANSWER,
        "HTTP 400 Bad Request",
        "Write https:// in place of http://",
    ),
    "HTTP at a port of SOCKS": (
        "http",
        at_port_of_socks(b""),
        Cause.CLOSED,
        "it speaks SOCKS 5, and something else was spoken to it",
        "Write socks5h:// in place of http://",
    ),
    "HTTP at a port of HTTP and SOCKS, which says nothing": (
        "http",
        at_port_of_both,
        Cause.CLOSED,
        "ended before it had opened a tunnel",
        "ask the proxy's administrator to try eu.example port 443 from the proxy itself",
    ),
    "HTTP at tor's port of SOCKS": (
        "http",
        at_port_of_socks(b"HTTP/1.0 501 Tor is not an HTTP Proxy\r\n\r\n"),
        Cause.PROXY_BAD_ANSWER,
        "HTTP 501 Tor is not an HTTP Proxy",
        "Write socks5h:// in place of http://",
    ),
    "SOCKS 5 at a port of HTTP": (
        "socks5h",
        socks_short(b"HTTP/1.1 400 Bad Request\r\nServer: squid\r\n\r\n"),
        Cause.PROXY_BAD_ANSWER,
        "Unexpected SOCKS version number: 72; it said '",
        "Write http:// in place of socks5h://",
    ),
    "SOCKS 4 at a port of HTTP": (
        "socks4a",
        socks_short(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        Cause.PROXY_BAD_ANSWER,
        "Unexpected reply version: 0X48; it said '",
        "Write http:// in place of socks4a://",
    ),
    "SOCKS 5 at a port of TLS": (
        "socks5h",
        socks_short(b"\x15\x03\x01\x00\x02\x02\x46"),
        Cause.PROXY_BAD_ANSWER,
        "but with TLS",
        "Write https:// in place of socks5h://",
    ),
    "SOCKS 5 at a port of SOCKS 4": (
        "socks5h",
        socks_short(b"\0\x5b" + bytes(6)),
        Cause.PROXY_BAD_ANSWER,
        "but with SOCKS 4",
        "Write socks4a:// in place of socks5h://",
    ),
    "SOCKS 4 at a port of SOCKS 5": (
        "socks4a",
        socks_short(b"\x05\xff"),
        Cause.PROXY_BAD_ANSWER,
        "but with SOCKS 5",
        "Write socks5h:// in place of socks4a://",
    ),
    "SOCKS 5 at a port of SSH": (
        "socks5h",
        socks_short(b"SSH-2.0-OpenSSH_9\r\n"),
        Cause.PROXY_BAD_ANSWER,
        "it said 'SSH-2.0-OpenSSH_9'",
        "that the program that listens there on this machine is the proxy",
    ),
    "SOCKS 5, two bytes of a refusal": (
        "socks5h",
        socks_short(b"\x05\x00", b"\x05\x02"),
        Cause.PROXY_DENIED,
        "not allowed by ruleset",
        "allow CONNECT to",
    ),
    "SOCKS 4, two bytes of a refusal": ("socks4a", socks_short(b"\0\x5b"), UNREACHED, "rejected", "from the proxy"),
    "SOCKS 5 ends on the login": (
        "socks5h://u:p@",
        socks_short(b"\x05\x02", b""),
        Cause.CLOSED,
        "ended before it had opened a tunnel",
        "went no further than the login. Check the user name and password",
    ),
    "SOCKS 5 refused there": ("socks5h", socks5(5), UNREACHED, "Connection refused", "check the port in the URL"),
    "SOCKS 5 no answer there": ("socks5h", socks5(6), UNREACHED, "TTL expired", "did not answer it"),
    "SOCKS 5 no way there": ("socks5h", socks5(4), UNREACHED, "Host unreachable", "has no way to"),
    **{
        f"a redirect with {status}": (
            "http",
            answer(f"HTTP/1.1 {status} Go\nLocation: http://why.example/?url=s3cret\n\n"),
            Cause.PROXY_DENIED,
            f"HTTP {status} Go) and sends the client to http://why.example/",
            "allow CONNECT to",
        )
        for status in (301, 303, 307, 308)
    },
    "a redirect to nowhere": (
        "http",
        answer("HTTP/1.1 302 Go\n\n"),
        Cause.PROXY_BAD_ANSWER,
        "HTTP 302 Go",
        "block page",
    ),
    "401": ("http", answer("HTTP/1.0 401 No\n\n"), Cause.PROXY_AUTH_REQUIRED, "HTTP 401", "user name"),
    "403": ("http", answer("HTTP/1.1 403 No\n\n"), Cause.PROXY_DENIED, "HTTP 403", "allow CONNECT to"),
    **{
        str(status): (
            "http",
            answer(f"HTTP/1.1 {status} No\n\n"),
            Cause.PROXY_TARGET_UNREACHABLE,
            f"HTTP {status}",
            "from the proxy",
        )
        for status in (500, 502, 503, 504)
    },
    "another status": ("http", answer("HTTP/1.1 418 Teapot\n\n"), Cause.PROXY_BAD_ANSWER, "HTTP 418", "block page"),
    "a portal": (
        "http",
        answer("HTTP/1.1 302 Go\nLocation: https://portal.example/in\n\n"),
        Cause.PROXY_DENIED,
        " and sends the client to https://portal.example/in",
        "open any web page in a browser",
    ),
    "not HTTP": ("http", answer("SSH-2.0-x\n"), Cause.PROXY_BAD_ANSWER, "SSH-2.0-x", "host and port"),
    "endless": ("http", answer("HTTP/1.1 200 OK\n", then=flood), Cause.PROXY_BAD_ANSWER, "64 KiB", "host and port"),
    "stalled refusal": ("http", answer("HTTP/1.1 403 No\nX: "), Cause.PROXY_DENIED, "HTTP 403", "allow CONNECT"),
    "closed": ("http", read_request, Cause.CLOSED, "before it had opened a tunnel", "administrator"),
    "silent": ("http", until_closed, Cause.TIMEOUT, "opened no tunnel", "from the proxy itself"),
    "a byte at a time": ("http", answer("HTTP/1.1 200 ", then=trickle), Cause.TIMEOUT, "opened no tunnel", "firewall"),
    "SOCKS 5 general": ("socks5h", socks5(1), Cause.PROXY_TARGET_UNREACHABLE, "General", "from the proxy"),
    "SOCKS 5 rules": ("socks5h", socks5(2), Cause.PROXY_DENIED, "not allowed", "allow CONNECT"),
    **{
        f"SOCKS 5 code {code}": ("socks5h", socks5(code), Cause.PROXY_TARGET_UNREACHABLE, "could not reach", "proxy")
        for code in (3, 4, 5, 6)
    },
    "SOCKS 5 command": ("socks5h", socks5(7), Cause.PROXY_DENIED, "Command not supported", "allow CONNECT"),
    "SOCKS 5 no names": ("socks5h", socks5(8), Cause.PROXY_TARGET_UNREACHABLE, "Address type", "write socks5://"),
    "SOCKS 5 unknown code": ("socks5h", socks5(0x2A), Cause.PROXY_BAD_ANSWER, "unknown code 0x2A", "host and port"),
    **{
        f"tor 0x{code:X}": ("socks5h", socks5(code), Cause.PROXY_TARGET_UNREACHABLE, f"0x{code:X}, Onion", advice)
        for code, advice in {
            0xF0: "check the onion address in the URL",
            0xF1: "test again in a few minutes",
            0xF2: "test again in a few minutes",
            0xF3: "test again in a few minutes",
            0xF4: "ask its operator for one",
            0xF5: "ask its operator for one",
            0xF6: "is not an onion address",
            0xF7: "test again in a few minutes",
        }.items()
    },
    "SOCKS 5 GSSAPI": (
        "socks5h",
        socks_login(b"\x05\x01"),
        Cause.PROXY_AUTH_REQUIRED,
        "it offers GSSAPI",
        "a user name",
    ),
    "SOCKS 5 takes no password": (
        "socks5h://u:p@",
        socks_login(b"\x05\xff"),
        Cause.PROXY_AUTH_REQUIRED,
        "wants a login",
        "neither a user name with a password nor",
    ),
    "SOCKS 5 wants a password": (
        "socks5h",
        socks_login(b"\x05\x02"),
        Cause.PROXY_AUTH_REQUIRED,
        "it offers user name and password",
        "Put your user name",
    ),
    "SOCKS 5 ends after the greeting": (
        "socks5h",
        socks_greeting,
        Cause.CLOSED,
        "ended before it had opened a tunnel",
        "the one that ssh logs in to",
    ),
    "SOCKS 5 silent after the greeting": (
        "socks5h",
        silent_after_greeting,
        Cause.TIMEOUT,
        "opened no tunnel",
        "speaks SOCKS",
    ),
    "SOCKS 5 bad name": (
        "socks5h",
        socks5_bound_to(b"\xff\xfe"),
        Cause.PROXY_BAD_ANSWER,
        "the name in its reply is not text",
        "host and port",
    ),
    "SOCKS 4 rejected": ("socks4a", socks4(0x5B), Cause.PROXY_TARGET_UNREACHABLE, "rejected", "from the proxy"),
    "SOCKS 4 user": ("socks4a", socks4(0x5D), Cause.PROXY_AUTH_REQUIRED, "login", "user name"),
    "SOCKS 5 no method": (
        "socks5h",
        socks_login(b"\x05\xff"),
        Cause.PROXY_AUTH_REQUIRED,
        "authentication",
        "user name",
    ),
    "SOCKS 5 bad login": (
        "socks5h://u:p@",
        socks_login(b"\x05\x02\x01\x01"),
        Cause.PROXY_AUTH_REQUIRED,
        "authentication failure",
        "user name",
    ),
    "no SOCKS": ("socks5h", socks_login(b"HTTP"), Cause.PROXY_BAD_ANSWER, "version", "host and port"),
    "SOCKS closed": ("socks5h", lambda sock: sock.recv(3) and None, Cause.CLOSED, "ended before", "administrator"),
    "SOCKS silent": ("socks5h", until_closed, Cause.TIMEOUT, "opened no tunnel", "firewall"),
}


def tunnel(sock: socket.socket) -> None:
    """Be an honest proxy, over TLS too: one thread moves both directions, since two may not share an `SSLSocket`."""
    host, _, port = read_request(sock).split()[1].decode().rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=10) as there:
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        sock.settimeout(10)
        sinks = {sock: there, there: sock}
        while True:
            ready, _, _ = select.select(sinks, [], [], 10)
            for source in ready:
                data = source.recv(65536)
                if not data:
                    return
                sinks[source].sendall(data)


def forward(sock: socket.socket, host: str, port: int) -> None:
    """Be an honest tunnel."""
    with socket.create_connection((host, port), timeout=10) as there:
        back = threading.Thread(target=copy, args=(there, sock))
        back.start()
        copy(sock, there)
        back.join(10)


def copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for sock in (source, sink):
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
