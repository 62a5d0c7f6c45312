"""Resolvers by others on the machine itself, before the suite's own name server: what each makes of its answers."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping

import attrs
import pytest

from tests.components.check_in_namespace import check_in
from tests.components.configurations import write_configuration
from tests.components.conftest import Row
from tests.components.name_server import host
from tests.components.namespaces import ALIVE, NAME_SERVER, ROOT, Network, network_in
from tests.components.nat64 import PREFIX, nat64

pytestmark = pytest.mark.components

_HERE = "127.0.0.1"
# Both are in one `ip netns exec`, which has mounts of its own: no other program asks this resolver.
_BESIDE = """
mount --bind resolv.conf /etc/resolv.conf || exit 1
sh -c "$1" >&2 & resolver=$!
for _ in $(seq 200); do ss -Hlun "sport = :53" | grep -q . && break; sleep 0.05; done
cd "$2"; shift 2
"$@"; code=$?
kill $resolver; wait $resolver
exit $code
"""


@attrs.frozen(kw_only=True)
class Resolver:
    """How one is started in its folder, with which configuration, and what is filled in there."""

    command: str
    configuration: str = ""
    values: Mapping[str, str] = {}


def _unbound(modules: str, anchor: str = "") -> Resolver:
    values = {"modules": modules, "prefix": PREFIX, "anchor": anchor}
    return Resolver(command="unbound -d -c unbound.conf", configuration="unbound.conf", values=values)


_RESOLVERS = {
    "dnsmasq": Resolver(
        command="dnsmasq --keep-in-foreground --conf-file=/dev/null --listen-address=127.0.0.1 --bind-interfaces"
        f" --no-resolv --server={NAME_SERVER} --user=root --pid-file="
    ),
    "unbound": _unbound("iterator"),
    "bind9": Resolver(command="named -g -c named.conf", configuration="named.conf"),
    "knot-resolver": Resolver(command="kresd -n -c kresd.conf .", configuration="kresd.conf"),
    "pdns-recursor": Resolver(command="pdns_recursor --config-dir=.", configuration="recursor.conf"),
}
_ONLINE = "Check that this machine is online"  # a resolver on the machine answers when it is not, too
_NAMES = {  # by the case: the name, what is expected, a fact and the first thing to do
    "A and AAAA answered": (host(a="ok", aaaa="ok"), "passed", "", ""),
    "A answered, AAAA dropped": (host(a="ok", aaaa="mute"), "passed", "", ""),
    "NXDOMAIN": (host(a="nxdomain", aaaa="nxdomain"), "resolve/dns_not_found", "does not exist", "Check the spelling"),
    "no data": (host(a="none", aaaa="none"), "resolve/dns_not_found", "has no address", "exists, but has no address"),
    "SERVFAIL": (host(a="servfail", aaaa="servfail"), "resolve/dns_failed", "EAI_AGAIN", _ONLINE),
    "REFUSED": (host(a="refused", aaaa="refused"), "resolve/dns_failed", "EAI_AGAIN", _ONLINE),
    "sinkhole 0.0.0.0": (host(a="sinkhole", aaaa="none"), "resolve/dns_blocked", "resolves to 0.0.0.0", ""),
}
# By a rule of its configuration.
_DROPPED = (f"dropped.{host(a='ok', aaaa='ok')}", "resolve/dns_failed", "EAI_AGAIN", _ONLINE)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network_in(tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.mark.parametrize("name", _RESOLVERS)
def test_resolver(name: str, network: Network, tmp_path: pathlib.Path, row: Row) -> None:
    """Whatever stands between, each answer is known for what it is; a family that is dropped costs a moment."""
    names: Mapping[str, tuple[str, str, str, str]] = _NAMES
    if name == "knot-resolver":
        names = {**_NAMES, "its policy.DROP": _DROPPED}
    regions = {case: f"ws://{asked}/" for case, (asked, *_) in names.items()}
    result = check_in(network, regions, timeout=5, within=_beside(_RESOLVERS[name], tmp_path))
    for case, (_, expected, fact, first) in names.items():
        outcome = result.outcome(case)
        row(name, case, expected, outcome, fact=fact, first=first)
        assert outcome.duration < 2


def test_dnssec(network: Network, tmp_path: pathlib.Path, row: Row) -> None:
    """An answer without the signature that there should be is told as a name server that fails, and at once."""
    anchor = f'trust-anchor: "wsconn.test. DS 1 8 2 {"0" * 64}"'
    within = _beside(_unbound("validator iterator", anchor), tmp_path)
    result = check_in(network, {"bogus": f"ws://{host(a='ok', aaaa='ok')}/"}, timeout=10, within=within)
    outcome = result.outcome("bogus")
    row("unbound", "DNSSEC: no signature", "resolve/dns_failed", outcome, fact="EAI_AGAIN", first=_ONLINE)
    assert outcome.duration < 5


def test_nat64(network: Network, tmp_path: pathlib.Path, row: Row) -> None:
    """Where there is IPv6 alone, a server that has IPv4 alone is reached by its name, and not by its address."""
    only_ipv4 = host(a="ok", aaaa="none")
    regions = {"ws": f"ws://{only_ipv4}/", "wss": f"wss://{only_ipv4}/", "literal": f"ws://{ALIVE[0]}/"}
    within = _beside(_unbound("dns64 iterator"), tmp_path)
    with nat64(network, tmp_path):
        result = check_in(network, regions, timeout=5, within=within)
    for name in ("ws", "wss"):
        row("unbound (DNS64) and tayga (NAT64)", f"a name with A alone, {name}", "passed", result.outcome(name))
        assert PREFIX in (result.outcome(name).address or "")
    case, literal = "an IPv4 address", result.outcome("literal")
    row("unbound (DNS64) and tayga (NAT64)", case, "connect/unreachable", literal, first="Use a URL with the server's")


def _beside(resolver: Resolver, folder: pathlib.Path) -> list[str]:
    """Give a command that runs another one beside a resolver of its own, and prepare the folder of that."""
    (folder / "resolv.conf").write_text(f"nameserver {_HERE}\n")
    if resolver.configuration:
        write_configuration(resolver.configuration, folder, folder=folder, upstream=NAME_SERVER, **resolver.values)
    script = f"cd {folder} || exit 1\n{_BESIDE}"
    return ["sh", "-c", script, "beside", f"exec {resolver.command}", str(ROOT)]
