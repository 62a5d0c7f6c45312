"""From a connection to a proxy to a tunnel through it: CONNECT (RFC 9110, section 9.3.6), SOCKS 4, 4a and 5."""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Callable, Mapping
from typing import Any

from wsconn._diagnosis.causes.words import not_installed
from wsconn._diagnosis.evidence import StageFailed
from wsconn._io.stream import LimitExceeded, Stream
from wsconn._outcome import Cause, Evidence
from wsconn._protocols.http_head import read_head
from wsconn._protocols.http_response import Head, NotHttp
from wsconn._proxies import Proxy
from wsconn._text import host_port, plain, sanitize
from wsconn._version import __version__

_SUCCESS = range(200, 300)
_MOST_SCHEMES = 8  # that are told; browsers know four
_CONNECT_CAUSES: Mapping[int, Cause] = {
    401: Cause.PROXY_AUTH_REQUIRED,  # tinyproxy, for wrong credentials
    403: Cause.PROXY_DENIED,
    407: Cause.PROXY_AUTH_REQUIRED,
    500: Cause.PROXY_TARGET_UNREACHABLE,  # tinyproxy
    502: Cause.PROXY_TARGET_UNREACHABLE,  # mitmproxy
    503: Cause.PROXY_TARGET_UNREACHABLE,  # squid
    504: Cause.PROXY_TARGET_UNREACHABLE,
}
_SOCKS_CAUSES: Mapping[int, Cause] = {
    1: Cause.PROXY_TARGET_UNREACHABLE,  # RFC 1928, section 6: general failure
    2: Cause.PROXY_DENIED,  # not allowed by the rules
    3: Cause.PROXY_TARGET_UNREACHABLE,  # network unreachable
    4: Cause.PROXY_TARGET_UNREACHABLE,  # host unreachable
    5: Cause.PROXY_TARGET_UNREACHABLE,  # refused
    6: Cause.PROXY_TARGET_UNREACHABLE,  # TTL expired
    0x5B: Cause.PROXY_TARGET_UNREACHABLE,  # SOCKS 4: rejected or failed, it does not say which
    0x5C: Cause.PROXY_AUTH_REQUIRED,  # SOCKS 4: the user could not be identified
    0x5D: Cause.PROXY_AUTH_REQUIRED,
}
# A refused login has no code in python-socks, only these words.
_REFUSED_LOGINS = ("No acceptable authentication", "Username and password", "Unexpected SOCKS authentication method")


def missing_extra(proxy: Proxy) -> str | None:
    """Return the extra that is not installed and that a proxy needs, or `None`."""
    needed = proxy.unfit is None and proxy.scheme.startswith("socks")
    return "socks" if needed and not importlib.util.find_spec("python_socks") else None


def unsupported_reason(proxy: Proxy) -> str | None:
    """Say why a proxy cannot be used here, or `None` if it can."""
    extra = missing_extra(proxy)
    return plain(not_installed(extra)) if extra else proxy.unfit


def open_tunnel(stream: Stream, proxy: Proxy, host: str, port: int) -> None:
    """Have `proxy`, at the other end of `stream`, connect it to a server; from then on the stream speaks to that."""
    _TUNNELS[proxy.scheme](stream, proxy, host, port)


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
        cause = _CONNECT_CAUSES.get(head.status, Cause.PROXY_BAD_ANSWER)
        raise StageFailed(cause, head.evidence(auth_schemes=_offers(head)))


def _offers(head: Head) -> tuple[str, ...]:
    """Name the ways to log in that a proxy offers, by their schemes alone (RFC 9110, section 11.6.1)."""
    challenges = head.fields.get("proxy-authenticate") or head.fields.get("www-authenticate", "")
    schemes = dict.fromkeys(re.findall(r"(?:^|,)\s*([A-Za-z][\w-]*)(?=\s*,|\s*$|\s+[^=\s])", challenges))
    return tuple(map(sanitize, schemes))[:_MOST_SCHEMES]


def _negotiate_socks(stream: Stream, proxy: Proxy, host: str, port: int, *, version: int) -> None:
    from python_socks import ProxyError, ProxyType
    from python_socks.sync import Proxy as Socks

    kind = ProxyType.SOCKS5 if version == 5 else ProxyType.SOCKS4
    forward: Any = _PythonSocksSocket(stream)  # the library asks no more of it than to connect
    socks = Socks(kind, proxy.host, proxy.port, proxy.username, proxy.password, rdns=True, forward=forward)
    try:
        socks.connect(host, port)
    except ProxyError as error:
        said = str(error)
        login = said.startswith(_REFUSED_LOGINS)
        cause = Cause.PROXY_AUTH_REQUIRED if login else _SOCKS_CAUSES.get(error.error_code or 0, Cause.PROXY_BAD_ANSWER)
        raise StageFailed(cause, Evidence(detail=sanitize(said), socks_code=error.error_code)) from error
    except LimitExceeded as error:
        raise StageFailed(Cause.PROXY_BAD_ANSWER, Evidence(detail="it sends without end")) from error
    except UnicodeDecodeError as error:
        raise StageFailed(Cause.PROXY_BAD_ANSWER, Evidence(detail="its reply holds a name that is none")) from error
    except (ValueError, OverflowError) as error:  # UnicodeEncodeError is one
        detail = "the host name or the login does not fit into SOCKS"
        raise StageFailed(Cause.PROXY_UNSUPPORTED, Evidence(detail=detail)) from error


class _PythonSocksSocket:
    """What python-socks takes for the proxy before the proxy, and for the socket that comes of it: the stream."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def connect(self, dest_host: str, dest_port: int, timeout: float) -> _PythonSocksSocket:
        return self

    def sendall(self, data: bytes) -> None:
        self._stream.write(data)

    def recv(self, size: int) -> bytes:
        return self._stream.read(size)

    def close(self) -> None: ...


_SOCKS4, _SOCKS5 = (functools.partial(_negotiate_socks, version=version) for version in (4, 5))
_TUNNELS: Mapping[str, Callable[[Stream, Proxy, str, int], None]] = {  # by the schemes of `_proxies.SCHEMES`
    "http": _connect,
    "socks4": _SOCKS4,
    "socks4a": _SOCKS4,
    "socks5": _SOCKS5,
    "socks5h": _SOCKS5,
}
