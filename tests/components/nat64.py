"""A network that has IPv6 alone, as mobile ones are: DNS64 makes addresses up, and NAT64 (tayga) leads them to IPv4."""

from __future__ import annotations

import contextlib
import pathlib
import subprocess
from collections.abc import Iterator

from tests.components.namespaces import READY_SECONDS, Network

PREFIX = "2001:db8:64::"  # tayga passes nothing from 64:ff9b:: on to addresses that are for documentation
_TAYGA = """
tun-device nat64
ipv4-addr 192.168.255.1
ipv6-addr fd00:3::1
prefix {prefix}/96
dynamic-pool 192.168.255.0/24
data-dir {folder}
"""
_DEVICE = f"""
set -e
tayga --mktun --config tayga.conf
ip link set nat64 up
ip route add 192.168.255.0/24 dev nat64
ip -6 route add {PREFIX}/96 dev nat64
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
"""


@contextlib.contextmanager
def nat64(network: Network, folder: pathlib.Path) -> Iterator[None]:
    """Take the client's IPv4 away, and have the server's namespace translate, until the block is left."""
    (folder / "tayga.conf").write_text(_TAYGA.format(prefix=PREFIX, folder=folder))
    there = ("ip", "netns", "exec", network.server)
    made = subprocess.run(
        [*there, "sh", "-c", _DEVICE], cwd=folder, capture_output=True, text=True, check=False, timeout=READY_SECONDS
    )
    assert not made.returncode, made.stderr
    try:
        with subprocess.Popen(
            [*there, "tayga", "--nodetach", "--config", "tayga.conf"], cwd=folder, stdout=subprocess.DEVNULL
        ) as tayga:
            try:
                with network.no_way_to_ipv4():
                    yield
            finally:
                tayga.terminate()
    finally:
        subprocess.run([*there, "ip", "link", "del", "nat64"], check=True)
