"""A Kerberos realm on loopback: MIT's KDC, a user, the service of the proxies, and tickets."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping

import attrs

from tests.components.configurations import write_configuration
from tests.components.programs import free_port, running

USER, PASSWORD = "bob", "sesame"
REALM = "CORP.TEST"
SERVICE = "HTTP/localhost"
SHORT_SECONDS = 1  # of a ticket that is to expire; no shorter one is given


@attrs.frozen
class Realm:
    """A realm. `folder` can be read by the users that proxies run as, which pytest's folders cannot."""

    folder: pathlib.Path
    environment: Mapping[str, str]

    @property
    def keytab(self) -> pathlib.Path:
        """The key of the service."""
        return self.folder / "http.keytab"

    def with_ticket(self, name: str, *options: str) -> dict[str, str]:
        """Log the user in, and return the environment in which the ticket is found."""
        environment = self.with_cache(name)
        _run("kinit", *options, USER, environment=environment, given=f"{PASSWORD}\n")
        return environment

    def with_cache(self, name: str) -> dict[str, str]:
        """Return an environment in which tickets are looked for in a cache of this name."""
        return {**self.environment, "KRB5CCNAME": f"FILE:{self.folder / name}"}

    def with_kdc_at(self, port: int, environment: Mapping[str, str]) -> dict[str, str]:
        """Return an environment in which the KDC is looked for at another port."""
        folder = self.folder / str(port)
        folder.mkdir(exist_ok=True)
        return {**environment, "KRB5_CONFIG": str(write_configuration("krb5.conf", folder, kdc=port))}


@contextlib.contextmanager
def realm(folder: pathlib.Path) -> Iterator[Realm]:
    """Run a KDC; its output goes into `folder`, all else into one that everybody can read."""
    shared = pathlib.Path(tempfile.mkdtemp(prefix="wsconn-realm-"))
    try:
        shared.chmod(0o777)
        port = free_port()
        files = {
            "KRB5_CONFIG": str(write_configuration("krb5.conf", shared, kdc=port)),
            "KRB5_KDC_PROFILE": str(write_configuration("kdc.conf", shared, kdc=port, folder=shared)),
            "KRB5RCACHENAME": f"file2:{shared / 'replays'}",  # in which squid keeps what it has seen
        }
        here = Realm(shared, files)
        _run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master", environment=files)
        for request in (
            f"addprinc -pw {PASSWORD} {USER}",
            f"addprinc -randkey {SERVICE}",
            f"ktadd -k {here.keytab} {SERVICE}",
        ):
            _run("kadmin.local", "-q", request, environment=files)
        here.keytab.chmod(0o644)
        with running(("/usr/sbin/krb5kdc", "-n"), folder=folder, ports=[port], environment=files):
            yield here
    finally:
        shutil.rmtree(shared)


@contextlib.contextmanager
def mute_kdc() -> Iterator[int]:
    """Take what a KDC is asked, over UDP and TCP, and say nothing."""
    port = free_port()
    with (
        socket.create_server(("127.0.0.1", port)),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
    ):
        datagrams.bind(("127.0.0.1", port))
        yield port


def _run(*command: str, environment: Mapping[str, str], given: str = "") -> None:
    done = subprocess.run(
        command, env={**os.environ, **environment}, input=given.encode(), capture_output=True, timeout=30, check=False
    )
    assert not done.returncode, done.stderr.decode()
