"""From a connection to a proxy to a tunnel through it: CONNECT (RFC 9110, section 9.3.6), SOCKS 4, 4a and 5."""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from wsconn._diagnosis.causes.words import not_installed
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Cause, Evidence
from wsconn._protocols.challenges import schemes_offered
from wsconn._protocols.http_head import read_head
from wsconn._protocols.http_response import Head, NotHttp
from wsconn._protocols.socks_replies import Exchange, refusal
from wsconn._proxies import Proxy
from wsconn._text import host_port, plain, sanitize
from wsconn._version import __version__

_SUCCESS = range(200, 300)
_REDIRECTS = (301, 302, 303, 307, 308)
_CONNECT_CAUSES: Mapping[int, Cause] = {
    401: Cause.PROXY_AUTH_REQUIRED,  # tinyproxy, for wrong credentials
    402: Cause.PROXY_DENIED,  # proxies that are paid for
    403: Cause.PROXY_DENIED,
    404: Cause.PROXY_TARGET_UNREACHABLE,  # privoxy, tor: no such name
    407: Cause.PROXY_AUTH_REQUIRED,
    429: Cause.PROXY_DENIED,
    451: Cause.PROXY_DENIED,
    500: Cause.PROXY_TARGET_UNREACHABLE,  # tinyproxy
    502: Cause.PROXY_TARGET_UNREACHABLE,  # mitmproxy
    503: Cause.PROXY_TARGET_UNREACHABLE,  # squid
    504: Cause.PROXY_TARGET_UNREACHABLE,
    511: Cause.PROXY_AUTH_REQUIRED,  # RFC 6585, section 6: a login to the network
    **dict.fromkeys(range(590, 600), Cause.PROXY_TARGET_UNREACHABLE),  # proxy-chain (Node.js): 594 is ECONNREFUSED
}
_SQUID_ERROR = re.compile(r"ERR_\w+ (\d{1,3})")
_LINUX_ERRORS = {  # asm-generic/errno.h: those of connect(2); the proxy's machine may be another than this one
    13: "EACCES",
    101: "ENETUNREACH",
    104: "ECONNRESET",
    110: "ETIMEDOUT",
    111: "ECONNREFUSED",
    113: "EHOSTUNREACH",
}


def missing_extra(proxy: Proxy) -> str | None:
    """Return the extra that is not installed and that a proxy needs, or `None`."""
    needed = proxy.unfit is None and proxy.scheme.startswith("socks")
    return "socks" if needed and not importlib.util.find_spec("python_socks") else None


def unsupported_reason(proxy: Proxy) -> str | None:
    """Say why a proxy cannot be used here, or `None` if it can."""
    extra = missing_extra(proxy)
    return plain(not_installed(extra)) if extra else proxy.unfit


def open_tunnel(reach: Callable[[], Stream], proxy: Proxy, host: str, port: int) -> Stream:
    """Have `proxy` connect to a server, and return the stream that speaks to it; `reach` gives one to the proxy."""
    stream = reach()
    try:
        _TUNNELS[proxy.scheme](stream, proxy, host, port)
    except BaseException:
        stream.close()
        raise
    return stream


def _connect(stream: Stream, proxy: Proxy, host: str, port: int) -> None:
    target = host_port(host, port)
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", f"User-Agent: wsconn/{__version__}"]
    if proxy.username is not None:
        lines.append(f"Proxy-Authorization: Basic {proxy.login}")
    stream.write("\r\n".join([*lines, "", ""]).encode())
    try:
        head = read_head(stream, _SUCCESS)
    except NotHttp as error:
        raise StageFailed(Cause.PROXY_BAD_ANSWER, error.evidence()) from error
    if head.status not in _SUCCESS:
        raise StageFailed(_cause(head), _evidence(head, proxy))


def _cause(head: Head) -> Cause:
    if head.status in _REDIRECTS and "location" in head.fields:
        return Cause.PROXY_DENIED  # squid's deny_info, and most filters: the page there says why
    return _CONNECT_CAUSES.get(head.status, Cause.PROXY_BAD_ANSWER)


def _evidence(head: Head, proxy: Proxy) -> Evidence:
    challenges = head.fields.get("proxy-authenticate") or head.fields.get("www-authenticate", "")
    squid = head.fields.get("x-squid-error", "")
    number = _SQUID_ERROR.fullmatch(squid)
    return attrs.evolve(
        head.evidence(auth_schemes=tuple(map(sanitize, schemes_offered(challenges)))),
        login_sent=None if proxy.username is None else True,
        proxy_error=sanitize(squid or head.fields.get("proxy-status", "")) or None,
        proxy_os_error=_LINUX_ERRORS.get(int(number[1])) if number else None,
    )


def _negotiate_socks(stream: Stream, proxy: Proxy, host: str, port: int, *, version: int) -> None:
    from python_socks import ProxyError, ProxyType
    from python_socks.sync import Proxy as Socks

    kind = ProxyType.SOCKS5 if version == 5 else ProxyType.SOCKS4
    said = Exchange(version)
    forward: Any = _PythonSocksSocket(stream, said)  # the library asks no more of it than to connect
    socks = Socks(kind, proxy.host, proxy.port, proxy.username, proxy.password, rdns=True, forward=forward)
    try:
        socks.connect(host, port)
    except StageFailed as failed:
        failed.evidence = attrs.evolve(failed.evidence or Evidence(), socks_greeted=said.is_greeted)
        raise
    except ProxyError as error:
        cause, seen = refusal(said) or (Cause.PROXY_BAD_ANSWER, Evidence(detail=sanitize(str(error))))
        raise StageFailed(cause, attrs.evolve(seen, login_sent=_login_sent(proxy, said))) from error
    except LimitExceeded as error:
        raise StageFailed(Cause.PROXY_BAD_ANSWER, Evidence(detail="it sends without end")) from error
    except UnicodeDecodeError as error:
        raise StageFailed(Cause.PROXY_BAD_ANSWER, Evidence(detail="the name in its reply is not text")) from error
    except (ValueError, OverflowError) as error:  # UnicodeEncodeError is one
        detail = "the host name or the login does not fit into SOCKS"
        raise StageFailed(Cause.PROXY_UNSUPPORTED, Evidence(detail=detail)) from error


def _login_sent(proxy: Proxy, said: Exchange) -> bool | None:
    if said.version == 4:
        return True if proxy.username else None
    given = proxy.username and proxy.password  # python-socks offers a login only if it has both
    return said.has_sent_login if given else None


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


_SOCKS4, _SOCKS5 = (functools.partial(_negotiate_socks, version=version) for version in (4, 5))
_TUNNELS: Mapping[str, Callable[[Stream, Proxy, str, int], None]] = {  # by the schemes of `_proxies.SCHEMES`
    "http": _connect,
    "https": _connect,  # over the TLS that the stream has by then
    "socks4": _SOCKS4,
    "socks4a": _SOCKS4,
    "socks5": _SOCKS5,
    "socks5h": _SOCKS5,
}
