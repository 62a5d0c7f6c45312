"""nginx and haproxy before a real WebSocket server: what they pass on, refuse, drop and cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs
import pytest

import wsconn
from tests.components.certificates import ORGANISATION, Certificates
from tests.components.configurations import write_configuration
from tests.components.conftest import Row
from tests.components.programs import free_port, running
from tests.components.websocket_servers import websocket_server

pytestmark = pytest.mark.components
SECONDS = 4.0
SILENT_SECONDS = 1.5  # for cases that wait to the end: the front ends cut an idle connection after 1 s


@attrs.frozen
class Case:
    """One thing that a front end does: where, what should be seen, and what the message must say."""

    name: str
    where: str
    expected: str
    facts: tuple[str, ...] = ()
    status: int | None = None
    seconds: float = SECONDS

    def __str__(self) -> str:
        return self.name


_BOTH = (
    Case("upgrade passed on", "ws plain/passed-on", "passed", status=101),
    Case("upgrade passed on, TLS ended here", "wss tls/passed-on", "passed", status=101),
    Case("403", "ws plain/forbidden", "upgrade/http_status", ("HTTP 403 Forbidden",), 403),
    Case("403 over TLS", "wss tls/forbidden", "upgrade/http_status", ("HTTP 403 Forbidden",), 403),
    Case("426", "ws plain/upgrade-required", "upgrade/http_status", ("HTTP 426",), 426),
    Case("429 with Retry-After", "ws plain/too-many", "upgrade/http_status", ("HTTP 429", "Retry-After: 30 s"), 429),
    Case(
        "503 with Retry-After", "ws plain/unavailable", "upgrade/http_status", ("HTTP 503", "Retry-After: 120 s"), 503
    ),
    Case("302 to a portal", "ws plain/portal", "upgrade/redirected", ("https://portal.example/login",), 302),
    Case("Upgrade header not passed on", "ws plain/without-upgrade", "upgrade/http_status", ("HTTP 426",), 426),
    Case("idle cut after the frames were swallowed", "ws plain/swallowed", "frames/closed", ("opened",), 101),
    Case("upstream silent", "ws plain/mute", "upgrade/http_status", ("HTTP 504",), 504),
    Case("wss to its plain port", "wss plain/passed-on", "tls/not_tls", ("does not speak TLS",)),
)
_NGINX = (
    Case("Sec-WebSocket-Accept taken out", "ws plain/without-accept", "upgrade/bad_upgrade", ("missing",), 101),
    Case("dead upstream", "ws plain/dead", "upgrade/http_status", ("HTTP 502 Bad Gateway", "Server: nginx"), 502),
    Case("connection closed unanswered (444)", "ws plain/cut", "upgrade/closed", ("before it had answered",)),
    Case("ws to its TLS port", "ws tls/passed-on", "upgrade/http_status", ("HTTP 400",), 400),
    Case("client certificate wanted", "wss client_certificate/", "upgrade/http_status", ("HTTP 400",), 400),
    Case("handshake rejected", "wss rejecting/", "tls/tls_failed", ("unrecognized name",)),
)
_HAPROXY = (
    Case("Sec-WebSocket-Accept taken out, which haproxy puts back", "ws plain/without-accept", "passed", status=101),
    Case("dead upstream", "ws plain/dead", "upgrade/http_status", ("HTTP 503 Service Unavailable",), 503),
    Case("dead upstream behind TCP", "ws before_the_dead/", "upgrade/closed", ("before it had answered",)),
    Case("dead upstream behind TCP, wss", "wss before_the_dead/", "tls/closed", ("during the TLS handshake",)),
    Case("request rejected", "ws plain/cut", "upgrade/closed", ("before it had answered",)),
    Case("request dropped silently", "ws plain/dropped", "upgrade/timeout", ("did not answer",), None, SILENT_SECONDS),
    Case("first bytes rejected", "ws rejects_first_byte/", "upgrade/closed", ("before it had answered",)),
    Case("first bytes rejected, wss", "wss rejects_first_byte/", "tls/closed", ("during the TLS handshake",)),
    Case("ClientHello dropped", "wss drops_hello/", "tls/timeout", ("TLS handshake",), None, SILENT_SECONDS),
    Case("ws to its TLS port", "ws tls/passed-on", "upgrade/closed", ("before it had answered",)),
    Case(
        "client certificate wanted, TLS 1.3",
        "wss client_certificate/",
        "tls/tls_client_certificate_required",
        ("wants a client certificate",),
    ),
    Case("client certificate wanted, TLS 1.2", "wss client_certificate_1_2/", "tls/tls_failed", ("handshake failure",)),
    Case("TLS 1.1 at most", "wss old_tls/", "tls/tls_version", ("no TLS version",)),
)
_PORTS = {
    "nginx": ("plain", "tls", "client_certificate", "rejecting"),
    "haproxy": (
        *("plain", "tls", "client_certificate", "client_certificate_1_2", "old_tls"),
        *("drops_hello", "rejects_first_byte", "before_the_dead"),
    ),
}


@attrs.frozen
class FrontEnd:
    """A front end that runs, and its ports by what they do."""

    name: str
    ports: Mapping[str, int]

    def url(self, where: str) -> str:
        """Return the URL of `where`: a scheme, a port's name and a path."""
        scheme, _, rest = where.partition(" ")
        port, slash, path = rest.partition("/")
        return f"{scheme}://127.0.0.1:{self.ports[port]}{slash}{path}"


@pytest.fixture(scope="module")
def upstreams(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Mapping[str, int]]:
    """Run the server behind the front ends; give its port, and one on which nothing listens."""
    folder = tmp_path_factory.mktemp("upstream")
    with websocket_server("websockets", folder=folder, certificates=certificates) as port:
        yield {"upstream": port, "dead": free_port()}


@pytest.fixture(scope="module")
def nginx(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates, upstreams: Mapping[str, int]
) -> Iterator[FrontEnd]:
    """Run nginx."""
    folder = tmp_path_factory.mktemp("nginx")
    ports = {name: free_port() for name in _PORTS["nginx"]}
    files = {"certificate": certificates.server, "key": certificates.key, "authority": certificates.authority}
    configuration = write_configuration("nginx.conf", folder, **ports, **upstreams, **files)
    command = ("/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", configuration)
    with running(command, folder=folder, ports=list(ports.values())):
        yield FrontEnd("nginx", ports)


@pytest.fixture(scope="module")
def haproxy(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates, upstreams: Mapping[str, int]
) -> Iterator[FrontEnd]:
    """Run haproxy."""
    folder = tmp_path_factory.mktemp("haproxy")
    ports = {name: free_port() for name in _PORTS["haproxy"]}
    files = {"server_and_key": certificates.server_and_key, "authority": certificates.authority}
    configuration = write_configuration("haproxy.cfg", folder, **ports, **upstreams, **files)
    with running(("/usr/sbin/haproxy", "-db", "-f", configuration), folder=folder, ports=list(ports.values())):
        yield FrontEnd("haproxy", ports)


def _check(url: str, certificates: Certificates, seconds: float) -> wsconn.RegionOutcome:
    result = wsconn.check({"eu": url}, timeout=seconds, proxy=None, ssl_context=certificates.trusting_context())
    return result.outcome("eu")


def _confirm(case: Case, front_end: FrontEnd, certificates: Certificates, row: Row) -> None:
    url = front_end.url(case.where)
    outcome = _check(url, certificates, case.seconds)
    row(front_end.name, case.name, case.expected, outcome)
    assert outcome.http_status == case.status
    if case.expected == "passed":
        assert outcome.round_trip is not None
        assert (outcome.tls is not None) == url.startswith("wss")
        return
    assert outcome.failure
    for fact in (*case.facts, f"127.0.0.1:{url.split(':')[2].partition('/')[0]}"):
        assert fact in outcome.failure.message


@pytest.mark.parametrize("case", [*_BOTH, *_NGINX], ids=str)
def test_nginx(case: Case, nginx: FrontEnd, certificates: Certificates, row: Row) -> None:
    """What nginx does to a WebSocket is seen, with its status, its headers and its address."""
    _confirm(case, nginx, certificates, row)


@pytest.mark.parametrize("case", [*_BOTH, *_HAPROXY], ids=str)
def test_haproxy(case: Case, haproxy: FrontEnd, certificates: Certificates, row: Row) -> None:
    """What haproxy does to a WebSocket is seen, with its status, its headers and its address."""
    _confirm(case, haproxy, certificates, row)


@pytest.fixture(params=["nginx", "haproxy"])
def front_end(request: pytest.FixtureRequest) -> FrontEnd:
    """Take both front ends in turn."""
    running_one: FrontEnd = request.getfixturevalue(request.param)
    return running_one


def test_rate_limit(front_end: FrontEnd, certificates: Certificates, row: Row) -> None:
    """The second check within a minute meets the limit; the advice is to wait."""
    url = front_end.url("ws plain/limited")
    row(front_end.name, "rate limit, first check", "passed", _check(url, certificates, SECONDS))
    outcome = _check(url, certificates, SECONDS)
    row(front_end.name, "rate limit, second check", "upgrade/http_status", outcome)
    assert outcome.http_status == 429
    assert outcome.failure
    assert "HTTP 429 Too Many Requests" in outcome.failure.message
    assert "Wait" in outcome.failure.advice


def test_tls_is_the_front_ends(front_end: FrontEnd, certificates: Certificates) -> None:
    """What was agreed in TLS was agreed with the front end, by its certificate."""
    outcome = _check(front_end.url("wss tls/passed-on"), certificates, SECONDS)
    assert outcome.tls
    assert outcome.tls.version == "TLSv1.3"
    assert ORGANISATION in (outcome.tls.issuer or "")


def test_idle_cut_does_not_show_in_a_check(front_end: FrontEnd, certificates: Certificates, row: Row) -> None:
    """A front end that cuts after a second of silence passes: a check is over long before."""
    outcome = _check(front_end.url("ws plain/passed-on"), certificates, SECONDS)
    row(front_end.name, "idle cut after 1 s before a healthy server", "passed", outcome)
    assert outcome.duration < 1
