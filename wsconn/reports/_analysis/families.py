"""Whether IPv4 and IPv6 work from here, as far as the attempts of a test tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from wsconn._outcome import STAGGER_SECONDS, Attempt, Cause, RegionOutcome, Stage
from wsconn._result import ConnectivityResult
from wsconn.reports._analysis.destinations import ip_of

_BEHIND_CONNECT = (Stage.TLS, Stage.UPGRADE, Stage.FRAMES)
_NO_CONNECTION = (Cause.REFUSED, Cause.UNREACHABLE, Cause.BLOCKED_LOCALLY, Cause.TIMEOUT, Cause.CLOSED)


class Family(NamedTuple):
    """An address family (4 or 6), and how many of its attempts made a TCP connection or failed to.

    `helped_out` counts the regions where it failed and the other one connected; `delay` is the longest of the failures,
    in seconds.
    """

    version: int
    connected: int
    failed: int
    helped_out: int
    delay: float

    @property
    def name(self) -> str:
        """`IPv4` or `IPv6`."""
        return f"IPv{self.version}"


class _Try(NamedTuple):
    version: int
    connected: bool
    seconds: float


def families_of(result: ConnectivityResult) -> tuple[Family, ...]:
    """Return the families that were tried, IPv4 first; what went through a proxy tells nothing of them."""
    return families_among(result.outcomes)


def families_among(outcomes: Iterable[RegionOutcome]) -> tuple[Family, ...]:
    """Return the families that these tried."""
    by_region = [list(_tries(outcome)) for outcome in outcomes if outcome.proxy is None]
    tried = {found.version for tries in by_region for found in tries}
    return tuple(_summed(version, by_region) for version in sorted(tried))


def broken_and_sound(families: tuple[Family, ...]) -> tuple[Family, Family] | None:
    """Return the family that fails everywhere and the one that works beside it, or `None` where it is not so."""
    match sorted(families, key=lambda family: family.connected):
        case [Family(connected=0, helped_out=helped_out) as broken, sound] if helped_out:
            return broken, sound
        case _:
            return None


def _summed(version: int, by_region: list[list[_Try]]) -> Family:
    own = [found for tries in by_region for found in tries if found.version == version]
    lost = [found.seconds for found in own if not found.connected]
    return Family(
        version=version,
        connected=len(own) - len(lost),
        failed=len(lost),
        helped_out=sum(_is_helped_out(version, tries) for tries in by_region),
        delay=max(lost, default=0.0),
    )


def _is_helped_out(version: int, tries: list[_Try]) -> bool:
    failed = any(found.version == version and not found.connected for found in tries)
    return failed and any(found.version != version and found.connected for found in tries)


def _tries(outcome: RegionOutcome) -> Iterator[_Try]:
    """Yield what each attempt tells of its family; some tell nothing."""
    won = False
    for attempt in outcome.attempts:
        ip, connected = ip_of(attempt.address), _is_connected(attempt, after_the_winner=won)
        if ip is not None and connected is not None:
            won = won or connected
            yield _Try(ip.version, connected, attempt.duration)


def _is_connected(attempt: Attempt, *, after_the_winner: bool) -> bool | None:
    """Whether an attempt made a TCP connection; `None` where that cannot be told."""
    if attempt.cause is None or attempt.stage in _BEHIND_CONNECT:
        return True
    if attempt.cause is Cause.OUTRUN:  # silence tells something where it was given its head start
        return None if after_the_winner or attempt.duration < STAGGER_SECONDS else False
    if attempt.stage is Stage.CONNECT and attempt.cause in _NO_CONNECTION:
        return False
    return None
