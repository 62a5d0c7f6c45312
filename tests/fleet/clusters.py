"""Dask clusters on loopback: each host is an address of its own, as Linux has 127.0.0.0/8 whole."""

from __future__ import annotations

import contextlib
import logging
import select
import socket
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from distributed import Client, Nanny, Scheduler, SpecCluster, Worker

WAIT_SECONDS = 120.0  # nothing takes as long, unless it hangs
many_addresses = pytest.mark.skipif(sys.platform != "linux", reason="needs all of 127.0.0.0/8")


@contextlib.contextmanager
def cluster(hosts: Mapping[str, Mapping[str, Any]], *, workers: int = 1, processes: bool = False) -> Iterator[Client]:
    """Run a scheduler, and on each host that many workers, with nannies or in this process; `hosts` have options."""
    kind = Nanny if processes else Worker
    specs = {
        f"{host} {number}": {
            "cls": kind,
            "options": {"host": host, "nthreads": 1, "dashboard": False, "silence_logs": logging.CRITICAL, **options},
        }
        for host, options in hosts.items()
        for number in range(workers)
    }
    scheduler = {"cls": Scheduler, "options": {"host": "127.0.0.1", "dashboard": False, "dashboard_address": ":0"}}
    with (
        SpecCluster(workers=specs, scheduler=scheduler, silence_logs=logging.CRITICAL) as made,
        Client(made) as client,
    ):
        if specs:
            client.wait_for_workers(len(specs), timeout=WAIT_SECONDS)
        yield client


class Mute:
    """A server that accepts, and says nothing."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.regions = {"mute": f"ws://127.0.0.1:{self._listener.getsockname()[1]}/"}
        self._peers: list[socket.socket] = []

    def __enter__(self) -> Mute:
        return self

    def __exit__(self, *_: object) -> None:
        for sock in (self._listener, *self._peers):
            sock.close()

    def wait_for(self, number: int) -> None:
        """Wait until that many have come and asked."""
        self._listener.settimeout(WAIT_SECONDS)
        while len(self._peers) < number:
            peer, _ = self._listener.accept()
            peer.settimeout(WAIT_SECONDS)
            self._peers.append(peer)
            assert peer.recv(65536).startswith(b"GET / HTTP/1.1\r\n")

    def wait_for_ends(self) -> None:
        """Wait until all of them have closed."""
        for peer in self._peers:
            with contextlib.suppress(ConnectionResetError):
                assert peer.recv(65536) == b""

    def more(self) -> bool:
        """Whether another one has come."""
        return bool(select.select([self._listener], [], [], 0)[0])
