"""Proxies by others between wsconn and a real WebSocket server: HTTP's CONNECT, and SOCKS 4, 4a, 5."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

import attrs
import pytest

import wsconn
from tests.components.certificates import ORGANISATION, Certificates
from tests.components.configurations import write_configuration
from tests.components.conftest import Row
from tests.components.programs import HOME, free_port, running
from tests.components.websocket_servers import websocket_server

pytestmark = pytest.mark.components
SECONDS = 5.0
USER, PASSWORD = "ann", "sesame"
RIGHT, WRONG = f"{USER}:{PASSWORD}@", f"{USER}:guess@"
Ports = Mapping[str, int]


@attrs.frozen
class Case:
    """One way through a proxy: its URL's beginning and port, the target, what should be seen and said."""

    name: str
    proxy: str
    target: str
    expected: str
    facts: tuple[str, ...] = ()
    status: int | None = None
    seconds: float = SECONDS

    def __str__(self) -> str:
        return self.name

    def proxy_url(self, ports: Ports) -> str:
        """Return the proxy's URL; its port is given by name."""
        start, _, port = self.proxy.rpartition(":")
        return f"{start}:{ports[port]}"

    def target_url(self, ports: Ports) -> str:
        """Return the server's URL; its port is given by name."""
        start, _, rest = self.target.rpartition(":")
        port, _, path = rest.partition("/")
        return f"{start}:{ports.get(port, port)}/{path}"


def _http_cases(*, dead: int, unknown: int, wrong: int) -> tuple[Case, ...]:
    """List what every HTTP proxy is tried with; they differ in the statuses that they answer with."""
    unreachable = "proxy/proxy_target_unreachable"
    login = "proxy/proxy_auth_required"
    here = "http://127.0.0.1"
    return (
        Case("allowed, ws", f"{here}:open", "ws://127.0.0.1:ws", "passed", (), 101),
        Case("allowed, wss", f"{here}:open", "wss://127.0.0.1:wss", "passed", (), 101),
        Case("target by name", f"{here}:open", "ws://localhost:ws", "passed", (), 101),
        Case("login right", f"http://{RIGHT}127.0.0.1:login", "wss://127.0.0.1:wss", "passed", (), 101),
        Case("login wrong", f"http://{WRONG}127.0.0.1:login", "wss://127.0.0.1:wss", login, (f"HTTP {wrong}",), wrong),
        Case("login missing", f"{here}:login", "wss://127.0.0.1:wss", login, ("HTTP 407", "Basic"), 407),
        Case("target dead", f"{here}:open", "wss://127.0.0.1:dead", unreachable, (f"HTTP {dead}",), dead),
        Case("name unknown", f"{here}:open", "wss://nowhere.invalid:443", unreachable, (f"HTTP {unknown}",), unknown),
    )


_DENIED = Case(
    "port denied", "http://127.0.0.1:open", "ws://127.0.0.1:forbidden", "proxy/proxy_denied", ("HTTP 403",), 403
)
_BEHIND = (
    Case(
        "server behind it answers 403",
        "http://127.0.0.1:open",
        "ws://127.0.0.1:ws/refused",
        "upgrade/http_status",
        ("HTTP 403",),
        403,
    ),
    Case(
        "server behind it mute",
        "http://127.0.0.1:open",
        "ws://127.0.0.1:ws/mute",
        "upgrade/timeout",
        ("did not answer the WebSocket request",),
        seconds=1.5,
    ),
    Case(
        "server behind it without TLS",
        "http://127.0.0.1:open",
        "wss://127.0.0.1:node",
        "tls/not_tls",
        ("does not speak TLS",),
    ),
)
_SQUID = (
    *_http_cases(dead=503, unknown=500, wrong=407),  # for a name it says ERR_CANNOT_FORWARD
    _DENIED,
    *_BEHIND,
    Case("spoken to as SOCKS 5", "socks5://127.0.0.1:open", "ws://127.0.0.1:ws", "proxy/timeout", seconds=1.5),
)
_TINYPROXY = (
    *_http_cases(dead=500, unknown=500, wrong=401),
    _DENIED,
    Case("spoken to as SOCKS 5", "socks5://127.0.0.1:open", "ws://127.0.0.1:ws", "proxy/timeout", seconds=1.5),
)
_PROXY_PY = _http_cases(dead=502, unknown=502, wrong=407)


def _socks_cases(scheme: str) -> tuple[Case, ...]:
    """List what every SOCKS server is tried with; with an h or an a the proxy looks names up, else this machine."""
    unreachable = "proxy/proxy_target_unreachable"
    remote = scheme in ("socks4a", "socks5h")
    unknown = unreachable if remote else "resolve/dns_not_found"
    here = f"{scheme}://127.0.0.1:open"
    return (
        Case(f"{scheme}: allowed, ws", here, "ws://127.0.0.1:ws", "passed", (), 101),
        Case(f"{scheme}: allowed, wss", here, "wss://127.0.0.1:wss", "passed", (), 101),
        Case(f"{scheme}: target by name", here, "ws://localhost:ws", "passed", (), 101),
        Case(f"{scheme}: target dead", here, "wss://127.0.0.1:dead", unreachable),
        Case(f"{scheme}: name unknown", here, "wss://nowhere.invalid:443", unknown),
    )


_MICROSOCKS = (
    *_socks_cases("socks5"),
    *_socks_cases("socks5h"),
    Case("login right", f"socks5h://{RIGHT}127.0.0.1:login", "wss://127.0.0.1:wss", "passed", (), 101),
    Case("login wrong", f"socks5h://{WRONG}127.0.0.1:login", "wss://127.0.0.1:wss", "proxy/proxy_auth_required"),
    Case("login missing", "socks5h://127.0.0.1:login", "wss://127.0.0.1:wss", "proxy/proxy_auth_required"),
    Case(
        "spoken to as SOCKS 4",
        "socks4://127.0.0.1:open",
        "ws://127.0.0.1:ws",
        "proxy/proxy_bad_answer",
        ("but with SOCKS 5",),
    ),
    Case("spoken to as HTTP", "http://127.0.0.1:open", "ws://127.0.0.1:ws", "proxy/closed", ("it speaks SOCKS 5",)),
)
_DANTE = (
    *_socks_cases("socks4"),
    *_socks_cases("socks5"),
    *_socks_cases("socks5h"),
    Case("socks5: port denied", "socks5://127.0.0.1:open", "ws://127.0.0.1:forbidden", "proxy/proxy_denied"),
    # It takes a name in SOCKS 4a for the address 0.0.0.1 (curl meets the same), and SOCKS 4 has one code for every no.
    Case(
        "socks4a, which it does not speak",
        "socks4a://127.0.0.1:open",
        "ws://localhost:ws",
        "proxy/proxy_target_unreachable",
    ),
    Case(
        "socks4: port denied", "socks4://127.0.0.1:open", "ws://127.0.0.1:forbidden", "proxy/proxy_target_unreachable"
    ),
)
_TWISTED = (*_socks_cases("socks4"), *_socks_cases("socks4a"))
_NOT_A_PROXY = (
    Case("nothing listens there", "http://127.0.0.1:dead", "ws://127.0.0.1:ws", "proxy/refused", ("refused",)),
    Case("its name is unknown", "http://nowhere.invalid:dead", "ws://127.0.0.1:ws", "proxy/dns_not_found"),
    Case(
        "a WebSocket server, as HTTP",
        "http://127.0.0.1:ws",
        "ws://127.0.0.1:ws",
        "proxy/proxy_bad_answer",
        ("HTTP 405",),
        405,
    ),
    Case("a web server, as SOCKS", "socks5://127.0.0.1:node", "ws://127.0.0.1:ws", "proxy/proxy_bad_answer"),
    Case("a TLS server, as HTTP", "http://127.0.0.1:wss", "ws://127.0.0.1:ws", "proxy/closed"),
)


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Ports]:
    """Run the servers behind the proxies, one of which proxies are told to forbid; nothing listens on `dead`."""
    kinds = (
        ("ws", "websockets", ""),
        ("wss", "websockets", "1.3"),
        ("forbidden", "websockets", ""),
        ("node", "ws (Node)", ""),
    )
    with contextlib.ExitStack() as servers:
        ports = {"dead": free_port()}
        for name, kind, tls in kinds:
            folder = tmp_path_factory.mktemp(name)
            server = websocket_server(kind, folder=folder, certificates=certificates, tls=tls)
            ports[name] = servers.enter_context(server)
        yield ports


@pytest.fixture(scope="module")
def squid(tmp_path_factory: pytest.TempPathFactory, targets: Ports) -> Iterator[Ports]:
    """Run one squid with two doors."""
    folder = tmp_path_factory.mktemp("squid")
    ports = {"open": free_port(), "login": free_port()}
    configuration = write_configuration("squid.conf", folder, **targets, **ports, user=USER, password=PASSWORD)
    service = f"wsconn{ports['open']}"  # names its shared memory, of which there is one set a machine otherwise
    command = ("/usr/sbin/squid", "-N", "-n", service, "-d", "1", "-f", configuration)
    with running(command, folder=folder, ports=list(ports.values())):
        yield {**targets, **ports}


@pytest.fixture(scope="module")
def tinyproxy(tmp_path_factory: pytest.TempPathFactory, targets: Ports) -> Iterator[Ports]:
    """Run tinyproxy twice: it wants a login from all or from nobody."""
    ports = {"open": free_port(), "login": free_port()}
    logins = {"open": "", "login": f"BasicAuth {USER} {PASSWORD}"}
    with contextlib.ExitStack() as proxies:
        for name, port in ports.items():
            folder = tmp_path_factory.mktemp("tinyproxy")
            configuration = write_configuration("tinyproxy.conf", folder, **targets, port=port, login=logins[name])
            command = ("/usr/bin/tinyproxy", "-d", "-c", configuration)
            proxies.enter_context(running(command, folder=folder, ports=[port]))
        yield {**targets, **ports}


@pytest.fixture(scope="module")
def proxy_py(tmp_path_factory: pytest.TempPathFactory, targets: Ports) -> Iterator[Ports]:
    """Run proxy.py twice, as tinyproxy."""
    ports = {"open": free_port(), "login": free_port()}
    logins = {"open": (), "login": ("--basic-auth", f"{USER}:{PASSWORD}")}
    with contextlib.ExitStack() as proxies:
        for name, port in ports.items():
            folder = tmp_path_factory.mktemp("proxy-py")
            command = (
                *(HOME / "servers" / "bin" / "proxy", "--hostname", "127.0.0.1", "--port", str(port)),
                *("--num-acceptors", "1", "--num-workers", "1", "--data-dir", folder, *logins[name]),
            )
            proxies.enter_context(running(command, folder=folder, ports=[port]))
        yield {**targets, **ports}


@pytest.fixture(scope="module")
def microsocks(tmp_path_factory: pytest.TempPathFactory, targets: Ports) -> Iterator[Ports]:
    """Run microsocks twice, as tinyproxy."""
    ports = {"open": free_port(), "login": free_port()}
    logins = {"open": (), "login": ("-u", USER, "-P", PASSWORD)}
    with contextlib.ExitStack() as proxies:
        for name, port in ports.items():
            command = ("/usr/bin/microsocks", "-i", "127.0.0.1", "-p", str(port), *logins[name])
            folder = tmp_path_factory.mktemp("microsocks")
            proxies.enter_context(running(command, folder=folder, ports=[port]))
        yield {**targets, **ports}


@pytest.fixture(scope="module")
def dante(tmp_path_factory: pytest.TempPathFactory, targets: Ports) -> Iterator[Ports]:
    """Run dante; it would keep its locks in /tmp."""
    folder = tmp_path_factory.mktemp("dante")
    port = free_port()
    configuration = write_configuration("danted.conf", folder, **targets, port=port)
    command = ("/usr/sbin/danted", "-f", configuration, "-p", folder / "pid")
    with running(command, folder=folder, ports=[port], environment={"TMPDIR": str(folder)}):
        yield {**targets, "open": port}


@pytest.fixture(scope="module")
def twisted(tmp_path_factory: pytest.TempPathFactory, targets: Ports) -> Iterator[Ports]:
    """Run Twisted's server of SOCKS 4 and 4a."""
    folder = tmp_path_factory.mktemp("twisted")
    port = free_port()
    program = HOME / "servers" / "bin" / "twistd"
    command = (program, "--nodaemon", "--pidfile=", "socks", "--interface", "127.0.0.1", "--port", str(port))
    with running(command, folder=folder, ports=[port]):
        yield {**targets, "open": port}


def _check(
    url: str, certificates: Certificates, proxy: str | bool | None = True, seconds: float = SECONDS
) -> wsconn.RegionOutcome:
    result = wsconn.check({"eu": url}, timeout=seconds, proxy=proxy, ssl_context=certificates.trusting_context())
    return result.outcome("eu")


def _confirm(component: str, case: Case, ports: Ports, certificates: Certificates, row: Row) -> None:
    proxy, target = case.proxy_url(ports), case.target_url(ports)
    outcome = _check(target, certificates, proxy, case.seconds)
    row(component, case.name, case.expected, outcome)
    assert outcome.http_status == case.status
    assert PASSWORD not in repr(outcome)
    assert "guess" not in repr(outcome)
    door = proxy.rpartition("/")[2].rpartition("@")[2]
    assert door in (outcome.proxy or "")
    assert "argument proxy" in (outcome.proxy or "")
    if case.expected == "passed":
        _confirm_passed(outcome)
        return
    assert outcome.failure
    for fact in (*case.facts, *_expected_facts(case, door, target)):
        assert fact in outcome.failure.message


def _expected_facts(case: Case, door: str, target: str) -> Iterator[str]:
    """Say whom the message must name: the proxy, the server that it was to reach, or a name nobody knows."""
    yield "nowhere.invalid" if case.expected.endswith("dns_not_found") else door
    if case.expected.endswith(("unreachable", "denied")):
        yield target.rpartition("//")[2].strip("/")


def _confirm_passed(outcome: wsconn.RegionOutcome) -> None:
    """The target answered, and what TLS there was is the target's own."""
    assert outcome.round_trip is not None
    assert outcome.timings.proxy is not None
    assert outcome.timings.connect is None
    if (outcome.url or "").startswith("wss"):
        assert outcome.tls
        assert ORGANISATION in (outcome.tls.issuer or "")


@pytest.mark.parametrize("case", _SQUID, ids=str)
def test_squid(case: Case, squid: Ports, certificates: Certificates, row: Row) -> None:
    """What squid allows, refuses and cannot reach is seen, with its address and status."""
    _confirm("squid", case, squid, certificates, row)


@pytest.mark.parametrize("case", _TINYPROXY, ids=str)
def test_tinyproxy(case: Case, tinyproxy: Ports, certificates: Certificates, row: Row) -> None:
    """What tinyproxy allows, refuses and cannot reach is seen, with its address and status."""
    _confirm("tinyproxy", case, tinyproxy, certificates, row)


@pytest.mark.parametrize("case", _PROXY_PY, ids=str)
def test_proxy_py(case: Case, proxy_py: Ports, certificates: Certificates, row: Row) -> None:
    """What proxy.py allows, refuses and cannot reach is seen, with its address and status."""
    _confirm("proxy.py", case, proxy_py, certificates, row)


@pytest.mark.parametrize("case", _MICROSOCKS, ids=str)
def test_microsocks(case: Case, microsocks: Ports, certificates: Certificates, row: Row) -> None:
    """What microsocks allows, refuses and cannot reach is seen, with its address."""
    _confirm("microsocks", case, microsocks, certificates, row)


@pytest.mark.parametrize("case", _DANTE, ids=str)
def test_dante(case: Case, dante: Ports, certificates: Certificates, row: Row) -> None:
    """What dante allows, refuses and cannot reach is seen, with its address, in each version of SOCKS."""
    _confirm("dante", case, dante, certificates, row)


@pytest.mark.parametrize("case", _TWISTED, ids=str)
def test_twisted(case: Case, twisted: Ports, certificates: Certificates, row: Row) -> None:
    """What Twisted allows and cannot reach is seen, with its address, where it knows no names and where it does."""
    _confirm("Twisted", case, twisted, certificates, row)


@pytest.mark.parametrize("case", _NOT_A_PROXY, ids=str)
def test_not_a_proxy(case: Case, targets: Ports, certificates: Certificates, row: Row) -> None:
    """Where the proxy's address leads to something else, the proxy is to blame and not the server."""
    _confirm("no proxy", case, targets, certificates, row)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Take out of the environment what it says of proxies."""
    for name in ("ws_proxy", "wss_proxy", "http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("variable", "target"),
    [("https_proxy", "wss"), ("HTTPS_PROXY", "wss"), ("http_proxy", "ws"), ("ALL_PROXY", "ws")],
    ids=str,
)
def test_squid_from_the_environment(
    variable: str, target: str, squid: Ports, certificates: Certificates, environment: pytest.MonkeyPatch, row: Row
) -> None:
    """The environment's proxy is used, login included, and the outcome says which variable named it."""
    environment.setenv(variable, f"http://{RIGHT}127.0.0.1:{squid['login']}")
    outcome = _check(f"{target}://127.0.0.1:{squid[target]}/", certificates)
    row("squid", f"from {variable}, {target}", "passed", outcome)
    assert f"127.0.0.1:{squid['login']}" in (outcome.proxy or "")
    assert variable in (outcome.proxy or "")
    assert PASSWORD not in repr(outcome)


def test_refusal_of_the_environments_proxy(
    squid: Ports, certificates: Certificates, environment: pytest.MonkeyPatch, row: Row
) -> None:
    """A refusal by the environment's proxy names the variable to mend."""
    environment.setenv("https_proxy", f"127.0.0.1:{squid['login']}")
    outcome = _check(f"wss://127.0.0.1:{squid['wss']}/", certificates)
    row("squid", "login missing, from https_proxy without a scheme", "proxy/proxy_auth_required", outcome)
    assert outcome.failure
    assert "https_proxy" in outcome.failure.message
    assert "Basic" in outcome.failure.message


def test_socks_from_the_environment(
    microsocks: Ports, certificates: Certificates, environment: pytest.MonkeyPatch, row: Row
) -> None:
    """GNOME's socks:// is SOCKS 5 with names looked up by the proxy."""
    environment.setenv("all_proxy", f"socks://{RIGHT}127.0.0.1:{microsocks['login']}")
    outcome = _check(f"wss://localhost:{microsocks['wss']}/", certificates)
    row("microsocks", "from all_proxy, socks://", "passed", outcome)
    assert f"socks5h://127.0.0.1:{microsocks['login']}" in (outcome.proxy or "")
    assert "all_proxy" in (outcome.proxy or "")


def test_no_proxy_goes_past_squid(
    squid: Ports, certificates: Certificates, environment: pytest.MonkeyPatch, row: Row
) -> None:
    """A server that no_proxy names is reached directly, where squid would have wanted a login."""
    environment.setenv("https_proxy", f"http://127.0.0.1:{squid['login']}")
    environment.setenv("no_proxy", "127.0.0.0/8")
    outcome = _check(f"wss://127.0.0.1:{squid['wss']}/", certificates)
    row("squid", "past it, by no_proxy with a network", "passed", outcome)
    assert outcome.proxy is None
    assert outcome.timings.connect is not None


def test_connect_to_through_squid_and_microsocks(
    squid: Ports, microsocks: Ports, certificates: Certificates, row: Row
) -> None:
    """Both are asked for the place that a region names, and the server at it for the name in the URL."""
    doors = {
        "squid": f"http://{RIGHT}127.0.0.1:{squid['login']}",
        "microsocks": f"socks5://127.0.0.1:{microsocks['open']}",
    }
    for component, door in doors.items():
        place = f"127.0.0.1:{(squid if component == 'squid' else microsocks)['wss']}"
        region = wsconn.Region("eu", "wss://localhost/", connect_to=place)
        context = certificates.trusting_context()
        (outcome,) = wsconn.check([region], timeout=SECONDS, proxy=door, ssl_context=context).outcomes
        row(component, "connect_to in place of the URL's address", "passed", outcome)
        assert f"{place} (in place of localhost:443) (through the proxy" in outcome.attempts[-1].message
