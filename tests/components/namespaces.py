"""A client and a server, each in a network namespace of its own, and a cable between them that leads nowhere else.

The server's namespace is also the firewall on the way, and the client's name server. It has nine addresses in each
family: `ALIVE` is the last, which names lead to; the eight `DEAD` ones before it are there for rules to drop. There is
no route to the machine that the namespaces are made on.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

import pytest
import trustme

DEAD = ([f"198.51.100.{n}" for n in range(1, 9)], [f"fd00:2::{n}" for n in range(1, 9)])
ALIVE = ("198.51.100.9", "fd00:2::9")
_ANY_IPV6 = "2000::/3"  # all that is given out (RFC 4291, section 2.4)
LAN, VPN, _VPN_GATEWAY = "192.0.2.1", "10.8.0.2", "10.8.0.1"
NAME_SERVER = "192.0.2.2"  # RFC 5737; beside it the range of RFC 4193
READY_SECONDS = 20.0
ROOT = pathlib.Path(__file__).parents[2]
_FILES = {"resolv": "resolv.conf", "hosts": "hosts"}
ETC = pathlib.Path("/etc/netns")  # `ip netns exec NAME` mounts what is in ETC/NAME over /etc

# Both programs are in one `ip netns exec`, which has mounts of its own: no other program asks this nscd.
_BESIDE_NSCD = """
mount -t tmpfs none /run/nscd || exit 1
nscd --foreground --config-file "$1" >&2 & nscd=$!
for _ in $(seq 200); do [ -S /run/nscd/socket ] && break; sleep 0.05; done
shift
"$@"; code=$?
kill $nscd; wait $nscd
exit $code
"""
_CABLE = """
link set lo up
link set eth0 up
address add {v4} dev eth0
address add {v6} dev eth0 nodad
"""


class Network:
    """The two namespaces, with a name server and region servers running; leaving the block removes all of it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.client = f"wsconn-client-{os.getpid()}"
        self.server = f"wsconn-server-{os.getpid()}"
        self.roots = folder / "roots.pem"  # what the client has to trust
        self._identity = folder / "server.pem"
        self._stack = contextlib.ExitStack()
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Network:
        with self._stack as stack:
            self._issue_certificate()
            stack.enter_context(_namespace(self.client))
            stack.enter_context(_namespace(self.server))
            stack.enter_context(_resolver_files(self.client))
            self._lay_cable()
            self._let_icmp_pass()
            stack.enter_context(self.running("name_server"))
            stack.enter_context(self.running("region_server", str(self._identity)))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextlib.contextmanager
    def firewall(self, *, incoming: Sequence[str] = (), outgoing: Sequence[str] = ()) -> Iterator[None]:
        """Apply nftables' rules to what comes to the server, and to what leaves it, until the block is left."""
        table = ["table inet firewall {"]
        for hook, rules in (("input", incoming), ("output", outgoing)):
            table += [f"chain {hook} {{", f"type filter hook {hook} priority 0; policy accept;", *rules, "}"]
        try:
            _run("ip", "netns", "exec", self.server, "nft", "-f", "-", given="\n".join([*table, "}\n"]))
            yield
        finally:
            _run("ip", "netns", "exec", self.server, "nft", "flush", "ruleset")

    @contextlib.contextmanager
    def forbidden_route(self, destination: str) -> Iterator[None]:
        """Let the client's own system forbid all that goes to an address."""
        _ip(self.client, "route", "add", "prohibit", destination)
        try:
            yield
        finally:
            _ip(self.client, "route", "del", "prohibit", destination)

    @contextlib.contextmanager
    def vpn(self) -> Iterator[None]:
        """Lay a second cable, over which goes what comes from the address `VPN`, until the block is left."""
        _ip(self.client, "link", "add", "vpn0", "type", "veth", "peer", "name", "vpn0", "netns", self.server)
        try:
            for name, address in ((self.client, VPN), (self.server, _VPN_GATEWAY)):
                _ip(name, "link", "set", "vpn0", "up")
                _ip(name, "address", "add", f"{address}/24", "dev", "vpn0")
            _ip(self.client, "rule", "add", "from", VPN, "table", "100")
            _ip(self.client, "route", "add", "198.51.100.0/24", "via", _VPN_GATEWAY, "table", "100")
            yield
        finally:
            _ip(self.client, "link", "del", "vpn0")
            with contextlib.suppress(AssertionError):  # it may never have been made
                _ip(self.client, "rule", "del", "from", VPN)

    @contextlib.contextmanager
    def no_way_to_ipv6(self) -> Iterator[None]:
        """Take the client's way to the IPv6 internet away, as many offices have none, until the block is left."""
        _ip(self.client, "route", "del", _ANY_IPV6)
        try:
            yield
        finally:
            self._lay_routes()

    @contextlib.contextmanager
    def settings(self, **texts: str) -> Iterator[None]:
        """Add to the client's files in /etc (`resolv`, `hosts`) until the block is left."""
        files = {_FILES[name]: text for name, text in texts.items()}
        before = {name: (ETC / self.client / name).read_text() for name in files}
        try:
            for name, text in files.items():
                (ETC / self.client / name).write_text(f"{before[name]}{text}\n")
            yield
        finally:
            for name, text in before.items():
                (ETC / self.client / name).write_text(text)

    @contextlib.contextmanager
    def no_way_to_ipv4(self) -> Iterator[None]:
        """Leave the client IPv6 alone, until the block is left; its name server is on the same cable."""
        _ip(self.client, "route", "del", "198.51.100.0/24")
        try:
            yield
        finally:
            self._lay_routes()

    @contextlib.contextmanager
    def dead_name_server(self, address: str) -> Iterator[None]:
        """Let the client's resolver ask first a name server that is silent."""
        path = ETC / self.client / "resolv.conf"
        before = path.read_text()
        try:
            path.write_text(f"nameserver {address}\n{before}")
            with self.firewall(incoming=[f"ip daddr {address} udp dport 53 drop"]):
                yield
        finally:
            path.write_text(before)

    @contextlib.contextmanager
    def interface_down(self) -> Iterator[None]:
        """Take the client's interface down, and up again when the block is left."""
        _ip(self.client, "link", "set", "eth0", "down")
        try:
            yield
        finally:
            _ip(self.client, "link", "set", "eth0", "up")
            _ip(self.client, "address", "replace", "fd00:1::1/64", "dev", "eth0", "nodad")  # Linux forgets it
            self._lay_routes()

    @contextlib.contextmanager
    def name_cache(self, folder: pathlib.Path) -> Iterator[list[str]]:
        """Give a command that runs another one beside an nscd of its own, on a /run/nscd that nobody else sees."""
        configuration = folder / "nscd.conf"
        configuration.write_text("enable-cache hosts yes\npersistent hosts no\n")
        yield ["sh", "-c", _BESIDE_NSCD, "beside-nscd", str(configuration)]

    def left(self) -> list[str]:
        """Name what is still there: of a network that was left, nothing may be."""
        namespaces = _run("ip", "netns", "list").split()
        names = [name for name in (self.client, self.server) if name in namespaces or (ETC / name).exists()]
        return names + [f"process {process.pid}" for process in self._processes if process.poll() is None]

    def _issue_certificate(self) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.roots)
        authority.issue_cert("*.wsconn.test").private_key_and_cert_chain_pem.write_to_path(self._identity)

    def _lay_cable(self) -> None:
        _ip(self.client, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", self.server)
        for name, n in ((self.client, 1), (self.server, 2)):
            _run("ip", "-n", name, "-batch", "-", given=_CABLE.format(v4=f"192.0.2.{n}/24", v6=f"fd00:1::{n}/64"))
        self._lay_routes()
        served = [*(f"{v4}/32" for v4 in (*DEAD[0], ALIVE[0])), *(f"{v6}/128 nodad" for v6 in (*DEAD[1], ALIVE[1]))]
        for address in served:
            _ip(self.server, "address", "add", "dev", "eth0", *address.split())

    def _lay_routes(self) -> None:
        for way in ("198.51.100.0/24 via 192.0.2.2", "fd00:2::/64 via fd00:1::2", f"{_ANY_IPV6} via fd00:1::2"):
            _ip(self.client, "route", "replace", *way.split())

    def _let_icmp_pass(self) -> None:
        """Lift Linux' limit of ICMP errors, about one a second, so that no case eats the next one's."""
        for knob in ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit"):
            _run("ip", "netns", "exec", self.server, "tee", f"/proc/sys/net/{knob}", given="0")

    @contextlib.contextmanager
    def running(self, program: str, *arguments: str) -> Iterator[None]:
        """Run a program of this folder in the server's namespace; it ends with its standard input."""
        command = ["ip", "netns", "exec", self.server, sys.executable, "-m", f"tests.components.{program}", *arguments]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin
            assert process.stdout
            self._processes.append(process)
            try:
                ready, _, _ = select.select([process.stdout], [], [], READY_SECONDS)
                assert ready, f"{program} was not ready within {READY_SECONDS} s"
                assert process.stdout.readline() == b"ready\n", f"{program} ended at once"
                yield
            finally:
                process.stdin.close()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()


@contextlib.contextmanager
def network_in(folder: pathlib.Path, make: Callable[[pathlib.Path], Network] = Network) -> Iterator[Network]:
    """Make a network, or skip where one cannot be made; in CI that is an error. Nothing of it stays."""
    if missing := _missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no network namespaces here: {missing}")
    with make(folder) as network:
        yield network
    assert not network.left()


def _missing() -> str | None:
    if sys.platform != "linux":
        return "they are Linux' own"
    if os.geteuid():
        return "they need root"
    if absent := [program for program in ("ip", "nft", "unshare") if not shutil.which(program)]:
        return f"{', '.join(absent)} not installed (tests/components/install)"
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        return "this root may not make them (CAP_SYS_ADMIN)"
    return None


@contextlib.contextmanager
def _namespace(name: str) -> Iterator[None]:
    _run("ip", "netns", "add", name)
    try:
        yield
    finally:
        _run("ip", "netns", "delete", name)


@contextlib.contextmanager
def _resolver_files(namespace: str) -> Iterator[None]:
    """Give a namespace files of its own. They have no options: what glibc does by itself is what users have."""
    folder = ETC / namespace
    folder.mkdir(parents=True)
    try:
        (folder / "resolv.conf").write_text(f"nameserver {NAME_SERVER}\n")
        (folder / "hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
        (folder / "nsswitch.conf").write_text("hosts: files dns\n")
        yield
    finally:
        shutil.rmtree(folder)
        with contextlib.suppress(OSError):  # others may have theirs there
            ETC.rmdir()


def _ip(namespace: str, *arguments: str) -> None:
    _run("ip", "-n", namespace, *arguments)


def _run(*command: str, given: str = "") -> str:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False, timeout=READY_SECONDS)
    assert not done.returncode, f"{' '.join(command)}: {done.stderr[:2000]}"
    return done.stdout
