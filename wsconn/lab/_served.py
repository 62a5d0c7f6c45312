"""Regions for a program that finds them by its environment, as it does when nobody tests it."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from wsconn.lab._fault import Fault
from wsconn.lab._fault_names import fault_named
from wsconn.lab._lab import Lab

RegionToServe: TypeAlias = Fault | str | Mapping[str, Any]

_LOOPBACK = "127.0.0.1,::1,localhost"


@contextlib.contextmanager
def served(regions: Mapping[str, RegionToServe] = MappingProxyType({})) -> Iterator[Lab]:
    """Serve regions, and have the environment name them until the block is left.

    `WSCONN_REGIONS` names a file with them, and with each that is added later. `no_proxy` names this machine. Where one
    is `wss`, `SSL_CERT_FILE` names the lab's authority, so that a program without an `ssl_context` trusts it.

    Args:
        regions: By name, each as the fault that it has (`"healthy"` for none), or as a mapping of what `Lab.add` takes:
            `{"tls": True, "latency": 0.1}`. A fault of TLS is served with it.
    """
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wsconn-lab-")))
        stack.enter_context(_kept_environment("WSCONN_REGIONS", "no_proxy", "SSL_CERT_FILE"))
        lab = stack.enter_context(_Filed(folder))
        for name, region in regions.items():
            lab.add(name, **_arguments(region))
        yield lab


class _Filed(Lab):
    """A lab whose regions are in a file, which the environment names."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__()
        self._folder = folder
        self._write()
        before = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
        os.environ["no_proxy"] = f"{before},{_LOOPBACK}" if before else _LOOPBACK

    def add(self, name: str, **arguments: Any) -> str:  # noqa: ANN401 - those of `Lab.add`
        url = super().add(name, **arguments)
        self._write()
        return url

    def _write(self) -> None:
        file = self._folder / "regions.json"
        file.write_text(json.dumps({"regions": {name: {"url": url} for name, url in self.regions.items()}}), "utf-8")
        os.environ["WSCONN_REGIONS"] = str(file)
        if any(url.startswith("wss:") for url in self.regions.values()):
            os.environ["SSL_CERT_FILE"] = str(self._authority_file())

    def _authority_file(self) -> pathlib.Path:
        file = self._folder / "authority.pem"
        if not file.exists():
            (authority,) = self.ssl_context.get_ca_certs(binary_form=True)
            file.write_text(ssl.DER_cert_to_PEM_cert(authority), "utf-8")
        return file


def _arguments(region: RegionToServe) -> dict[str, Any]:
    given = dict(region) if isinstance(region, Mapping) else {"fault": region}
    fault = given.get("fault")
    fault = fault_named(fault) if isinstance(fault, str) else fault
    needs_tls = isinstance(fault, Fault) and fault.needs_tls
    return {**given, "fault": fault, "tls": given.get("tls", needs_tls)}


@contextlib.contextmanager
def _kept_environment(*names: str) -> Iterator[None]:
    """Put variables back when the block is left."""
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
