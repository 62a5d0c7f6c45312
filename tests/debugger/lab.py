"""Makes all networks of a seed, runs the debugger in each, and takes everything away again.

Two namespaces with a cable between them: the client's, and that of the servers, the name servers, the proxies and the
firewall. There is no route to the machine that they are made on.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import pickle
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs

from tests.components.namespaces import ROOT, _ip, _missing, _namespace, _resolver_files, _run
from tests.debugger.making import (
    CLIENT,
    IPV6_PREFIX,
    NAME_SERVER,
    SECOND_NAME_SERVER,
    SILENT_NAME_SERVER,
    Maker,
    Making,
    Network,
)
from wsconn import DebugReport

TIMEOUT_SECONDS = 3.0
AT_ONCE = 8  # clients
_TOGETHER = 7  # networks for one client
_READY_SECONDS = 20.0
_FAKETIME = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
_PROGRAMS = {"squid": ("-N", "-f"), "haproxy": ("-f",), "nginx": ("-p", ".", "-c")}
# What a client sees in /etc is its own: a mount over it, in the mount namespace that `ip netns exec` makes.
_WITH_ETC = 'for f in "$1"/*; do mount --bind "$f" "/etc/$(basename "$f")" || exit 1; done; shift; exec "$@"'

missing = _missing


@attrs.frozen
class Lab:
    """The networks of one seed, made."""

    networks: Mapping[str, Network]
    client: str
    roots: pathlib.Path
    folder: pathlib.Path

    def reports(self) -> dict[str, DebugReport]:
        """Run the debugger in every network, and return what it says, by the network's name."""
        together = [name for name, network in self.networks.items() if not network.alone]
        batches = [[name] for name, network in self.networks.items() if network.alone]
        batches += [together[at : at + _TOGETHER] for at in range(0, len(together), _TOGETHER)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return {name: report for found in pool.map(self._run, batches) for name, report in found.items()}

    def _run(self, names: Sequence[str]) -> dict[str, DebugReport]:
        networks = {name: self.networks[name] for name in names}
        given = {name: self._arguments(network) for name, network in networks.items()}
        first = networks[names[0]]
        command = [*self._within(names[0], first), sys.executable, "-m", "tests.debugger.client"]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**_without_proxies(), **first.environment, **_clock(first)},
            input=json.dumps(given).encode() + b"\n",
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert not done.returncode, done.stderr.decode()
        reports: dict[str, DebugReport] = pickle.loads(done.stdout)
        return reports

    def _arguments(self, network: Network) -> dict[str, Any]:
        return {
            "regions": dict(network.regions),
            "timeout": TIMEOUT_SECONDS,
            "roots": str(self.roots),
            "proxy": None,
            **network.arguments,
        }

    def _within(self, name: str, network: Network) -> list[str]:
        command = ["ip", "netns", "exec", self.client]
        if not network.etc:
            return command
        folder = self.folder / f"etc-{name}"
        folder.mkdir()
        for file, text in network.etc.items():
            (folder / file).write_text(text)
        return [*command, "sh", "-c", _WITH_ETC, "with-etc", str(folder)]


@contextlib.contextmanager
def made(seed: int, folder: pathlib.Path, makers: Mapping[str, Maker]) -> Iterator[Lab]:
    """Make networks; nothing of them stays behind."""
    making = Making(seed, folder)
    networks = {name: make(making) for name, make in makers.items()}
    client, server = f"wsconn-debug-client-{os.getpid()}-{seed}", f"wsconn-debug-server-{os.getpid()}-{seed}"
    with contextlib.ExitStack() as stack:
        for name in (client, server):
            stack.enter_context(_namespace(name))
        stack.enter_context(_resolver_files(client))
        _lay_cable(client, server, making)
        stack.enter_context(_running(server, "name_servers", making.tables))
        stack.enter_context(_running(server, "servers", making.servers))
        programs = [
            stack.enter_context(_program(server, kind, configuration, folder / f"{kind}-{number}"))
            for number, (kind, configuration) in enumerate(making.programs)
        ]
        stack.callback(lambda: [program.terminate() for program in programs])  # all at once, then wait for each
        rules = ["table inet firewall {"]
        for hook, chain in (("input", making.incoming), ("output", making.outgoing)):
            rules += [f"chain {hook} {{", f"type filter hook {hook} priority 0; policy accept;", *chain, "}"]
        _run("ip", "netns", "exec", server, "nft", "-f", "-", given="\n".join([*rules, "}\n"]))
        yield Lab(networks, client, making.roots, folder)


def _lay_cable(client: str, server: str, making: Making) -> None:
    _ip(client, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", server)
    lines = {
        client: [f"address add {CLIENT}/24 dev eth0", "link set lo up", "link set eth0 up"],
        server: ["link set lo up", "link set eth0 up"],
    }
    lines[client] += ["route add default via 192.0.2.2", f"address add {IPV6_PREFIX}:0:1/64 dev eth0 nodad"]
    lines[client] += [f"route add prohibit {address}" for address in making.forbidden]
    served = [f"{address}/24" for address in (NAME_SERVER, SECOND_NAME_SERVER, SILENT_NAME_SERVER)]
    served += [f"{address}/64 nodad" if ":" in address else f"{address}/32" for address in making.addresses]
    lines[server] += [f"address add dev eth0 {address}" for address in served]
    for name in (server, client):
        _run("ip", "-n", name, "-batch", "-", given="\n".join([*lines[name], ""]))
    _run("ip", "netns", "exec", server, "tee", "/proc/sys/net/ipv4/icmp_ratelimit", given="0")


@contextlib.contextmanager
def _running(namespace: str, program: str, given: object) -> Iterator[None]:
    """Run a program of this folder; it ends with its standard input."""
    command = ["ip", "netns", "exec", namespace, sys.executable, "-m", f"tests.debugger.{program}"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(json.dumps(given).encode() + b"\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], _READY_SECONDS)
            assert ready, f"{program} was not ready within {_READY_SECONDS} s"
            assert process.stdout.readline() == b"ready\n", f"{program} ended at once"
            yield
        finally:
            process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


@contextlib.contextmanager
def _program(namespace: str, kind: str, configuration: str, folder: pathlib.Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program that others wrote, from when it listens until the block is left."""
    folder.mkdir()
    (folder / "configuration").write_text(configuration)
    found = shutil.which(kind) or shutil.which(kind, path="/usr/sbin")
    assert found, f"{kind} is not installed (tests/components/install)"
    command = ["ip", "netns", "exec", namespace, found, *_PROGRAMS[kind], str(folder / "configuration")]
    with (folder / "output").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        _wait_until_listening(namespace, process.pid, folder)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_listening(namespace: str, pid: int, folder: pathlib.Path) -> None:
    for _ in range(400):
        if f"pid={pid}," in _run("ip", "netns", "exec", namespace, "ss", "-ltnpH"):
            return
        time.sleep(0.05)
    raise AssertionError((folder / "output").read_text(errors="replace"))


def _without_proxies() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def _clock(network: Network) -> dict[str, str]:
    if network.at is None:
        return {}
    assert _FAKETIME, "libfaketime is not installed (tests/components/install)"
    return {"LD_PRELOAD": str(_FAKETIME), "FAKETIME": network.at, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
