"""Ways to hand the engine honest stand-ins, so that no test patches `socket` or `time`."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version
from typing import Any

import attrs
from websockets.sync.server import serve

from wsconn import ConnectivityTest, Region, RegionOutcome
from wsconn._pac_settings import names_pac, parse_pac
from wsconn._probe.dialer import Dialer
from wsconn._probe.pac import Pac
from wsconn._probe.probe import Probe
from wsconn._probe.route import Route
from wsconn._probe.trust import Trust
from wsconn._proxies import Proxies, parse_proxy
from wsconn._regions import to_regions
from wsconn._resolver_settings import ResolverSettings
from wsconn._stages.request import Request
from wsconn._stages.resolve import Lookups
from wsconn.lab import Lab


def start_in(
    lab: Lab,
    regions: Mapping[str, str] | Iterable[Region] | None = None,
    *,
    proxy: str | Proxies | None = None,
    verify_frames: bool = True,
    **options: Any,
) -> ConnectivityTest:
    """Start a test that looks names up with the lab's `getaddrinfo`; all else as `wsconn.start` would."""
    ssl_context = options.pop("ssl_context", None) or lab.ssl_context
    probe = Probe(route_in(lab, proxy, ssl_context), Request(), verify_frames)
    return ConnectivityTest(to_regions(regions or lab.regions), probe, **{"timeout": 5.0, **options})


def route_in(lab: Lab, proxy: str | Proxies | None, ssl_context: ssl.SSLContext) -> Route:
    """Return the route that `proxy` makes, a PAC file's with `pac+` before its URL, with the lab's names."""
    lookups, trust = Lookups(lab.getaddrinfo, ResolverSettings), Trust.of(ssl_context)
    proxies = proxy if isinstance(proxy, Proxies) else _named(proxy)
    direct = Route(Dialer(lookups, Proxies(direct=True)), trust)
    has_pac = proxies.pac or proxies.system_pacs
    return Route(Dialer(lookups, proxies, trust, Pac(lookups, direct.open) if has_pac else None), trust)


def _named(proxy: str | None) -> Proxies:
    if proxy is None:
        return Proxies()
    if names_pac(proxy):
        return Proxies(direct=True, pac=parse_pac(proxy, "the argument proxy"))
    return Proxies(fixed=parse_proxy(proxy, "the argument proxy"))


@attrs.frozen
class StandIn:
    """A probe that is no more than a call, with nothing in the background."""

    call: Callable[..., Any]

    def __call__(self, *arguments: object) -> Any:
        return self.call(*arguments)

    def join(self) -> None:
        """Return at once."""


def probe_with(route_lookups: Lookups) -> Probe:
    """Make the probe that `wsconn.start` would, with other lookups."""
    return Probe(Route(Dialer(route_lookups, Proxies()), Trust.of_the_system()), Request(), True)


def only(test: ConnectivityTest) -> RegionOutcome:
    """Wait for a test of one region and return what became of it."""
    (outcome,) = test.result(timeout=30).outcomes
    return outcome


@contextmanager
def echo_server(host: str, port: int = 0, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run a WebSocket server at `host`, with TLS where there is a context, and give its port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = serve(lambda connection: [None for _ in connection], host, port, family=family, ssl=context)
    thread = threading.Thread(target=server.serve_forever, name="echo")
    thread.start()
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()
        thread.join(10)
        if int(version("websockets").partition(".")[0]) < 17:  # which left the two ends of its wake-up open
            os.close(server.shutdown_watcher)
            os.close(server.shutdown_notifier)


@contextmanager
def full_queue(host: str, port: int) -> Iterator[None]:
    """Listen at `host` and leave every SYN unanswered: a backlog of 0 whose queue is full."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(0)
        fillers = [socket.socket(family) for _ in range(8)]
        try:
            for filler in fillers:
                filler.settimeout(0.02)
                with_timeout(filler.connect, (host, port))
            yield
        finally:
            for filler in fillers:
                filler.close()


def with_timeout(call: Callable[[Any], object], argument: object) -> None:
    """Call and forgive a timeout."""
    with suppress(TimeoutError):
        call(argument)
