"""`Lab`: regions by name, with the URLs, the trusted authority and the host names that a check needs."""

from __future__ import annotations

import contextlib
import math
import secrets
import ssl
import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Self

from wsconn.lab._acceptor import Acceptor
from wsconn.lab._dead_ports import black_hole_port, refusing_port
from wsconn.lab._fault import Fault, Handshake, Reachability, Serve
from wsconn.lab._fault_names import HEALTHY, fault_named
from wsconn.lab._identity import MADE_UP_DOMAIN, Identity
from wsconn.lab._names import AddressInfo, Names, check_answers, never_answered
from wsconn.lab._relay import relay

_HOSTS = ("127.0.0.1", "::1")
_TLS_VERSIONS = (None, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
_NOTHING: Mapping[int, float] = MappingProxyType({})


class Lab:
    """Regions on this machine's loopback, healthy or with one fault each, until `close` or the end of `with`.

    Every region has a port of its own. Each connection is served on a daemon thread. Add regions from one thread; use
    them from any.
    """

    def __init__(self) -> None:
        self._closing = threading.Event()
        self._close_lock = threading.Lock()  # a second close waits until the first is done
        self._regions: dict[str, str] = {}
        self._identity = Identity()
        self._names = Names(self._closing)
        self._acceptor = Acceptor(self._closing)
        self._sockets = contextlib.ExitStack()
        self._token = secrets.token_hex(4)  # so that two labs in a process have different names

    def add(
        self,
        name: str,
        *,
        tls: bool = False,
        tls_version: ssl.TLSVersion | None = None,
        fault: Fault | Serve | str | None = None,
        latency: float = 0.0,
        host: str = "127.0.0.1",
        path: str = "/",
    ) -> str:
        """Start a region and return its URL.

        Args:
            name: The region's.
            tls: Whether it is `wss`; `ssl_context` trusts its certificate.
            tls_version: The only version it speaks, 1.2 or 1.3; `None`: both.
            fault: What is wrong with it: one of `wsconn.lab.faults`, a name that `fault_named` takes, or a function
                that gets each accepted socket, after TLS. `None`: nothing.
            latency: Round trip in seconds: a relay in front delays everything by half of it, each way. The kernel
                does the TCP handshake, and what ends before it: these are never late.
            host: Where it listens, `127.0.0.1` or `::1`.
            path: The URL's; the server answers at any.

        Raises:
            TypeError: `tls`, `latency` or `path` is of another type.
            ValueError: An argument makes no sense; the message says which. For a fault's name that does not exist it
                is an `UnknownFaultError`, with suggestions.
            OSError: The machine cannot do it: no IPv6, no descriptors, no black hole on this platform.
        """
        self._check_open()
        chosen = _as_fault(fault)
        self._check_name(name)
        _check_tls(chosen, tls=tls, tls_version=tls_version)
        _check_where(latency=latency, host=host, path=path)
        if chosen.reachability is Reachability.OPEN:
            context = self._server_context(chosen, tls_version) if tls else None
            port = self._listen(name, chosen.serve, context, host, latency)
        else:
            host, port = self._unreachable(chosen.reachability, host)
        at = f"[{host}]" if ":" in host else host
        self._regions[name] = f"{'wss' if tls else 'ws'}://{at}:{port}{path}"
        return self._regions[name]

    def name(
        self,
        host: str,
        addresses: Sequence[str] | None,
        *,
        delays: Mapping[int, float] = _NOTHING,
        errors: Mapping[int, int] = MappingProxyType({}),
        canonical: str | None = None,
    ) -> None:
        """Make up a host name that `getaddrinfo` answers; the lab's certificates are right for `<word>.lab.invalid`.

        A lookup of both families ends with the later one, and has the addresses of both.

        Args:
            host: The name; a second call for the same name replaces its answers.
            addresses: IPv4 and IPv6 addresses, in the order of the answer. A family without any is EAI_NONAME.
                `None`: no answer until the lab closes, and EAI_AGAIN then.
            delays: Seconds until a family (`socket.AF_INET`, `socket.AF_INET6`) answers; `math.inf` as `None` above.
            errors: The `socket.EAI_*` code that a family answers with, in place of addresses.
            canonical: What `AI_CANONNAME` tells, where a CNAME or a search list leads to another name.

        Raises:
            ValueError: An argument makes no sense; the message says which.
        """
        self._check_open()
        check_answers(host, addresses, delays, errors)
        if addresses is None:
            addresses, delays = (), never_answered()
        self._names.declare(host, addresses, delays, errors, canonical)

    @property
    def regions(self) -> dict[str, str]:
        """URLs by name, in the order of adding, as `wsconn.check` takes them."""
        return dict(self._regions)

    @property
    def ssl_context(self) -> ssl.SSLContext:
        """A client's context that trusts this lab's authority alone; always the same object."""
        return self._identity.client_context

    def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        family: int = 0,
        type: int = 0,  # noqa: A002  the name it has in socket
        proto: int = 0,
        flags: int = 0,
    ) -> list[AddressInfo]:
        """Look up a made-up name, or else call `socket.getaddrinfo`; arguments and errors are the same."""
        return self._names.getaddrinfo(host, port, family, type, proto, flags)

    def close(self) -> None:
        """End every connection, thread and lookup of the lab; closing it again does nothing.

        Do not call it in a fault's function: it waits for that function's own thread.
        """
        with self._close_lock:
            if not self._closing.is_set():
                self._closing.set()
                self._sockets.close()
                self._acceptor.close()

    def __enter__(self) -> Self:
        self._check_open()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closing.is_set() else "open"
        return f"<Lab {state} regions={self._regions!r}>"

    def _listen(self, name: str, serve: Serve, context: ssl.SSLContext | None, host: str, latency: float) -> int:
        address = self._acceptor.listen(name, host, serve, context)
        if latency:
            address = self._acceptor.listen(name, host, relay(address, latency / 2, self._closing), None)
        return address[1]

    def _unreachable(self, reachability: Reachability, host: str) -> tuple[str, int]:
        if reachability is Reachability.BLACK_HOLE:
            return host, black_hole_port(host, self._sockets)
        port = refusing_port(host, self._sockets)  # for a name too: no other program may listen there
        match reachability:
            case Reachability.NO_SUCH_HOST:
                return self._made_up("no-such-host.invalid", ()), port
            case Reachability.BLOCKED_NAME:
                return self._made_up(self._fresh_name(reachability), ("0.0.0.0", "::")), port  # noqa: S104 - an answer of DNS
            case Reachability.HANGING_NAME:
                return self._made_up(self._fresh_name(reachability), None), port
            case _:
                return host, port

    def _made_up(self, host: str, addresses: Sequence[str] | None) -> str:
        self.name(host, addresses)
        return host

    def _fresh_name(self, reachability: Reachability) -> str:
        return f"{reachability.value}-{len(self._regions)}-{self._token}.{MADE_UP_DOMAIN}"

    def _server_context(self, fault: Fault, version: ssl.TLSVersion | None) -> ssl.SSLContext | None:
        if fault.handshake is Handshake.NONE:
            return None
        return self._identity.server_context(fault.handshake, version)

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise RuntimeError("this lab is closed; make another")

    def _check_name(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise ValueError(f"name must be a str that is not empty: {name!r}")
        if name in self._regions:
            raise ValueError(f"name is taken by another region: {name!r}")


def _as_fault(fault: Fault | Serve | str | None) -> Fault:
    if fault is None or isinstance(fault, Fault):
        return fault or HEALTHY
    if isinstance(fault, str):
        return fault_named(fault)
    if not callable(fault):
        raise ValueError(f"fault must be a Fault, its name, or a function given a socket: {fault!r}")
    if getattr(fault, "__module__", "").startswith(f"{__package__}.faults"):
        raise ValueError(f"fault must be what this function returns, so call it: {fault!r}")
    return Fault(name=getattr(fault, "__name__", "custom"), summary="A function given a socket.", serve=fault)


def _check_tls(fault: Fault, *, tls: bool, tls_version: ssl.TLSVersion | None) -> None:
    if not isinstance(tls, bool):
        raise TypeError(f"tls must be True or False, not {tls!r}")
    if fault.needs_tls and not tls:
        raise ValueError(f"fault needs tls=True: {fault.name!r}")
    if tls_version not in _TLS_VERSIONS:
        raise ValueError(f"tls_version must be TLSv1_2 or TLSv1_3 (for older ones: faults.OLD_TLS): {tls_version!r}")
    if tls_version is not None and not tls:
        raise ValueError(f"tls_version needs tls=True: {tls_version!r}")


def _check_where(*, latency: float, host: str, path: str) -> None:
    if isinstance(latency, bool) or not isinstance(latency, int | float):
        raise TypeError(f"latency must be a number of seconds, not {latency!r}")
    if not latency >= 0 or math.isinf(latency):  # written so that nan is caught
        raise ValueError(f"latency must be finite seconds, not negative: {latency!r}")
    if host not in _HOSTS:
        raise ValueError(f"host must be one of {', '.join(_HOSTS)}: {host!r}")
    if not isinstance(path, str):
        raise TypeError(f"path must be a str, not {path!r}")
    if not path.startswith("/"):
        raise ValueError(f"path must begin with a slash: {path!r}")
