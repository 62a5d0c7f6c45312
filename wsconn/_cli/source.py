"""This machine's own addresses, as the servers or the next router see them: looked up only where somebody asks."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

from wsconn import ConnectivityResult, RegionOutcome
from wsconn.reports._analysis.led import evidence_of


def local_addresses(result: ConnectivityResult) -> tuple[str, ...]:
    """Return the addresses from which this machine goes to the regions, or to their proxy. No packet is sent."""
    asked = (found for outcome in result.outcomes for found in _sources(outcome))
    return tuple(dict.fromkeys(address for address in asked if address))


def _sources(outcome: RegionOutcome) -> Iterator[str | None]:
    """Yield the address that a region names to connect from, or those that the system would take."""
    seen = evidence_of(outcome)
    if seen and seen.source:
        yield seen.source
    else:
        yield from map(_local_address, _addresses(outcome))


def _addresses(outcome: RegionOutcome) -> Iterator[str]:
    """Yield the `host:port` that a region was connected to, or those that were tried."""
    if outcome.address:
        yield outcome.address
    else:
        yield from (attempt.address for attempt in outcome.attempts if attempt.address)


def _local_address(address: str) -> str | None:
    """Return what the system would send from: a UDP socket takes its own address when it is given a peer's."""
    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError, ValueError):  # there is no way there, or no more
        family, _, _, _, peer = socket.getaddrinfo(
            host.strip("[]"), int(port), type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
        )[0]
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect(peer)
            return str(sock.getsockname()[0])
    return None
