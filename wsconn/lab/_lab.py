"""`Lab`: regions by name, with the URLs, the trusted authority and the host names that a check needs."""

from __future__ import annotations

import contextlib
import secrets
import ssl
import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Literal, Self

import attrs

from wsconn.lab._acceptor import Acceptor, Answer
from wsconn.lab._arguments import as_fault, check_change, check_existing, check_tls, check_where
from wsconn.lab._control import controlling
from wsconn.lab._fault import Fault, Handshake, Reachability, Serve
from wsconn.lab._identity import MADE_UP_DOMAIN, Identity
from wsconn.lab._names import AddressInfo, Names, check_answers, never_answered
from wsconn.lab._place import Place
from wsconn.lab._proxy import proxying

_ADDRESSES: Mapping[Reachability, Sequence[str] | None] = {  # what a name made up for such a region leads to
    Reachability.NO_SUCH_HOST: (),
    Reachability.BLOCKED_NAME: ("0.0.0.0", "::"),  # noqa: S104 - an answer of DNS
    Reachability.HANGING_NAME: None,
    Reachability.PORTAL_NAME: ("127.0.0.1",),
}
_NO_SUCH_HOST = "no-such-host.invalid"
_NOTHING: Mapping[int, float] = MappingProxyType({})


@attrs.define(kw_only=True, eq=False)
class _Region:
    """A region of a lab; all but its fault stays."""

    url: str
    fault: Fault
    added: Fault
    tls: bool
    tls_version: ssl.TLSVersion | None
    latency: float
    place: Place


class Lab:
    """Regions on this machine's loopback, healthy or with one fault each, until `close` or the end of `with`.

    Every region has a port of its own, which stays when its fault changes. Each connection is served on a daemon
    thread. A lab can be used from any thread.
    """

    def __init__(self) -> None:
        self._closing = threading.Event()
        self._close_lock = threading.Lock()  # a second close waits until the first is done
        self._lock = threading.RLock()  # guards _regions and their places: one change at a time
        self._regions: dict[str, _Region] = {}
        self._identity = Identity()
        self._names = Names(self._closing)
        self._acceptor = Acceptor(self._closing)
        self._sockets = contextlib.ExitStack()
        self._proxy: str | None = None
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
        chosen = as_fault(fault)
        with self._lock:
            self._check_open()
            self._check_name(name)
            check_tls(chosen, tls=tls, tls_version=tls_version)
            check_where(latency=latency, host=host, path=path)
            place = Place(name, host, self._acceptor, self._closing)
            region = _Region(
                url="", fault=chosen, added=chosen, tls=tls, tls_version=tls_version, latency=latency, place=place
            )
            self._put(region, chosen)
            self._sockets.callback(place.close)
            at = self._host(chosen.reachability) or (f"[{host}]" if ":" in host else host)
            region.url = f"{'wss' if tls else 'ws'}://{at}:{place.port}{path}"
            self._regions[name] = region
        return region.url

    def set_fault(
        self, name: str, fault: Fault | Serve | str | None, *, existing: Literal["close", "keep"] = "close"
    ) -> None:
        """Change what is wrong with a region while it is used; its URL stays.

        When it returns, a new connection meets the new fault.

        Args:
            name: The region's.
            fault: As for `add`; `None` or `"healthy"` heals it. The latency that was given to `add` stays.
            existing: What becomes of the region's open connections: with `close` they end, without a Close frame, as
                when a server dies; with `keep` they stay as they are.

        Raises:
            KeyError: There is no such region.
            ValueError: An argument makes no sense, or the fault is not one that this region can have: one of TLS for a
                `ws` region, or one of the host in its URL.
            OSError: The machine cannot do it: no descriptors, no black hole on this platform.
        """
        chosen = as_fault(fault)
        check_existing(existing)
        with self._lock:
            region = self._known(name)
            check_change(name, region.url, region.fault, chosen)
            self._put(region, chosen)
            region.fault = chosen
            if existing == "close":
                region.place.end_connections()

    def reset(self, name: str | None = None, *, existing: Literal["close", "keep"] = "close") -> None:
        """Take back what `set_fault` has changed: a region has again the fault that it was added with.

        Args:
            name: The region's; `None`: of all. A region that has its own fault is left alone.
            existing: As for `set_fault`.

        Raises:
            KeyError: There is no such region.
            OSError: The machine cannot do it.
        """
        with self._lock:
            for one in self._regions if name is None else [name]:
                region = self._known(one)
                if region.fault is not region.added:
                    self.set_fault(one, region.added, existing=existing)

    def control(self, port: int = 0) -> str:
        """Let programs on this machine look at the regions and change their faults by HTTP; return its URL.

        Args:
            port: Where it listens on 127.0.0.1; 0: any port that is free.

        Raises:
            OSError: The port is taken.
        """
        with self._lock:
            self._check_open()
            host, port = self._acceptor.listen("control", "127.0.0.1", port, Answer(controlling(self))).address
            return f"http://{host}:{port}"

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
        return {name: region.url for name, region in self._regions.copy().items()}

    @property
    def faults(self) -> dict[str, Fault]:
        """What each region has at the moment, by name."""
        return {name: region.fault for name, region in self._regions.copy().items()}

    @property
    def proxy(self) -> str:
        """The URL of an HTTP proxy on loopback that opens tunnels to the lab's regions, and to nothing else.

        It is there from the first time it is asked for. A region with a `Fault.tunnel` fails through it, and is healthy
        without it.
        """
        with self._lock:
            self._check_open()
            if self._proxy is None:
                answer = Answer(proxying(self._fault_at, self._closing))
                host, port = self._acceptor.listen("proxy", "127.0.0.1", 0, answer).address
                self._proxy = f"http://{host}:{port}"
            return self._proxy

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
            with self._lock:  # a change that is under way comes first
                if self._closing.is_set():
                    return
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
        return f"<Lab {state} regions={self.regions!r}>"

    def _put(self, region: _Region, fault: Fault) -> None:
        context = self._server_context(fault, region.tls_version) if region.tls else None
        link = attrs.evolve(fault.link, latency=fault.link.latency + region.latency)
        region.place.put(fault.reachability, Answer(fault.serve, context), link)

    def _host(self, reachability: Reachability) -> str | None:
        """Make up the name that such a region has for a host; `None` if it has none."""
        if not reachability.names_a_host:
            return None
        fresh = f"{reachability.value}-{len(self._regions)}-{self._token}.{MADE_UP_DOMAIN}"
        host = _NO_SUCH_HOST if reachability is Reachability.NO_SUCH_HOST else fresh
        self.name(host, _ADDRESSES[reachability])
        return host

    def _fault_at(self, host: str, port: int) -> Fault | None:
        """Return the fault of the region at this address, for the proxy; `None` if there is none."""
        at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return next((one.fault for one in self._regions.copy().values() if one.url.split("/")[2] == at), None)

    def _server_context(self, fault: Fault, version: ssl.TLSVersion | None) -> ssl.SSLContext | None:
        if fault.handshake is Handshake.NONE:
            return None
        return self._identity.server_context(fault.handshake, version)

    def _known(self, name: str) -> _Region:
        self._check_open()
        if name not in self._regions:
            raise KeyError(f"there is no region {name!r}")
        return self._regions[name]

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise RuntimeError("this lab is closed; make another")

    def _check_name(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise ValueError(f"name must be a str that is not empty: {name!r}")
        if name in self._regions:
            raise ValueError(f"name is taken by another region: {name!r}")
