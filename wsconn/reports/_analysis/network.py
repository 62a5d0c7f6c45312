"""What a network's administrator needs of a result: through what connections go, and what answers there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from wsconn._outcome import RegionOutcome, Status
from wsconn._result import ConnectivityResult
from wsconn.reports._analysis.destinations import ip_of
from wsconn.reports._analysis.issuers import issuer_of
from wsconn.reports._analysis.led import destination_in

Names = tuple[str, ...]
T = TypeVar("T")


def ways_of(result: ConnectivityResult) -> dict[str | None, Names]:
    """Return the proxies that were used, with who named each, and the regions that went through; `None`: directly."""
    return _gathered((outcome.proxy, outcome.region) for outcome in result.outcomes if _has_set_out(outcome))


def issuers_of(result: ConnectivityResult) -> dict[str, Names]:
    """Return who signed the certificates that were seen, and those of which regions."""
    found = ((issuer_of(outcome), outcome.region) for outcome in result.outcomes)
    return _gathered((issuer, region) for issuer, region in found if issuer)


def lookups_of(result: ConnectivityResult) -> dict[str, Names]:
    """Return the addresses to which each name led: those that were tried, in order, and none where it did not resolve.

    What is behind a proxy is not told: there the addresses are the proxy's.
    """
    direct = [outcome for outcome in result.outcomes if outcome.proxy is None]
    tried = list(dict.fromkeys(found for outcome in direct for found in _tried(outcome)))
    return {
        host: tuple(address for name, address in tried if name == host and address)
        for host in dict.fromkeys(name for name, _ in tried)
    }


def _tried(outcome: RegionOutcome) -> Iterator[tuple[str, str | None]]:
    """Yield each name that was looked up, with an address that was tried; a host may also be an address itself."""
    for attempt in outcome.attempts:
        place, ip = destination_in(outcome, attempt.url), ip_of(attempt.address)
        if place and not place.is_address:
            yield place.host, str(ip) if ip else None


def _has_set_out(outcome: RegionOutcome) -> bool:
    return outcome.status is not Status.ABORTED or bool(outcome.attempts)


def _gathered(pairs: Iterable[tuple[T, str]]) -> dict[T, Names]:
    found: dict[T, dict[str, None]] = {}
    for key, region in pairs:
        found.setdefault(key, {})[region] = None
    return {key: tuple(regions) for key, regions in found.items()}
