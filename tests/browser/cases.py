"""What the suite opens: every fault of the lab, and the servers of its own, over ws and over wss."""

from __future__ import annotations

import contextlib
import pathlib
import ssl
from collections.abc import Iterator

import attrs

from tests.browser.answers import ANSWERS
from tests.browser.certificates import certificate_faults
from tests.engine import echo_server
from wsconn.lab import FAULTS, Fault, Lab, fault_named, faults
from wsconn.lab._fault import Reachability

# Chromium opens no connection to these ports of https://fetch.spec.whatwg.org/#port-blocking.
_BLOCKED_PORTS = (6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080)
# A browser asks no resolver of the lab's: what it gets in its place says nothing, where nothing is answered.
_NOT_FOR_BROWSERS = (Reachability.HANGING_NAME,)
# Those that factories make, and are not in FAULTS.
MADE = (
    *map(faults.http_status, (200, 204, 300, 301, 304, 307, 308, 400, 401, 404, 407, 426, 429, 500, 502)),
    attrs.evolve(faults.redirect(status=301), name="redirect-301"),
    faults.close(1000),
    faults.close(1012),
    faults.close(4000),
    faults.tls_alert(48),
    faults.tls_alert(80),
)
# Which addresses the names have in Chromium. All else that it might ask for is not there.
NAMES = (
    "MAP blocked-name*.lab.invalid 0.0.0.0, MAP *.lab.invalid 127.0.0.1, MAP *.lab.invalid. 127.0.0.1, "
    "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
)


@attrs.frozen
class Case:
    """A server, and how it is reached."""

    server: str
    summary: str
    url: str

    @property
    def scheme(self) -> str:
        return self.url.partition(":")[0]


@contextlib.contextmanager
def serving(folder: pathlib.Path) -> Iterator[tuple[Lab, dict[str, Case]]]:
    """Serve all of them; `folder` is for keys."""
    with Lab() as lab, _at_a_blocked_port() as url:
        cases = [*_of_faults(lab), *_of_certificates(lab, folder), *_of_names(lab)]
        cases.append(Case("blocked-port", "A healthy server is at a port that browsers do not connect to.", url))
        yield lab, {f"{case.server}, {case.scheme}": case for case in cases}


def _of_faults(lab: Lab) -> Iterator[Case]:
    for fault in (fault_named("healthy"), *FAULTS.values(), *MADE, *ANSWERS):
        if fault.reachability not in _NOT_FOR_BROWSERS:
            for tls in _transports(fault):
                yield _added(lab, fault, tls=tls)


def _transports(fault: Fault) -> tuple[bool, ...]:
    if fault.needs_tls:
        return (True,)
    return (False, True) if fault.reachability is Reachability.OPEN else (False,)


def _added(lab: Lab, fault: Fault, *, tls: bool) -> Case:
    name = f"{fault.name}, {'wss' if tls else 'ws'}"
    return Case(fault.name, fault.summary, lab.add(name, fault=fault, tls=tls))


def _of_certificates(lab: Lab, folder: pathlib.Path) -> Iterator[Case]:
    for fault in certificate_faults(lab, folder):
        yield _added(lab, fault, tls=True)
    for name, version in (("tls-1-2", ssl.TLSVersion.TLSv1_2), ("tls-1-3", ssl.TLSVersion.TLSv1_3)):
        yield Case(name, f"A healthy server knows {version.name} alone.", lab.add(name, tls=True, tls_version=version))


def _of_names(lab: Lab) -> Iterator[Case]:
    for server, host, summary in (
        ("name", "region.lab.invalid", "A healthy server has a name that a wildcard's certificate is for."),
        ("name-in-capitals", "REGION.lab.invalid", "The same, its name in capitals."),
        ("name-with-dot", "region.lab.invalid.", "The same, with a dot at the end of its name."),
        ("name-below", "a.region.lab.invalid", "A healthy server's name is one label longer than the wildcard's."),
    ):
        lab.name(host, ["127.0.0.1"])
        yield Case(server, summary, lab.add(server, tls=True).replace("127.0.0.1", host))
    url = lab.add("localhost").replace("127.0.0.1", "localhost")
    yield Case("localhost", "A healthy server is at localhost, over IPv4 alone.", url)


@contextlib.contextmanager
def _at_a_blocked_port() -> Iterator[str]:
    for port in _BLOCKED_PORTS:
        with contextlib.ExitStack() as servers:
            try:
                servers.enter_context(echo_server("127.0.0.1", port))
            except OSError:  # another program listens there
                continue
            yield f"ws://127.0.0.1:{port}/"
            return
    raise OSError("something listens at each of the ports that browsers block")
