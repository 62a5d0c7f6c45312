"""What a firewall on the way can do to packets: drop, reset and forbid them, all or some, early or late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.components.check_in_namespace import check_in, outcome_in
from tests.components.conftest import Row
from tests.components.name_server import host
from tests.components.namespaces import ALIVE, DEAD, Network, network_in
from wsconn import Cause

pytestmark = pytest.mark.components

ONLY = {"IPv4": host(a="ok", aaaa="none"), "IPv6": host(a="none", aaaa="ok")}
SHOWN = {"IPv4": ALIVE[0], "IPv6": f"[{ALIVE[1]}]"}
BOTH = host(a="ok", aaaa="ok")
AT_ONCE_SECONDS = 2.0
# Over a cable without delay the first ICMPv6 error arrives while connect() still runs, and Linux passes over it: only
# the SYN of a second later brings one that counts.
ONE_MORE_SYN_SECONDS = 3.0


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network_in(tmp_path_factory.mktemp("network")) as network:
        yield network


def test_healthy(network: Network, row: Row) -> None:
    """Without a rule every server is reached, in both families, with TLS and without."""
    regions = {f"{scheme} over {family}": f"{scheme}://{ONLY[family]}/" for scheme in ("ws", "wss") for family in ONLY}
    for outcome in check_in(network, regions, timeout=10).outcomes:
        row("packets", f"nothing done, {outcome.region}", "passed", outcome)
        assert "answered as it should" in outcome.attempts[-1].message


SYN = "tcp flags & (syn | ack) == syn"
SYN_ACK = "tcp flags & (syn | ack) == (syn | ack)"
DATA = "tcp flags & psh == psh"


@pytest.mark.parametrize(
    ("case", "incoming", "outgoing", "expected", "fact", "os_error"),
    [
        pytest.param(
            "SYN dropped",
            [f"{SYN} drop"],
            [],
            "connect/timeout",
            "did not answer within 15",
            None,
            id="syn-dropped",
        ),
        pytest.param(
            "SYN answered with a reset",
            [f"{SYN} reject with tcp reset"],
            [],
            "connect/refused",
            "refused the connection",
            "ECONNREFUSED",
            id="syn-reset",
        ),
        pytest.param(
            "TCP handshake cut: SYN-ACK dropped",
            [],
            [f"{SYN_ACK} drop"],
            "connect/timeout",
            "did not answer within 15",
            None,
            id="syn-ack-dropped",
        ),
        pytest.param(
            "TLS handshake cut: reset at the ClientHello",
            [f"{DATA} reject with tcp reset"],
            [],
            "tls/closed",
            "was reset during the TLS handshake",
            "ECONNRESET",
            id="client-hello-reset",
        ),
        pytest.param(
            "TLS handshake cut: ClientHello dropped",
            [f"{DATA} drop"],
            [],
            "tls/timeout",
            "took the connection, but did not finish the TLS handshake within 15",
            None,
            id="client-hello-dropped",
        ),
        pytest.param(
            "TLS handshake cut: the server's answer dropped",
            [],
            [f"{DATA} drop"],
            "tls/timeout",
            "took the connection, but did not finish the TLS handshake within 15",
            None,
            id="server-hello-dropped",
        ),
        pytest.param(
            "packets over 400 bytes dropped",
            ["meta length > 400 drop"],
            ["meta length > 400 drop"],
            "tls/timeout",
            "took the connection, but did not finish the TLS handshake within 15",
            None,
            id="large-dropped",
        ),
    ],
)
def test_wss_cut(
    network: Network,
    row: Row,
    case: str,
    incoming: Sequence[str],
    outgoing: Sequence[str],
    expected: str,
    fact: str,
    os_error: str | None,
) -> None:
    """A connection that is cut is told with the stage that it was cut in, by reset or by silence, in both families."""
    with network.firewall(
        incoming=[f"tcp dport 443 {rule}" for rule in incoming], outgoing=[f"tcp sport 443 {rule}" for rule in outgoing]
    ):
        result = check_in(network, {family: f"wss://{name}/" for family, name in ONLY.items()}, timeout=1.5)
    for outcome in result.outcomes:
        row("packets", f"{case}, {outcome.region}", expected, outcome)
        assert outcome.failure
        assert f"{SHOWN[outcome.region]}:443" in outcome.failure.message
        assert fact in outcome.failure.message
        assert outcome.failure.os_error == os_error


@pytest.mark.parametrize("family", ONLY)
def test_prohibited_on_the_way(network: Network, row: Row, family: str) -> None:
    """A firewall that answers "administratively prohibited" is not this machine's, in neither family."""
    with network.firewall(incoming=["tcp dport 443 reject with icmpx admin-prohibited"]):
        outcome = outcome_in(network, f"wss://{ONLY[family]}/", timeout=5)
    row("packets", f"administratively prohibited, {family}", "connect/unreachable", outcome)
    assert outcome.failure
    assert f"{SHOWN[family]}:443) cannot be reached" in outcome.failure.message
    assert outcome.failure.os_error == ("EHOSTUNREACH" if family == "IPv4" else "EACCES")
    assert outcome.duration < ONE_MORE_SYN_SECONDS


def test_prohibited_on_the_way_in_both_families(network: Network, row: Row) -> None:
    """Where a firewall on the way forbids both families, neither's error hides the other's meaning."""
    with network.firewall(incoming=["tcp dport 443 reject with icmpx admin-prohibited"]):
        outcome = outcome_in(network, f"wss://{BOTH}/", timeout=5)
    row("packets", "administratively prohibited, both families", "connect/unreachable", outcome)
    assert outcome.failure
    assert "cannot be reached" in outcome.failure.message
    assert "1 more address failed too" in outcome.failure.message
    assert {attempt.os_error for attempt in outcome.attempts} == {"EHOSTUNREACH", "EACCES"}


@pytest.mark.parametrize("family", ONLY)
def test_prohibited_by_this_machine(network: Network, row: Row, family: str) -> None:
    """A route of this machine's that prohibits is told as the machine's own."""
    with network.forbidden_route(ALIVE[family == "IPv6"]):
        outcome = outcome_in(network, f"wss://{ONLY[family]}/", timeout=5)
    row("packets", f"prohibited by this machine's own route, {family}", "connect/blocked_locally", outcome)
    assert outcome.failure
    assert "this machine forbids the connection" in outcome.failure.message
    assert outcome.failure.os_error == "EACCES"
    assert outcome.duration < AT_ONCE_SECONDS


def test_large_packets_dropped_and_small_requests(network: Network, row: Row) -> None:
    """Where large packets are dropped, a WebSocket whose handshake is small still opens without TLS."""
    rule = "meta length > 400 drop"
    with network.firewall(incoming=[f"tcp dport 80 {rule}"], outgoing=[f"tcp sport 80 {rule}"]):
        outcome = outcome_in(network, f"ws://{BOTH}/", timeout=10)
    row("packets", "packets over 400 bytes dropped, ws", "passed", outcome)
    assert "answered as it should" in outcome.attempts[-1].message


def test_large_requests_dropped(network: Network, row: Row) -> None:
    """TLS works, whose packets from here are small, and a request with a long token is lost: the MTU is named."""
    regions = {
        name: {"url": f"wss://{BOTH}/", "headers": {"Authorization": f"Bearer {'x' * size}"}}
        for name, size in (("long", 1500), ("short", 15))
    }
    with network.firewall(incoming=["tcp dport 443 meta length > 900 drop"]):
        result = check_in(network, regions, timeout=2.5)
    case = "packets over 900 bytes from here dropped, wss with a header of"
    row("packets", f"{case} 15 bytes", "passed", result.outcome("short"))
    long = result.outcome("long")
    row(
        "packets", f"{case} 1500 bytes", "upgrade/timeout", long, fact="request of 1", first="test with shorter headers"
    )


def test_upgrade_dropped(network: Network, row: Row) -> None:
    """A firewall that reads plain HTTP and drops `Upgrade: websocket` holds up ws, and cannot read wss."""
    regions = {"ws": f"ws://{BOTH}/", "wss": f"wss://{BOTH}/"}
    with network.firewall(incoming=_wherever("Upgrade: websocket", "drop")):
        result = check_in(network, regions, timeout=2)
    row("packets", "`Upgrade: websocket` dropped, ws", "upgrade/timeout", result.outcome("ws"))
    row("packets", "`Upgrade: websocket` dropped, wss", "passed", result.outcome("wss"))
    failure = result.outcome("ws").failure
    assert failure
    assert "took the connection, but did not answer the WebSocket request within 20" in failure.message
    assert "use that" in failure.advice
    assert "MTU" in failure.advice


def test_upgrade_reset(network: Network, row: Row) -> None:
    """A firewall that resets the connection on seeing `Upgrade: websocket` is told as such."""
    with network.firewall(incoming=_wherever("Upgrade: websocket", "reject with tcp reset")):
        outcome = outcome_in(network, f"ws://{BOTH}/", timeout=5)
    row("packets", "`Upgrade: websocket` answered with a reset, ws", "upgrade/closed", outcome)
    assert outcome.failure
    assert "was reset before it had answered the WebSocket request" in outcome.failure.message
    assert outcome.failure.os_error == "ECONNRESET"


def test_frames_dropped(network: Network, row: Row) -> None:
    """A device that lets the upgrade pass and nothing after it: the WebSocket opened, and no frame came back."""
    after_the_request = [f"tcp dport 80 {DATA} meta length < 100 drop"]  # a ping has 14 bytes
    with network.firewall(incoming=after_the_request):
        outcome = outcome_in(network, f"ws://{BOTH}/", timeout=2)
    row("packets", "frames dropped after the upgrade, ws", "frames/no_pong", outcome)
    assert outcome.failure
    assert "opened, but no frame came back within 20" in outcome.failure.message


def test_loss(network: Network, row: Row) -> None:
    """A way that loses 30 % of the packets in each direction is slow, and TCP gets through.

    They are lost by count (the first, fourth and seventh of ten, a SYN to begin with) and not by chance: a run of bad
    luck longer than 20 s would come once in some hundred runs. No other case uses the port, so all that is counted is
    this connection's.
    """
    lost = "numgen inc mod 10 { 0, 3, 6 } drop"
    with network.firewall(incoming=[f"tcp dport 8443 {lost}"], outgoing=[f"tcp sport 8443 {lost}"]):
        outcome = outcome_in(network, f"wss://{ONLY['IPv4']}:8443/", timeout=20)
    row("packets", "30 % lost, by count", "passed", outcome)
    assert outcome.timings.connect
    assert outcome.timings.connect > 0.9  # the first SYN was lost, and the next comes after a second
    assert "answered as it should" in outcome.attempts[-1].message


def test_ipv6_black_hole(network: Network, row: Row) -> None:
    """Where IPv6 leads nowhere, IPv4 is tried 250 ms later and wins."""
    with network.firewall(incoming=["meta nfproto ipv6 tcp dport 443 drop"]):
        outcome = outcome_in(network, f"wss://{BOTH}/", timeout=10)
    row("packets", "IPv6 black-holed, IPv4 works", "passed", outcome)
    assert [(attempt.address, attempt.cause) for attempt in outcome.attempts] == [
        (f"[{ALIVE[1]}]:443", Cause.OUTRUN),
        (f"{ALIVE[0]}:443", None),
    ]
    assert "had not answered" in outcome.attempts[0].message
    assert outcome.duration < AT_ONCE_SECONDS


@pytest.mark.parametrize(
    ("aaaa", "words"),
    [
        pytest.param("ok", "IPv6 works", id="aaaa-at-once"),
        pytest.param("slow", "IPv6 works and comes 0.3 s later", id="aaaa-late"),
    ],
)
def test_ipv4_black_hole(network: Network, row: Row, aaaa: str, words: str) -> None:
    """Where IPv4 leads nowhere, IPv6 wins: it goes first, also where its address comes a little late."""
    with network.firewall(incoming=["meta nfproto ipv4 tcp dport 443 drop"]):
        outcome = outcome_in(network, f"wss://{host(a='ok', aaaa=aaaa)}/", timeout=10)
    row("packets", f"IPv4 black-holed, {words}", "passed", outcome)
    assert outcome.address == f"[{ALIVE[1]}]:443"
    assert "answered as it should" in outcome.attempts[-1].message
    assert outcome.duration < AT_ONCE_SECONDS


@pytest.mark.parametrize(
    ("a", "aaaa", "family"),
    [pytest.param("nine", "none", "IPv4", id="IPv4"), pytest.param("none", "nine", "IPv6", id="IPv6")],
)
def test_eight_dead_one_alive(network: Network, row: Row, a: str, aaaa: str, family: str) -> None:
    """A living address behind eight that drop all packets is reached within the default timeout."""
    dead = ", ".join(DEAD[family == "IPv6"])
    protocol = "ip6" if family == "IPv6" else "ip"
    with network.firewall(incoming=[f"{protocol} daddr {{ {dead} }} drop"]):
        outcome = outcome_in(network, f"wss://{host(a=a, aaaa=aaaa)}/", timeout=10)
    row("packets", f"eight dead addresses and one alive, {family}", "passed", outcome)
    assert outcome.address == f"{SHOWN[family]}:443"
    assert len(outcome.attempts) == 9
    assert {attempt.cause for attempt in outcome.attempts[:-1]} <= {Cause.TIMEOUT, Cause.OUTRUN}
    assert "answered as it should" in outcome.attempts[-1].message
    assert outcome.duration < 10


def _wherever(text: str, verdict: str) -> list[str]:
    """Make rules for packets to port 80 that hold `text` in the first bytes of their data.

    nftables compares at a fixed place and no more than 16 bytes: so a rule for each place, with two comparisons.
    """
    rules = []
    for place in range(256):
        parts = [(place + at, text[at : at + 16].encode()) for at in range(0, len(text), 16)]
        found = " ".join(f"@ih,{at * 8},{len(part) * 8} 0x{part.hex()}" for at, part in parts)
        rules.append(f"tcp dport 80 {found} {verdict}")
    return rules
