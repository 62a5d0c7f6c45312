"""Small honest proxies that want a login and verify it, each by an implementation of its own."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote
from urllib.request import parse_http_list, parse_keqv_list

import attrs

from tests.probe.proxies import forward, proxy, read_request

Verify = Callable[[str, bytes], list[str] | None]  # a scheme and what follows it: what is offered then, or None: right


@attrs.define
class LoginProxy:
    """A proxy: how it refuses, and what it heard, a list for each connection."""

    begin: Callable[[], Verify]
    offers: list[str]
    version: str = "1.1"
    status: str = "407 Login"
    header: str = "Proxy-Authenticate"
    headers: tuple[str, ...] = ()
    body: bytes = b"Content-Length: 5\r\n\r\nlogin"
    after_body: Callable[[socket.socket], None] | None = None
    closes: Callable[[list[str]], bool] = lambda _: False
    heard: list[list[bytes]] = attrs.field(factory=list)
    port: int = 0

    def talk(self, sock: socket.socket) -> None:
        heard: list[bytes] = []
        self.heard.append(heard)
        verify = self.begin()
        while True:
            request = read_request(sock)
            login = re.search(rb"Proxy-Authorization: (.*)\r\n", request)
            heard.append(login[1] if login else b"")
            scheme, _, said = heard[-1].partition(b" ")
            offers = verify(scheme.decode(), said) if login else self.offers
            if offers is None:
                sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                forward(sock, "127.0.0.1", int(request.split()[1].rpartition(b":")[2]))
                return
            lines = [f"HTTP/{self.version} {self.status}", *(f"{self.header}: {offer}" for offer in offers)]
            sock.sendall("\r\n".join([*lines, *self.headers, ""]).encode() + self.body)
            if self.after_body:
                self.after_body(sock)
            if self.closes(offers):
                return

    @property
    def logins(self) -> list[bytes]:
        """All that was sent as a login."""
        return [said for connection in self.heard for said in connection if said]

    def url(self, login: str = "") -> str:
        return f"http://{login}127.0.0.1:{self.port}"


@contextmanager
def running(login_proxy: LoginProxy) -> Iterator[LoginProxy]:
    with proxy(login_proxy.talk) as port:
        login_proxy.port = port
        yield login_proxy


def basic(user: str, password: str) -> LoginProxy:
    right = base64.b64encode(f"{user}:{password}".encode())
    offers = ['Basic realm="x"']
    return LoginProxy(lambda: lambda scheme, said: None if (scheme, said) == ("Basic", right) else offers, offers)


def digest(
    user: str, password: str, parameters: str = 'algorithm=MD5, qop="auth"', *, stale: bool = False
) -> LoginProxy:
    """A proxy that verifies Digest as RFC 7616 has it; `stale`: it wants the first login again, with another nonce."""
    nonces: list[str] = []

    def offer(more: str = "") -> list[str]:
        nonces.append(secrets.token_hex(8))
        return [f'Digest realm="The \\"house\\", here", nonce="{nonces[-1]}", opaque="o,p", {parameters}{more}']

    def verify(scheme: str, said: bytes) -> list[str] | None:
        given = parse_keqv_list(parse_http_list(said.decode()))
        if stale and len(nonces) == 1:
            return offer(", stale=TRUE")
        right = scheme == "Digest" and given["nonce"] == nonces[-1] and given["opaque"] == "o,p"
        return None if right and given["response"] == _response(given, user, password) else offer()

    return LoginProxy(lambda: verify, offer())


def _response(given: dict[str, str], user: str, password: str) -> str:
    algorithm = given.get("algorithm", "MD5")

    def hashed(*parts: str) -> str:
        return hashlib.new(
            algorithm.removesuffix("-sess").replace("-", "").lower(), ":".join(parts).encode()
        ).hexdigest()

    named = given["username"] if "username" in given else unquote(given["username*"].removeprefix("UTF-8''"))
    if named != user:
        return "nobody"
    secret = hashed(user, 'The "house", here', password)
    if algorithm.endswith("-sess"):
        secret = hashed(secret, given["nonce"], given["cnonce"])
    asks = hashed("CONNECT", given["uri"])
    if "qop" not in given:
        return hashed(secret, given["nonce"], asks)
    return hashed(secret, given["nonce"], given["nc"], given["cnonce"], given["qop"], asks)


def ntlm(name: str = "NTLM") -> LoginProxy:
    """A proxy that verifies NTLM by pyspnego's server side; the logins that it knows are in NTLM_USER_FILE."""

    def begin() -> Verify:
        import spnego

        server: Any = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)

        def verify(scheme: str, said: bytes) -> list[str] | None:
            if scheme != name:
                return [name]
            with contextlib.suppress(spnego.exceptions.SpnegoError):
                challenge = server.step(base64.b64decode(said))
                if server.complete:
                    return None
                return [f"{name} {base64.b64encode(challenge).decode()}"]
            return [name]

        return verify

    return LoginProxy(begin, [name])


def several(*proxies: LoginProxy) -> LoginProxy:
    """A proxy that takes any of these ways."""

    def begin() -> Verify:
        ways = {one.offers[0].split()[0]: one.begin() for one in proxies}

        def verify(scheme: str, said: bytes) -> list[str] | None:
            offers = ways[scheme](scheme, said)
            is_exchange = offers is not None and len(offers[0].split()) == 2 and "=" not in offers[0].split()[1][:6]
            return offers if offers is None or is_exchange else everything

        return verify

    everything = [offer for one in proxies for offer in one.offers]
    return LoginProxy(begin, everything)


def drip(sock: socket.socket) -> None:
    """Send a byte a moment, until nobody listens."""
    never = threading.Event()
    while not never.wait(0.02):
        sock.sendall(b"x")


def flood(sock: socket.socket) -> None:
    """Send as fast as it goes, until nobody listens."""
    while True:
        sock.sendall(b"x" * 65536)
