"""What networks are made with: names, addresses and ports that a seed decides, servers, name servers, firewall rules.

All networks share one client, which has an address of its own, and one machine with many addresses, which is the way
there as well. Each network has hosts of its own, so that no rule of one meets another.
"""

from __future__ import annotations

import functools
import pathlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import trustme

CLIENT, NAME_SERVER, SECOND_NAME_SERVER, SILENT_NAME_SERVER = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"
IPV6_PREFIX = "fd5e:0:0:0:0:0"
_WORDS = ("alder", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine", "rowan", "spruce", "yew")
_PORTS = range(10_000, 32_000)


@attrs.frozen
class Host:
    """A name, its address, and the files of its certificate: right, and signed by the authority that clients trust."""

    name: str
    address: str
    pem: str


@attrs.frozen(kw_only=True)
class Network:
    """What was made: whom to test, how, and what the debugger has to say of the region `bad`.

    Attributes:
        suspects: Any of these is right; "cannot be told" always is no mistake.
        regions: URLs by name; `bad` fails.
        arguments: More for `wsconn.start_debug`.
        environment: Variables of the client.
        etc: Its files in /etc, by name.
        at: A time that the client's clock shows, as faketime writes it.
    """

    suspects: frozenset[str]
    regions: Mapping[str, str]
    arguments: Mapping[str, Any] = {}
    environment: Mapping[str, str] = {}
    etc: Mapping[str, str] = {}
    at: str | None = None

    @property
    def alone(self) -> bool:
        """Whether it needs a client of its own."""
        return bool(self.environment or self.etc or self.at)


class Making:
    """Collects what the networks of one run need."""

    def __init__(self, seed: int, folder: pathlib.Path) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self.authority = trustme.CA(organization_name="Public Authority")
        self.roots = folder / "roots.pem"
        self.gateway = trustme.CA(organization_name="Zscaler Inc.", organization_unit_name="Zscaler Root CA")
        for trusted in (self.authority, self.gateway):
            trusted.cert_pem.write_to_path(self.roots, append=True)
        self.zone = f"{self._word()}.test"
        self.servers: list[dict[str, Any]] = []
        self.tables: dict[str, dict[str, Any]] = {NAME_SERVER: {}, SECOND_NAME_SERVER: {}}
        self.incoming: list[str] = [f"ip daddr {SILENT_NAME_SERVER} udp dport 53 drop"]
        self.outgoing: list[str] = []
        self.forbidden: list[str] = []  # addresses that the client's own routes forbid
        self.addresses: list[str] = []
        self.programs: list[tuple[str, str]] = []  # a squid's configuration, or another's, by kind
        self._ports: set[int] = set()
        self.good = self.host()
        for at, does in ((443, self.good.pem), (80, None)):
            self.server(self.good, at, pem=does)

    def port(self) -> int:
        """Return a port that nothing else uses."""
        port = self.random.choice([port for port in _PORTS if port not in self._ports])
        self._ports.add(port)
        return port

    def address(self, *, family: int = 4) -> str:
        """Return an address of the servers' machine that nothing else uses, in IPv4 or 6."""
        number = len(self.addresses)
        in_ipv4 = f"198.51.{100 + number // 200}.{1 + number % 200}"
        self.addresses.append(in_ipv4 if family == 4 else f"{IPV6_PREFIX}:1:{number:x}")
        return self.addresses[-1]

    def host(self, authority: trustme.CA | None = None, *, known: bool = True, **certificate: Any) -> Host:
        """Make a host with an address and a certificate; `known`: the name servers know it."""
        name = f"{self._word()}.{self.zone}"
        address = self.address()
        if known:
            for table in self.tables.values():
                table[name] = {"A": [address]}
        return Host(name, address, self.certificate(authority or self.authority, name, **certificate))

    def certificate(self, authority: trustme.CA, name: str, **settings: Any) -> str:
        """Write a key and a certificate for a name, and return the file's."""
        path = self.folder / f"{name}-{self.random.getrandbits(32):08x}.pem"
        issued = authority.issue_cert(name, **settings)
        issued.private_key_and_cert_chain_pem.write_to_path(str(path))
        return str(path)

    def server(self, host: Host, port: int, does: str = "healthy", **settings: Any) -> str:
        """Have a server at a host and port, with TLS unless `pem` is `None`, and return its URL."""
        pem = settings.setdefault("pem", host.pem)
        self.servers.append({"at": [host.address, port], "does": does, **settings})
        scheme = "wss" if pem else "ws"
        return f"{scheme}://{host.name}:{port}/"

    def url(self, *, scheme: str = "wss") -> str:
        """Return the URL of the region that passes."""
        return f"{scheme}://{self.good.name}/"

    def seen_anywhere(self, port: int, text: str, verdict: str, places: range) -> list[str]:
        """Make rules for packets to a port that hold a text: nftables compares at a place, and 16 bytes at most."""
        rules = []
        for place in places:
            parts = [(place + at, text[at : at + 16].encode()) for at in range(0, len(text), 16)]
            found = " ".join(f"@ih,{at * 8},{len(part) * 8} 0x{part.hex()}" for at, part in parts)
            rules.append(f"tcp dport {port} {found} {verdict}")
        return rules

    def _word(self) -> str:
        return f"{self.random.choice(_WORDS)}-{self.random.getrandbits(20):05x}"


Maker = Callable[[Making], Network]
NETWORKS: dict[str, Maker] = {}


def network(*suspects: str) -> Callable[[Callable[[Making], Mapping[str, Any]]], None]:
    """Add a function to the table: it makes a network whose one culprit is among `suspects`."""

    def add(make: Callable[[Making], Mapping[str, Any]]) -> None:
        @functools.wraps(make)
        def made(making: Making) -> Network:
            fields = dict(make(making))
            bad = fields.pop("bad")
            regions = {**fields.pop("others", {"good": making.url()}), "bad": bad}
            return Network(suspects=frozenset(suspects), regions=regions, **fields)

        NETWORKS[make.__name__] = made

    return add


def name_server_lines(*servers: str, more: Sequence[str] = ()) -> str:
    """Write a resolv.conf."""
    return "\n".join([*(f"nameserver {server}" for server in servers), *more, ""])
