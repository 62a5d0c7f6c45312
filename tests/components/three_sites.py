"""Three sites, each a network namespace with a Dask worker and a nanny, and a hub that all of them have a cable to.

On the hub are the scheduler, the regions' servers and the sites' name server. A site's machine has a name of its own,
and `WSCONN_SITE` there says where it stands.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from tests.components.namespaces import ALIVE, NAME_SERVER, ROOT, Network, _ip, _namespace, _resolver_files, _run

PORT = 8786  # of the scheduler
SITES = ("vienna", "tokyo", "lima")
END_SECONDS = 20.0
ASK_SECONDS = 90.0  # for nannies to start their workers on a busy machine, too
_HUB = """
link set lo up
address add {alive}/32 dev lo
address add {name_server}/32 dev lo
"""
_QUIET = {"DASK_LOGGING__DISTRIBUTED": "error"}


class Hub(Network):
    """The hub and its sites: what `network_in` makes and takes away."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__(folder)
        self._folder = folder
        self.sites = {site: f"wsconn-{site}-{os.getpid()}" for site in SITES}

    def __enter__(self) -> Hub:
        with self._stack as stack:
            self._issue_certificate()
            stack.enter_context(_namespace(self.server))
            _run("ip", "-n", self.server, "-batch", "-", given=_HUB.format(alive=ALIVE[0], name_server=NAME_SERVER))
            for number, namespace in enumerate(self.sites.values(), 1):
                stack.enter_context(_namespace(namespace))
                stack.enter_context(_resolver_files(namespace))
                self._lay_cable_to(namespace, number)
            self._let_icmp_pass()
            stack.enter_context(self.running("name_server"))
            stack.enter_context(self.running("region_server", str(self._identity)))
            stack.enter_context(self._dask(self.server, "dask_scheduler", "--port", str(PORT), "--no-dashboard"))
            for site in SITES:
                trusted = {} if site == "vienna" else {"SSL_CERT_FILE": str(self.roots)}
                stack.enter_context(self._worker(site, trusted))
            self._stack = stack.pop_all()
        return self

    def left(self) -> list[str]:
        namespaces = _run("ip", "netns", "list").split()
        return super().left() + [name for name in self.sites.values() if name in namespaces]

    def ask(self, regions: Mapping[str, str], *, timeout: float) -> dict[str, dict[str, Any]]:
        """Run `check_everywhere` on the hub, and return what it found, by the address of the site's machine."""
        given = {"scheduler": f"tcp://10.90.1.1:{PORT}", "workers": len(SITES), "regions": regions, "timeout": timeout}
        command = ["ip", "netns", "exec", self.server, sys.executable, "-m", "tests.components.ask_hosts"]
        done = subprocess.run(
            command, cwd=ROOT, input=json.dumps(given), capture_output=True, text=True, check=False, timeout=ASK_SECONDS
        )
        assert not done.returncode, done.stderr
        return {answer["host"]: answer for answer in json.loads(done.stdout)}

    def _lay_cable_to(self, namespace: str, number: int) -> None:
        _ip(namespace, "link", "add", "eth0", "type", "veth", "peer", "name", f"eth{number}", "netns", self.server)
        ends = ((self.server, f"eth{number}", 1), (namespace, "eth0", 2))
        _ip(namespace, "link", "set", "lo", "up")
        for name, device, n in ends:
            _ip(name, "link", "set", device, "up")
            _ip(name, "address", "add", f"10.90.{number}.{n}/24", "dev", device)
        _ip(namespace, "route", "add", "default", "via", f"10.90.{number}.1")

    def _worker(self, site: str, environment: Mapping[str, str]) -> contextlib.AbstractContextManager[None]:
        number = SITES.index(site) + 1
        place = ["--host", f"10.90.{number}.2", "--nthreads", "1", "--no-dashboard", f"tcp://10.90.{number}.1:{PORT}"]
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0-1"; exec "$@"', site]
        environment = {**environment, "WSCONN_SITE": site}
        return self._dask(self.sites[site], "dask_worker", *place, within=named, environment=environment)

    @contextlib.contextmanager
    def _dask(
        self,
        namespace: str,
        program: str,
        *arguments: str,
        within: list[str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Iterator[None]:
        command = [
            "ip",
            "netns",
            "exec",
            namespace,
            *(within or []),
            sys.executable,
            "-m",
            f"distributed.cli.{program}",
        ]
        with subprocess.Popen(
            [*command, *arguments], cwd=self._folder, env={**os.environ, **_QUIET, **(environment or {})}
        ) as process:
            self._processes.append(process)
            try:
                yield
            finally:
                process.terminate()
                try:
                    process.wait(END_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
