"""The helpers that know addresses, beside Python's own."""

from __future__ import annotations

import ipaddress
import json

from hypothesis import given
from hypothesis import strategies as st

from tests.pac_cases import returning
from tests.protocols.pac import ask, needs_pac

pytestmark = needs_pac

ADDRESSES = st.ip_addresses().map(str) | st.ip_addresses(v=6, network="::ffff:0:0/96").map(str)
PREFIXES = st.tuples(ADDRESSES, st.integers(0, 128)).filter(lambda prefix: ":" in prefix[0] or prefix[1] <= 32)


@given(st.lists(st.tuples(ADDRESSES, PREFIXES), min_size=1, max_size=30))
def test_networks(asked: list[tuple[str, tuple[str, int]]]) -> None:
    """An address is in the networks that Python has it in; where families differ, IPv4 is mapped into IPv6."""
    pairs = [(address, f"{net}/{length}") for address, (net, length) in asked]
    answer = ask(returning(f"{json.dumps(pairs)}.map(pair => +isInNetEx(...pair)).join('')"))
    assert answer == "".join(str(int(_is_in(*pair))) for pair in pairs)


def _is_in(address: str, prefix: str) -> bool:
    ip, net = ipaddress.ip_address(address), ipaddress.ip_network(prefix, strict=False)
    if ip.version == net.version:
        return ip in net
    if net.version == 6:
        return ipaddress.ip_address(f"::ffff:{ip}") in net
    return ip in ipaddress.ip_network(f"::ffff:{net.network_address}/{96 + net.prefixlen}")


@given(st.lists(ADDRESSES, min_size=1, max_size=20))
def test_sorted_addresses(addresses: list[str]) -> None:
    """IPv6 comes before IPv4, each in ascending order."""
    answer = ask(returning(f"sortIpAddressList({json.dumps(';'.join(addresses))})"))
    key = sorted(map(ipaddress.ip_address, addresses), key=lambda ip: (-ip.version, int(ip)))
    assert list(map(ipaddress.ip_address, answer.split(";"))) == key


@given(st.text("0123456789abcf:.", max_size=24))
def test_what_is_an_address(text: str) -> None:
    """What Python takes for an address is one; short forms of IPv4 are too, as in a URL."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        expected = {"false", text} if ":" not in text else {"false"}
    else:
        expected = {text}
    assert ask(returning(f"String(sortIpAddressList({json.dumps(text)}))")) in expected
