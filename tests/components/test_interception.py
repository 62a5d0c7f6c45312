"""mitmproxy as a company's intercepting proxy: in the way of every connection, or as the proxy to be asked."""

from __future__ import annotations

import pathlib
import ssl
from collections.abc import Iterator, Mapping

import attrs
import pytest

import wsconn
from tests.components.certificates import Certificates, write_certificates
from tests.components.conftest import Row
from tests.components.programs import HOME, free_port, running
from tests.components.websocket_servers import websocket_server

pytestmark = pytest.mark.components
SECONDS = 5.0
USER, PASSWORD = "ann", "sesame"
AUTHORITY = "CN=mitmproxy"


@attrs.frozen(kw_only=True)
class Interception:
    """A mitmproxy that runs: its doors by name, the servers behind it, and the certificate of its authority."""

    ports: Mapping[str, int]
    authority: pathlib.Path

    def trusting_context(self) -> ssl.SSLContext:
        """Return the context of a machine on which the company's root is installed."""
        return ssl.create_default_context(cafile=self.authority)

    def proxy(self, door: str, login: str = "") -> str:
        """Return the URL of a door that is to be asked."""
        return f"{'socks5h' if door == 'socks' else 'http'}://{login}127.0.0.1:{self.ports[door]}"

    def url(self, target: str) -> str:
        """Return the URL of `target`: a scheme, a port's name and a path."""
        scheme, _, rest = target.partition(" ")
        port, slash, path = rest.partition("/")
        return f"{scheme}://127.0.0.1:{self.ports[port]}{slash}{path}"


@pytest.fixture(scope="module")
def interception(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Interception]:
    """Run mitmproxy with all its doors; it trusts the authority of one of the two servers behind it."""
    names = ("mitmproxy", "mitmproxy-login", "ws", "wss", "strange")
    folder, aside, ws, wss, strange = (tmp_path_factory.mktemp(name) for name in names)
    strangers = write_certificates(strange)
    doors = {name: free_port() for name in ("asked", "socks", "in_the_way", "before_strangers")}
    ports = {**doors, "login": free_port(), "dead": free_port()}
    with (
        websocket_server("websockets", folder=ws, certificates=certificates) as ports["ws"],
        websocket_server("websockets", folder=wss, certificates=certificates, tls="1.3") as ports["wss"],
        websocket_server("websockets", folder=strange, certificates=strangers, tls="1.3") as ports["strangers"],
        running(_mitmproxy(folder, ports, certificates), folder=folder, ports=list(doors.values())),
        running(_with_login(folder, ports, certificates), folder=aside, ports=[ports["login"]]),
    ):
        yield Interception(ports=ports, authority=folder / "mitmproxy-ca-cert.pem")


def _mitmproxy(folder: pathlib.Path, ports: Mapping[str, int], certificates: Certificates) -> list[str]:
    modes = (
        f"regular@127.0.0.1:{ports['asked']}",
        f"socks5@127.0.0.1:{ports['socks']}",
        f"reverse:https://127.0.0.1:{ports['wss']}@127.0.0.1:{ports['in_the_way']}",
        f"reverse:https://127.0.0.1:{ports['strangers']}@127.0.0.1:{ports['before_strangers']}",
    )
    options = [part for mode in modes for part in ("--mode", mode)]
    return [*_command(folder, certificates), *options, "--set", "block_list=:~u /blocked:403"]


def _with_login(folder: pathlib.Path, ports: Mapping[str, int], certificates: Certificates) -> list[str]:
    mode = f"regular@127.0.0.1:{ports['login']}"
    return [*_command(folder, certificates), "--mode", mode, "--proxyauth", f"{USER}:{PASSWORD}"]


def _command(folder: pathlib.Path, certificates: Certificates) -> list[str]:
    program = HOME / "mitmproxy" / "bin" / "mitmdump"
    trusted = f"ssl_verify_upstream_trusted_ca={certificates.authority}"
    return [str(program), "--set", f"confdir={folder}", "--set", trusted]


def _check(url: str, context: ssl.SSLContext, proxy: str | None = None) -> wsconn.RegionOutcome:
    return wsconn.check({"eu": url}, timeout=SECONDS, proxy=proxy, ssl_context=context).outcome("eu")


WAYS = pytest.mark.parametrize(
    ("way", "door", "target"),
    [
        ("in the way", None, "wss in_the_way/"),
        ("asked by CONNECT", "asked", "wss wss/"),
        ("asked by SOCKS 5", "socks", "wss wss/"),
    ],
    ids=["in-the-way", "connect", "socks"],
)


@WAYS
def test_untrusted(
    way: str, door: str | None, target: str, interception: Interception, certificates: Certificates, row: Row
) -> None:
    """Where the company's root is not installed, message and outcome name the authority, and the advice its maker."""
    proxy = interception.proxy(door) if door else None
    outcome = _check(interception.url(target), certificates.trusting_context(), proxy)
    row("mitmproxy", f"untrusted, {way}", "tls/tls_untrusted", outcome)
    assert outcome.failure
    assert AUTHORITY in outcome.failure.message
    assert "mitmproxy opens and re-signs TLS" in outcome.failure.advice
    assert "administrator" not in outcome.failure.advice  # it is a program of whoever uses it
    assert outcome.tls
    assert AUTHORITY in (outcome.tls.issuer or "")


@WAYS
def test_trusted(way: str, door: str | None, target: str, interception: Interception, row: Row) -> None:
    """Where it is installed the check passes, and the outcome still says who signed."""
    proxy = interception.proxy(door) if door else None
    outcome = _check(interception.url(target), interception.trusting_context(), proxy)
    row("mitmproxy", f"trusted, {way}", "passed", outcome)
    assert outcome.tls
    assert AUTHORITY in (outcome.tls.issuer or "")
    assert outcome.round_trip is not None
    assert (outcome.proxy or "").startswith(proxy or "")


@pytest.mark.parametrize("door", ["asked", "socks"])
def test_plain_websocket(door: str, interception: Interception, certificates: Certificates, row: Row) -> None:
    """Without TLS an intercepting proxy leaves no trace."""
    outcome = _check(interception.url("ws ws/"), certificates.trusting_context(), interception.proxy(door))
    row("mitmproxy", f"ws, {'CONNECT' if door == 'asked' else 'SOCKS 5'}", "passed", outcome)
    assert outcome.tls is None


def test_block_page(interception: Interception, row: Row) -> None:
    """What an intercepting proxy refuses within TLS looks like the server's refusal; the issuer tells whose it is."""
    url, proxy = interception.url("wss wss/blocked"), interception.proxy("asked")
    outcome = _check(url, interception.trusting_context(), proxy)
    row("mitmproxy", "blocked by URL, within TLS", "upgrade/http_status", outcome)
    assert outcome.http_status == 403
    assert outcome.failure
    assert "HTTP 403" in outcome.failure.message
    assert "mitmproxy" in outcome.failure.message
    assert outcome.tls
    assert AUTHORITY in (outcome.tls.issuer or "")


def test_server_that_the_proxy_does_not_trust(interception: Interception, row: Row) -> None:
    """A proxy that checks the server's certificate answers in the server's place when it does not like it."""
    outcome = _check(interception.url("wss before_strangers/"), interception.trusting_context())
    row("mitmproxy", "it does not trust the server", "upgrade/http_status", outcome)
    assert outcome.http_status == 502
    assert outcome.failure
    assert "HTTP 502" in outcome.failure.message


@pytest.mark.parametrize(
    ("case", "login", "expected"),
    [
        ("login right", f"{USER}:{PASSWORD}@", "passed"),
        ("login wrong", f"{USER}:guess@", "proxy/proxy_auth_required"),
        ("login missing", "", "proxy/proxy_auth_required"),
    ],
    ids=["right", "wrong", "missing"],
)
def test_login(case: str, login: str, expected: str, interception: Interception, row: Row) -> None:
    """The login is for the proxy's own door, before any TLS."""
    url, proxy = interception.url("wss wss/"), interception.proxy("login", login)
    outcome = _check(url, interception.trusting_context(), proxy)
    row("mitmproxy", case, expected, outcome)
    assert PASSWORD not in repr(outcome)
    if outcome.failure:
        assert outcome.http_status == 407
        assert "Basic" in outcome.failure.message
        assert f"127.0.0.1:{interception.ports['login']}" in outcome.failure.message


@pytest.mark.parametrize("door", ["asked", "socks"])
@pytest.mark.parametrize("target", ["dead", "unknown"])
def test_target_out_of_reach(door: str, target: str, interception: Interception, row: Row) -> None:
    """Asked for a server that it cannot reach, the proxy says so."""
    url = interception.url("wss dead/") if target == "dead" else "wss://nowhere.invalid:443/"
    outcome = _check(url, interception.trusting_context(), interception.proxy(door))
    case = f"{'target dead' if target == 'dead' else 'name unknown'}, {'CONNECT' if door == 'asked' else 'SOCKS 5'}"
    row("mitmproxy", case, "proxy/proxy_target_unreachable", outcome)
    assert outcome.failure
    assert url.rpartition("//")[2].strip("/") in outcome.failure.message
    assert f"127.0.0.1:{interception.ports[door]}" in outcome.failure.message
