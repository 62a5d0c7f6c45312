"""A tunnel through a proxy, by its scheme: CONNECT (`http_tunnel`), or SOCKS 4, 4a and 5."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from wsconn._diagnosis.causes.words import not_installed
from wsconn._diagnosis.evidence import NOTHING, StageFailed
from wsconn._io.importing import importing
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Cause, Evidence
from wsconn._protocols.socks_replies import Exchange, refusal, spoken
from wsconn._proxies import Proxy
from wsconn._stages.http_tunnel import open_http_tunnel
from wsconn._stages.tunnel import WantedTunnel
from wsconn._text import plain, sanitize

_GREETING = b"\x05\x02\x00\x02"  # RFC 1928, section 3: without a login, or with a password


def missing_extra(proxy: Proxy) -> str | None:
    """Return the extra that is not installed and that a proxy needs, or `None`."""
    needed = proxy.unfit is None and proxy.scheme.startswith("socks")
    return "socks" if needed and not importlib.util.find_spec("python_socks") else None


def unsupported_reason(proxy: Proxy) -> str | None:
    """Say why a proxy cannot be used here, or `None` if it can."""
    extra = missing_extra(proxy)
    return plain(not_installed(extra)) if extra else proxy.unfit


def open_tunnel(wanted: WantedTunnel) -> Stream:
    """Have a proxy connect to a server, and return the stream that speaks to it."""
    return _TUNNELS[wanted.proxy.scheme](wanted)


def _socks_tunnel(wanted: WantedTunnel, *, version: int) -> Stream:
    stream = wanted.reach()
    try:
        _negotiate_socks(stream, wanted.proxy, wanted.host, wanted.port, version=version)
    except BaseException:
        stream.close()
        raise
    return stream


def _negotiate_socks(stream: Stream, proxy: Proxy, host: str, port: int, *, version: int) -> None:
    with importing:
        from python_socks import ProxyError, ProxyType
        from python_socks.sync import Proxy as Socks

    kind = ProxyType.SOCKS5 if version == 5 else ProxyType.SOCKS4
    said = Exchange(version)
    forward: Any = _PythonSocksSocket(stream, said)  # the library asks no more of it than to connect
    socks = Socks(kind, proxy.host, proxy.port, proxy.username, proxy.password, rdns=True, forward=forward)
    try:
        socks.connect(host, port)
    except StageFailed as failed:
        if meant := _meaning(said):  # in fewer bytes than a reply has
            raise _refused(*meant, proxy, said) from failed
        in_login = True if said.is_login else None
        seen = failed.evidence or Evidence()
        failed.evidence = attrs.evolve(seen, socks_greeted=said.is_greeted, login_sent=in_login)
        raise
    except ProxyError as error:
        said.add_received(stream.peek(0))  # the library reads no more of it than a reply has
        cause, seen = _meaning(said) or (Cause.PROXY_BAD_ANSWER, NOTHING)
        if cause is Cause.PROXY_BAD_ANSWER and seen.socks_code is None:
            seen = attrs.evolve(seen, detail=sanitize(f"{error}; it said '{_first_line(said.reply)}'"))
        raise _refused(cause, seen, proxy, said) from error
    except LimitExceeded as error:
        raise StageFailed(Cause.PROXY_BAD_ANSWER, Evidence(detail="it sends without end")) from error
    except UnicodeDecodeError as error:
        raise StageFailed(Cause.PROXY_BAD_ANSWER, Evidence(detail="the name in its reply is not text")) from error
    except (ValueError, OverflowError) as error:  # UnicodeEncodeError is one
        detail = "the host name or the login does not fit into SOCKS"
        raise StageFailed(Cause.PROXY_UNSUPPORTED, Evidence(detail=detail)) from error


def _meaning(said: Exchange) -> tuple[Cause, Evidence] | None:
    """Return what a reply means that opens no tunnel, where that is known."""
    other = spoken(said)
    return (Cause.PROXY_BAD_ANSWER, other) if other else refusal(said)


def _first_line(said: bytes) -> str:
    return said.decode("latin-1").partition("\r")[0].partition("\n")[0]


def _refused(cause: Cause, seen: Evidence, proxy: Proxy, said: Exchange) -> StageFailed:
    return StageFailed(cause, attrs.evolve(seen, login_sent=_login_sent(proxy, said)))


def _login_sent(proxy: Proxy, said: Exchange) -> bool | None:
    if said.version == 4:
        return True if proxy.username else None
    given = proxy.username and proxy.password  # python-socks offers a login only if it has both
    return said.has_sent_login if given else None


def speaks_socks_alone(dial: Callable[[], Stream]) -> bool:
    """Tell whether SOCKS 5 is spoken where `dial` leads, and no HTTP beside it: it is greeted, and asked for nothing.

    What takes both (pproxy, Clash) waits for the rest of a request; what knows SOCKS alone refuses its beginning.
    """
    try:
        speaks_socks = _first_answer(dial, _GREETING).startswith(b"\x05")
        if speaks_socks:
            _first_answer(dial, b"CONNECT ")  # which would not come from a proxy for HTTP
        return speaks_socks
    except (StageFailed, LimitExceeded):
        return False


def _first_answer(dial: Callable[[], Stream], message: bytes) -> bytes:
    """Return what comes after a message, nothing where that is the end."""
    stream = dial()
    try:
        stream.write(message)
        return stream.peek(1)
    except StageFailed as failed:
        if failed.cause is Cause.CLOSED:
            return b""
        raise
    finally:
        stream.close()


class _PythonSocksSocket:
    """What python-socks takes for the proxy before the proxy, and for the socket that comes of it: the stream."""

    def __init__(self, stream: Stream, said: Exchange) -> None:
        self._stream = stream
        self._said = said

    def connect(self, dest_host: str, dest_port: int, timeout: float) -> _PythonSocksSocket:
        return self

    def sendall(self, data: bytes) -> None:
        self._said.add_sent(data)
        self._stream.write(data)

    def recv(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._said.add_received(data)
        return data

    def close(self) -> None: ...


_SOCKS4, _SOCKS5 = (functools.partial(_socks_tunnel, version=version) for version in (4, 5))
_TUNNELS: Mapping[str, Callable[[WantedTunnel], Stream]] = {  # by the schemes of `_proxies.SCHEMES`
    "http": open_http_tunnel,
    "https": open_http_tunnel,  # over the TLS that the stream has by then
    "socks4": _SOCKS4,
    "socks4a": _SOCKS4,
    "socks5": _SOCKS5,
    "socks5h": _SOCKS5,
}
