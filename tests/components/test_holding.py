"""What front ends, a tunnel, a proxy and a firewall do to idle connections: found within a second of their settings.

All of them are held at once, those of the firewall from a namespace beside it, so that all of it takes some seconds.
"""

from __future__ import annotations

import contextlib
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

import pytest

from tests.components.certificates import Certificates
from tests.components.configured import Program, configured
from tests.components.name_server import host
from tests.components.namespaces import ROOT, Network, network_in
from tests.components.websocket_servers import websocket_server
from tests.debug.holding import hold
from wsconn import Conclusion, Hold, RegionOutcome, Status, TlsInfo
from wsconn._debug.hold_conclusions import conclude_holds
from wsconn._debug.records import HoldEnd

pytestmark = pytest.mark.components

HELD_SECONDS = 5.0
PING_SECONDS = 1.0
WITHIN_SECONDS = 1.0

_PROGRAMS = {
    "haproxy": Program(
        command="/usr/sbin/haproxy -db -f @folder@/idle-haproxy.cfg", configurations=("idle-haproxy.cfg",)
    ),
    "nginx": Program(
        command="/usr/sbin/nginx -p @folder@ -e stderr -c @folder@/idle-nginx.conf", configurations=("idle-nginx.conf",)
    ),
    "stunnel": Program(command="stunnel4 @folder@/idle-stunnel.conf", configurations=("idle-stunnel.conf",)),
    "squid": Program(
        command="/usr/sbin/squid -N -n wsconn@port@ -d 1 -f @folder@/idle-squid.conf",
        configurations=("idle-squid.conf",),
    ),
}
FIREWALL = "nftables"
TRUTH = {"haproxy": 3, "nginx": 4, "stunnel": 3, "squid": 4, FIREWALL: 3}
HOW = {
    "haproxy": HoldEnd.END,
    "nginx": HoldEnd.END,
    "stunnel": HoldEnd.RESET,
    "squid": HoldEnd.END,
    FIREWALL: HoldEnd.SILENCE,
}
Pair = tuple[Hold, Hold]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Mapping[str, Pair]:
    """Hold connections through all of them at once, idle and kept alive."""
    with contextlib.ExitStack() as stack:
        regions, proxy = stack.enter_context(_programs(tmp_path_factory, certificates))
        network = stack.enter_context(network_in(tmp_path_factory.mktemp("network")))
        stack.enter_context(_forgetful(network))
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        environment.setenv("wss_proxy", proxy)
        environment.setenv("no_proxy", "127.0.0.1")
        beside = stack.enter_context(_begin_in(network))
        context = certificates.trusting_context()
        holds = hold(regions, HELD_SECONDS, ping_every=PING_SECONDS, ssl_context=context, proxy=True)
        told, _ = beside.communicate(timeout=30)
        holds += pickle.loads(told)
    return {idle.region: (idle, kept) for idle, kept in zip(holds[::2], holds[1::2], strict=True)}


@contextlib.contextmanager
def _programs(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[tuple[Mapping[str, str], str]]:
    """Run the programs before healthy servers; give the regions, and the URL of the proxy to that of squid."""
    files = {
        "certificate": certificates.server,
        "key": certificates.key,
        "server_and_key": certificates.server_and_key,
    }
    with contextlib.ExitStack() as stack:

        def server(name: str, tls: str = "") -> int:
            folder = tmp_path_factory.mktemp(name)
            running = websocket_server("websockets", folder=folder, certificates=certificates, tls=tls)
            return stack.enter_context(running)

        plain, secure = server("plain"), server("secure", "1.3")
        ports = {
            name: stack.enter_context(
                configured(program, tmp_path_factory.mktemp(name), upstream=plain, seconds=TRUTH[name], **files)
            )
            for name, program in _PROGRAMS.items()
        }
        regions = {name: f"wss://127.0.0.1:{port}/" for name, port in ports.items() if name != "squid"}
        yield {**regions, "squid": f"wss://localhost:{secure}/"}, f"http://127.0.0.1:{ports['squid']}"


@contextlib.contextmanager
def _forgetful(network: Network) -> Iterator[None]:
    """Let the server's firewall forget connections that are idle, and drop what belongs to none that it knows."""
    known = [
        "ct state established accept",
        "tcp dport 443 tcp flags & (syn | ack) == syn accept",
        "tcp dport 443 drop",
    ]
    with network.firewall(incoming=known):
        for knob, value in (("timeout_established", TRUTH[FIREWALL]), ("loose", 0)):
            path = f"/proc/sys/net/netfilter/nf_conntrack_tcp_{knob}"
            command = ["ip", "netns", "exec", network.server, "tee", path]
            subprocess.run(command, input=str(value).encode(), stdout=subprocess.DEVNULL, check=True)
        yield


def _begin_in(network: Network) -> subprocess.Popen[bytes]:
    """Begin to hold connections to the server behind the firewall, from the client's namespace."""
    given = {
        "regions": {FIREWALL: f"wss://{host(a='ok', aaaa='none')}/"},
        "seconds": HELD_SECONDS,
        "ping_every": PING_SECONDS,
        "roots": str(network.roots),
    }
    command = ["ip", "netns", "exec", network.client, sys.executable, "-m", "tests.components.hold_in_namespace"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(json.dumps(given).encode())
    process.stdin.close()
    process.stdin = None  # `communicate` would write to it
    return process


@pytest.mark.parametrize("name", TRUTH)
def test_idle_cut_is_found(held: Mapping[str, Pair], name: str) -> None:
    """When an idle connection is cut is found within a second, and how; one with a ping each second is not cut."""
    idle, kept = held[name]
    assert idle.ended_by is HOW[name]
    assert idle.seconds == pytest.approx(TRUTH[name], abs=WITHIN_SECONDS)
    assert idle.least_seconds == pytest.approx(TRUTH[name], abs=WITHIN_SECONDS)
    assert kept.ended_by is HoldEnd.HELD
    assert kept.lost == 0


@pytest.mark.parametrize("name", TRUTH)
def test_advice_names_the_ping_that_keeps_it(held: Mapping[str, Pair], name: str) -> None:
    """What is done about it is told, with what was shown to help."""
    (conclusion,) = _conclude(name, held[name])
    assert conclusion.suspect == "idle_timeout"
    assert "Something ends idle connections after" in conclusion.sentence
    assert "a ping every 1 s keeps them" in conclusion.sentence


def _conclude(name: str, holds: Sequence[Hold]) -> tuple[Conclusion, ...]:
    tls = TlsInfo(issuer="CN=Component Authority")
    outcome = RegionOutcome(region=name, url="wss://127.0.0.1/", status=Status.PASSED, round_trip=0.001, tls=tls)
    return conclude_holds([outcome], holds)
