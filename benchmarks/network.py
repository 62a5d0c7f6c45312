"""Regions that are far: two network namespaces of the benchmark's own, joined by a process that delays packets.

The whole benchmark runs in the near one, to which it moves by `unshare` before it does anything, and a name server and
a WebSocket server run in the far one. A user namespace makes that possible for an ordinary user. So names, SYNs and
all take as long as they would over a long line, which a delay inside of a server or a proxy cannot do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from benchmarks.certificates import Certificates
from benchmarks.processes import Service, python
from benchmarks.tun import open_tun

ROUND_TRIPS_MS = (
    *(2, 8, 12, 15, 20, 25, 30, 35, 75, 80, 90, 95, 105, 115, 120),
    *(130, 145, 150, 165, 175, 190, 200, 220, 235, 250),
)
ADDRESSES = [f"10.77.1.{number}" for number in range(1, len(ROUND_TRIPS_MS) + 1)]
NAMES = [f"r{number:02}.bench.test" for number in range(1, len(ROUND_TRIPS_MS) + 1)]  # as `names` knows them
BLACK_HOLES = [f"10.77.1.{number + 100}" for number in range(1, len(ROUND_TRIPS_MS) + 1)]
NAME_SERVER_MS = 60

_NEAR, _FAR, _NAME_SERVER = "10.77.0.1", "10.77.1.0/24", "10.77.1.200"
_NAMESPACES = ("--net", "--mount")
_USER = ("--user", "--map-root-user")
_PROGRAMS = ("unshare", "nsenter", "ip", "mount")
_CONFIGURATION = {
    "/etc/resolv.conf": f"nameserver {_NAME_SERVER}\noptions timeout:5 attempts:1\n",
    "/etc/nsswitch.conf": "hosts: files dns\n",  # and no resolver of the machine's, which would be asked by a socket
}


class NoNamespaces(Exception):
    """This machine does not let this user make such a network; says why."""


def move(arguments: list[str]) -> NoReturn:
    """Run the benchmark anew with these arguments in namespaces of its own, in this very process."""
    command = [*_unshare(), sys.executable, "-m", "benchmarks", *arguments]
    os.execvp(command[0], command)


def set_up_loopback() -> None:
    """A new namespace has a loopback that is down."""
    _run("ip", "link", "set", "lo", "up")


@contextmanager
def far_side(folder: Path, certificates: Certificates) -> Iterator[tuple[Service, Service]]:
    """Give the server of the far regions and the process that delays."""
    for name, content in _CONFIGURATION.items():
        if Path(name).exists():
            file = folder / Path(name).name
            file.write_text(content)
            _run("mount", "--bind", str(file), os.path.realpath(name))
    near = open_tun("near")
    try:
        _run("ip", "address", "add", f"{_NEAR}/32", "dev", "near")
        _run("ip", "link", "set", "near", "up")
        _run("ip", "route", "add", _FAR, "dev", "near", "src", _NEAR)
        delays = Service(["unshare", "--net", *python("delays", str(near), "far", _table())], keeps=[near])
    finally:
        os.close(near)
    with delays:
        there = ("nsenter", f"--net=/proc/{delays.pid}/ns/net")
        _run(*there, "ip", "link", "set", "lo", "up")
        _run(*there, "ip", "address", "add", _FAR.replace(".0/", ".1/"), "dev", "lo")  # all of it: on `lo` that is so
        _run(*there, "ip", "link", "set", "far", "up")
        _run(*there, "ip", "route", "add", _NEAR, "dev", "far")
        with (
            Service([*there, *python("names", _NAME_SERVER)]),
            Service([*there, *python("server", "0.0.0.0", "1", certificates.chain, certificates.key)]) as server,
        ):
            yield server, delays


def _table() -> str:
    """Return the round trips in seconds by the last byte of the address; what is not among them is a black hole."""
    regions = {address.rpartition(".")[2]: trip / 1000 for address, trip in zip(ADDRESSES, ROUND_TRIPS_MS, strict=True)}
    return json.dumps({**regions, _NAME_SERVER.rpartition(".")[2]: NAME_SERVER_MS / 1000})


def _unshare() -> list[str]:
    """Return the command that makes the namespaces, after a trial with a TUN device in them."""
    if sys.platform != "linux":
        raise NoNamespaces("network namespaces are Linux'")
    for program in _PROGRAMS:
        if not shutil.which(program):
            raise NoNamespaces(f"{program} is not installed (util-linux and iproute2 have these programs)")
    reason = ""
    for user in ((), _USER) if os.geteuid() == 0 else (_USER,):
        command = ["unshare", *user, *_NAMESPACES]
        tried = subprocess.run(
            [*command, "ip", "tuntap", "add", "dev", "trial", "mode", "tun"],
            capture_output=True,
            text=True,
            check=False,
        )
        if tried.returncode == 0:
            return command
        reason = " ".join(tried.stderr.split())
    raise NoNamespaces(f"{' '.join(command)}, and a TUN device there: {reason}")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
