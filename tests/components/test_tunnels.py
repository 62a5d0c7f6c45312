"""Proxies by others that say in ways of their own what they could not do, say nothing, or say yes at once."""

from __future__ import annotations

import contextlib
import functools
import pathlib
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping

import pytest

import wsconn
from tests.components.cases import Case, each
from tests.components.certificates import Certificates
from tests.components.configurations import fill
from tests.components.configured import Program, configured
from tests.components.conftest import Row
from tests.components.programs import free_port
from tests.components.websocket_servers import websocket_server

pytestmark = pytest.mark.components

_UNREACHABLE = "proxy/proxy_target_unreachable"
_SHADOWSOCKS = "-s 127.0.0.1 -p @server@ -k sesame -m aes-256-gcm"
_SOCKS = ("pproxy", "shadowsocks", "ssh -D", "tor")

_PROGRAMS: Mapping[str, tuple[Program, ...]] = {
    "privoxy": (
        Program(command="privoxy --no-daemon @folder@/privoxy.conf", configurations=("privoxy.conf", "privoxy.action")),
    ),
    "squid": (
        Program(
            command="/usr/sbin/squid -N -n wsconn@port@ -d 1 -f @folder@/squid-telling.conf",
            configurations=("squid-telling.conf",),
        ),
    ),
    "e2guardian": (  # which takes its time to end
        Program(
            command="timeout --kill-after=1 600 e2guardian -N -c @folder@/e2guardian.conf",
            configurations=("e2guardian.conf",),
        ),
    ),
    "Traffic Server": (
        Program(
            command="traffic_server --run-root=@folder@",
            configurations=(
                "trafficserver.runroot.yaml:runroot.yaml",
                "trafficserver.records.config:records.config",
                "trafficserver.storage.config:storage.config",
                "trafficserver.ip_allow.yaml:ip_allow.yaml",
            ),
        ),
    ),
    "tor": (
        Program(
            command="tor --defaults-torrc @folder@/none --ignore-missing-torrc -f @folder@/torrc",
            configurations=("torrc",),
        ),
    ),
    "ssh -D": (
        Program(
            command="/usr/sbin/sshd -D -e -f @folder@/sshd_config", configurations=("sshd_config",), ports=("server",)
        ),
        Program(
            command="ssh -F none -N -D 127.0.0.1:@port@ -i @folder@/user_key -p @server@ -o StrictHostKeyChecking=no"
            " -o UserKnownHostsFile=@folder@/known_hosts root@127.0.0.1"
        ),
    ),
    "shadowsocks": (
        Program(command=f"ss-server {_SHADOWSOCKS}", ports=("server",)),
        Program(command=f"ss-local {_SHADOWSOCKS} -b 127.0.0.1 -l @port@"),
    ),
    "v2ray": (Program(command="v2ray -config @folder@/v2ray.json", configurations=("v2ray.json",)),),
    "pproxy": (Program(command="@python@ -m pproxy -l http+socks5://127.0.0.1:@port@"),),
    "proxy-chain": (Program(command="node @servers@/proxy_chain.cjs @port@"),),
}

_PASSES = (
    Case(name="allowed, ws", target="ws://127.0.0.1:@ws@"),
    Case(name="allowed, wss", target="wss://127.0.0.1:@wss@"),
)
_YES_TO_ALL = (
    *_PASSES,
    Case(
        name="target dead, ws",
        target="ws://127.0.0.1:@dead@",
        expected="upgrade/closed",
        fact="before it had answered",
        first="the proxy",
    ),
    Case(
        name="target dead, wss",
        target="wss://127.0.0.1:@dead@",
        expected="tls/closed",
        fact="during the TLS handshake",
        first="the proxy",
    ),
)

_CASES = {
    "privoxy": (
        *_PASSES,
        Case(
            name="target dead",
            target="wss://127.0.0.1:@dead@",
            expected=_UNREACHABLE,
            fact="HTTP 503",
            first="administrator to try",
        ),
        Case(
            name="name unknown, which it answers with 404",
            target="wss://nowhere.invalid",
            expected=_UNREACHABLE,
            fact="404 No such domain",
            first="nowhere.invalid",
        ),
        Case(
            name="host denied",
            target="wss://blocked.example",
            expected="proxy/proxy_denied",
            fact="HTTP 403",
            first="to allow CONNECT",
        ),
    ),
    "squid": (
        *_PASSES,
        Case(
            name="target dead, with X-Squid-Error",
            target="wss://127.0.0.1:@dead@",
            expected=_UNREACHABLE,
            fact="ERR_CONNECT_FAIL",
            first="check the port in the URL",
        ),
        Case(
            name="host denied, which it answers with 302",
            target="wss://blocked.example",
            expected="proxy/proxy_denied",
            fact="https://proxy.example/why",
            first="to allow",
        ),
    ),
    "e2guardian": (
        *_PASSES,
        Case(
            name="host denied, 302 after its yes, wss",
            target="wss://badboys.com",
            expected="tls/not_tls",
            fact="came 'HTTP/1.1 302",
            first="the proxy",
        ),
        Case(
            name="host denied, 302 after its yes, ws",
            target="ws://badboys.com",
            expected="upgrade/redirected",
            fact="302",
            first="block page",
        ),
    ),
    "Traffic Server": (
        *_YES_TO_ALL,
        Case(
            name="name unknown",
            target="wss://nowhere.invalid",
            expected=_UNREACHABLE,
            fact="HTTP 500",
            first="administrator to try",
        ),
    ),
    "tor": (
        Case(
            name="private address",
            target="ws://127.0.0.1:@ws@",
            expected=_UNREACHABLE,
            fact="General SOCKS server failure",
            first="administrator to try",
        ),
        Case(
            name="onion address that is none (0xF6)",
            target=f"ws://{'a' * 56}.onion",
            expected=_UNREACHABLE,
            fact="F6",
            first="onion",
        ),
        Case(
            name="no way into its network",
            target="ws://nowhere.invalid",
            expected="proxy/timeout",
            fact="opened no tunnel",
            seconds=1.5,
        ),
    ),
    "ssh -D": (
        *_PASSES,
        Case(
            name="target dead",
            target="wss://127.0.0.1:@dead@",
            expected="proxy/closed",
            fact="before it had opened a tunnel",
            first="from the proxy",
        ),
        Case(
            name="name unknown",
            target="wss://nowhere.invalid",
            expected="proxy/closed",
            fact="before it had opened a tunnel",
            first="from the proxy",
        ),
    ),
    "shadowsocks": (
        *_YES_TO_ALL,
        Case(
            name="name unknown",
            target="wss://nowhere.invalid",
            expected="tls/closed",
            fact="during the TLS handshake",
            first="the proxy",
        ),
    ),
    "v2ray": (
        *_YES_TO_ALL,
        Case(
            name="name unknown",
            target="wss://nowhere.invalid",
            expected="tls/closed",
            fact="during the TLS handshake",
            first="the proxy",
        ),
    ),
    "pproxy": _YES_TO_ALL,
    "proxy-chain": (
        *_PASSES,
        Case(
            name="target dead, of which it says nothing",
            target="wss://127.0.0.1:@dead@",
            expected="proxy/closed",
            fact="before it had opened a tunnel",
            first="check that it speaks",
        ),
        Case(
            name="its next proxy dead",
            target="wss://chained.example",
            expected=_UNREACHABLE,
            fact="HTTP 594",
            first="the next proxy behind it",
        ),
    ),
}


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Mapping[str, int]]:
    """Run the servers behind the proxies; nothing listens on `dead`."""
    with contextlib.ExitStack() as servers:
        ports = {"dead": free_port()}
        for name, tls in (("ws", ""), ("wss", "1.3")):
            folder = tmp_path_factory.mktemp(name)
            server = websocket_server("websockets", folder=folder, certificates=certificates, tls=tls)
            ports[name] = servers.enter_context(server)
        yield ports


@pytest.fixture(scope="module")
def proxy_of(tmp_path_factory: pytest.TempPathFactory, targets: Mapping[str, int]) -> Iterator[Callable[[str], str]]:
    """Start each proxy when it is first asked for, and give its URL."""
    with contextlib.ExitStack() as programs:

        @functools.cache
        def start(name: str) -> str:
            folder = tmp_path_factory.mktemp("proxy")
            _prepare(name, folder)
            values = {"port": free_port(), "server": free_port(), "dead": targets["dead"], "only_mapped": 0}
            for program in _PROGRAMS[name]:
                programs.enter_context(configured(program, folder, **values))
            return f"{'socks5h' if name in _SOCKS else 'http'}://127.0.0.1:{values['port']}"

        yield start


def _prepare(name: str, folder: pathlib.Path) -> None:
    """Write to `folder` what is no configuration of the suite's."""
    if name == "e2guardian":  # it looks there for the rules of a group: Debian's, which block badboys.com
        shutil.copy("/etc/e2guardian/e2guardianf1.conf", folder)
    if name == "ssh -D":
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)  # sshd's own, empty, which Debian's unit makes
        for key in ("host_key", "user_key"):
            command = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key)
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


@each(_CASES)
def test_tunnel(
    component: str,
    case: Case,
    proxy_of: Callable[[str], str],
    targets: Mapping[str, int],
    certificates: Certificates,
    row: Row,
) -> None:
    """What a proxy could not do is known as the proxy's, however it says so."""
    url, context = fill(case.target, targets), certificates.trusting_context()
    proxy = proxy_of(component)
    outcome = wsconn.check({"eu": url}, timeout=case.seconds, proxy=proxy, ssl_context=context).outcome("eu")
    case.note(row, component, outcome)
    assert proxy in (outcome.proxy or "")


_SPOKEN_OTHERWISE: dict[str, tuple[str, Case]] = {
    "tor": (
        "http",
        Case(
            name="spoken to as HTTP",
            expected="proxy/proxy_bad_answer",
            fact="Tor is not an HTTP Proxy",
            first="socks5h://",
        ),
    ),
    "ssh -D": (
        "http",
        Case(name="spoken to as HTTP", expected="proxy/closed", fact="it speaks SOCKS 5", first="socks5h://"),
    ),
    "shadowsocks": (
        "http",
        Case(name="spoken to as HTTP", expected="proxy/closed", fact="it speaks SOCKS 5", first="socks5h://"),
    ),
    "squid": (  # which waits for the end of a line
        "socks5h",
        Case(
            name="spoken to as SOCKS 5",
            expected="proxy/timeout",
            fact="opened no tunnel",
            first="check that it speaks",
            seconds=1.5,
        ),
    ),
}


@pytest.mark.parametrize(
    ("component", "scheme", "case"),
    [(component, *spoken) for component, spoken in _SPOKEN_OTHERWISE.items()],
    ids=_SPOKEN_OTHERWISE,
)
def test_spoken_to_otherwise(component: str, scheme: str, case: Case, proxy_of: Callable[[str], str], row: Row) -> None:
    """What a proxy speaks is found out, where its URL says something else."""
    proxy = f"{scheme}://{proxy_of(component).partition('://')[2]}"
    outcome = wsconn.check({"eu": "wss://eu.example/"}, timeout=case.seconds, proxy=proxy).outcome("eu")
    case.note(row, component, outcome)
