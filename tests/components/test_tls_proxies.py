"""Proxies by others that TLS is spoken to, by themselves and by what stands before them."""

from __future__ import annotations

import contextlib
import pathlib
import ssl
from collections.abc import Iterator, Mapping

import attrs
import pytest

import wsconn
from tests.browser.chromium import open_behind_proxies
from tests.components.cases import Case, each
from tests.components.certificates import ORGANISATION, Certificates
from tests.components.configurations import fill
from tests.components.configured import Program, configured
from tests.components.conftest import Row
from tests.components.programs import free_port
from tests.components.websocket_servers import websocket_server

pytestmark = pytest.mark.components

USER, PASSWORD = "ann", "sesame"
_PORTS = ("squid", "login", "plain", "haproxy", "alpn", "tls_1_2", "known", "elsewhere", "stunnel", "stunnel_known")
_PROGRAMS = (
    Program(
        command="/usr/sbin/squid -N -n wsconn@squid@ -d 1 -f @folder@/squid-tls.conf",
        configurations=("squid-tls.conf",),
        ports=("squid", "login", "plain"),
    ),
    Program(
        command="/usr/sbin/haproxy -f @folder@/haproxy-tls.cfg",
        configurations=("haproxy-tls.cfg",),
        ports=("haproxy", "alpn", "tls_1_2", "known"),
    ),
    Program(
        command="stunnel4 @folder@/stunnel.conf", configurations=("stunnel.conf",), ports=("stunnel", "stunnel_known")
    ),
)


@attrs.frozen(kw_only=True)
class Through(Case):
    """A case behind a proxy; `trusts` says which context is for that: one that trusts the suite's authority, or none.

    `"system"` has no context; `"h2"` offers that by ALPN, too.
    """

    proxy: str
    target: str = "wss://127.0.0.1:@wss@"
    trusts: str = "authority"


def _passes(port: str, **more: str) -> tuple[Through, ...]:
    proxy = f"https://127.0.0.1:@{port}@"
    return (
        Through(name="allowed, ws", proxy=proxy, target="ws://127.0.0.1:@ws@"),
        Through(name="allowed, wss", proxy=proxy),
        Through(
            name="its certificate not trusted",
            proxy=proxy,
            trusts="system",
            expected="proxy/tls_untrusted",
            fact=ORGANISATION,
            first="the proxy's administrator for the root certificate",
        ),
    )


def _wants_certificate(port: str) -> Through:
    return Through(
        name="a client certificate wanted",
        proxy=f"https://127.0.0.1:@{port}@",
        expected="proxy/tls_client_certificate_required",
        first="the proxy's administrator for a client certificate",
    )


_CASES = {
    "squid over TLS": (
        *_passes("squid"),
        Through(name="login right", proxy=f"https://{USER}:{PASSWORD}@127.0.0.1:@login@"),
        Through(
            name="login wrong",
            proxy=f"https://{USER}:guess@127.0.0.1:@login@",
            expected="proxy/proxy_auth_required",
            fact="refuses the login",
            first="check both",
        ),
        Through(
            name="host denied",
            proxy="https://127.0.0.1:@squid@",
            target="wss://blocked.example",
            expected="proxy/proxy_denied",
            fact="HTTP 403",
            first="to allow CONNECT",
        ),
        Through(
            name="target dead",
            proxy="https://127.0.0.1:@squid@",
            target="wss://127.0.0.1:@dead@",
            expected="proxy/proxy_target_unreachable",
            fact="HTTP 503",
            first="administrator to try",
        ),
        Through(
            name="its port without TLS, as https://",
            proxy="https://127.0.0.1:@plain@",
            expected="proxy/not_tls",
            fact="does not speak TLS",
            first="write http:// in place of https:// in the argument proxy",
        ),
        Through(
            name="its port of TLS, as http://",
            proxy="http://127.0.0.1:@squid@",
            expected="proxy/proxy_bad_answer",
            fact="with TLS",
            first="write https:// in place of http:// in the argument proxy",
        ),
    ),
    "haproxy before squid": (
        *_passes("haproxy"),
        Through(name="TLS 1.2", proxy="https://127.0.0.1:@tls_1_2@"),
        Through(name="h2 and http/1.1 to choose from", proxy="https://127.0.0.1:@alpn@"),
        Through(
            name="h2 offered by the user's context",
            proxy="https://127.0.0.1:@alpn@",
            trusts="h2",
            expected="proxy/tls_failed",
            fact="chose h2 by ALPN",
            first="Leave h2 out",
        ),
        Through(
            name="its certificate for another address",
            proxy="https://127.0.0.2:@elsewhere@",
            expected="proxy/tls_hostname_mismatch",
            fact="is not for 127.0.0.2",
            first="Check the host in the argument proxy",
        ),
        _wants_certificate("known"),
        Through(
            name="its port of TLS, as http://",
            proxy="http://127.0.0.1:@haproxy@",
            expected="proxy/closed",
            fact="it speaks TLS",
            first="write https:// in place of http:// in the argument proxy",
        ),
    ),
    "stunnel before squid": (
        *_passes("stunnel"),
        _wants_certificate("stunnel_known"),
        Through(
            name="its port of TLS, as http://",
            proxy="http://127.0.0.1:@stunnel@",
            expected="proxy/closed",
            fact="it speaks TLS",
            first="write https:// in place of http:// in the argument proxy",
        ),
    ),
}


_NOT_CHROMIUMS = ("h2 and http/1.1 to choose from",)  # it offers h2 too, which haproxy takes, and squid does not speak


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Mapping[str, int]]:
    """Run the proxies, what stands before one, and the servers behind; nothing listens on `dead`."""
    with contextlib.ExitStack() as running:
        found = {name: free_port() for name in (*_PORTS, "dead")}
        for name, tls in (("ws", ""), ("wss", "1.3")):
            folder = tmp_path_factory.mktemp(name)
            server = websocket_server("websockets", folder=folder, certificates=certificates, tls=tls)
            found[name] = running.enter_context(server)
        for program in _PROGRAMS:
            folder = tmp_path_factory.mktemp("proxy")
            values = {**attrs.asdict(certificates), **found, "user": USER, "password": PASSWORD}
            running.enter_context(configured(program, folder, **values))
        yield found


def test_chromium_behind_proxies_over_tls(
    ports: Mapping[str, int], certificates: Certificates, tmp_path: pathlib.Path
) -> None:
    """It gets through where wsconn does, and where it does not: what both trust and offer is the same."""
    cases = {
        f"{component}: {case.name}": case
        for component, its in _CASES.items()
        for case in its
        if case.trusts == "authority" and case.name not in _NOT_CHROMIUMS
    }
    proxies = {name: (fill(case.target, ports), fill(case.proxy, ports)) for name, case in cases.items()}
    authority = certificates.authority.read_bytes()
    seen = open_behind_proxies(proxies, authority=authority, home=tmp_path, environment={})
    assert {name: one.opened for name, one in seen.items()} == {
        name: case.expected == "passed" for name, case in cases.items()
    }


def _context(case: Through, certificates: Certificates) -> ssl.SSLContext | None:
    if case.trusts == "system":
        return None
    context = certificates.trusting_context()
    if case.trusts == "h2":
        context.set_alpn_protocols(["h2", "http/1.1"])
    return context


@each(_CASES)
def test_proxy_over_tls(
    component: str, case: Through, ports: Mapping[str, int], certificates: Certificates, row: Row
) -> None:
    """What goes wrong in TLS to the proxy is known as the proxy's, and what passes has the server's own TLS."""
    proxy, url = fill(case.proxy, ports), fill(case.target, ports)
    outcome = wsconn.check(
        {"eu": url},
        timeout=case.seconds,
        proxy=proxy,
        proxy_ssl_context=_context(case, certificates),
        ssl_context=certificates.trusting_context(),
    ).outcome("eu")
    case.note(row, component, outcome)
    assert PASSWORD not in repr(outcome)
    assert (
        outcome.proxy
        == f"{proxy.replace(f'{USER}:{PASSWORD}@', '').replace(f'{USER}:guess@', '')} (from the argument proxy)"
    )
    if case.expected == "passed" and url.startswith("wss"):
        assert outcome.tls
        assert ORGANISATION in (outcome.tls.issuer or "")
