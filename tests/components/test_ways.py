"""Two ways to one server: a VPN beside the LAN, told apart by the address that a region connects from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.components.check_in_namespace import check_in
from tests.components.conftest import Row
from tests.components.name_server import host
from tests.components.namespaces import ALIVE, LAN, VPN, Network, network_in
from wsconn import reports

pytestmark = pytest.mark.components

URL = f"wss://{host(a='ok', aaaa='ok')}/"
SYN = "tcp flags & (syn | ack) == syn"
WAYS = {"lan": {"url": URL, "source": LAN}, "vpn": {"url": URL, "source": VPN}}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network_in(tmp_path_factory.mktemp("network")) as network:
        yield network


def test_vpn_beside_lan(network: Network, row: Row) -> None:
    """The LAN's firewall drops what the VPN lets through: one test tells, and says which way works."""
    with network.vpn(), network.firewall(incoming=[f'iifname "eth0" {SYN} drop']):
        result = check_in(network, WAYS, timeout=1.5)
    lan, vpn = result.outcomes
    row("packets", "SYN dropped on the LAN, VPN beside it: from the LAN", "connect/timeout", lan, fact=f"from {LAN}")
    row("packets", "SYN dropped on the LAN, VPN beside it: from the VPN", "passed", vpn)
    assert {attempt.address for attempt in (*lan.attempts, *vpn.attempts)} == {f"{ALIVE[0]}:443"}
    place = URL.removeprefix("wss://").rstrip("/")
    assert f"{place}:443 passes from {VPN}, and not from {LAN}." in reports.findings(result)


def test_vpn_that_is_down(network: Network, row: Row) -> None:
    """Without the VPN its address is gone, and the advice is to bring it up."""
    lan, vpn = check_in(network, WAYS, timeout=5).outcomes
    row("packets", "no VPN: from the LAN", "passed", lan)
    row("packets", "no VPN: from its address", "connect/unreachable", vpn, fact=VPN, first="bring up the VPN")


def test_server_before_its_name_leads_there(network: Network, row: Row) -> None:
    """A name that leads nowhere passes at the address that it will have."""
    unknown = f"wss://{host(a='none', aaaa='none')}/"
    regions = {"dns": unknown, "new": {"url": unknown, "connect_to": f"{ALIVE[0]}:443"}}
    dns, new = check_in(network, regions, timeout=5).outcomes
    row("packets", "a name without addresses", "resolve/dns_not_found", dns)
    row("packets", "the same, by connect_to", "passed", new)
    assert f"{ALIVE[0]}:443 (in place of" in new.attempts[-1].message
