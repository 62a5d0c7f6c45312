"""What is measured: which regions, how far, for how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from benchmarks.network import ADDRESSES, BLACK_HOLES, NAME_SERVER_MS, NAMES, ROUND_TRIPS_MS

COUNTS = (1, 25, 200, 1000)
TRIPS = {"ws": 2, "wss": 3}  # TCP and upgrade; with TLS 1.3 one more
HOLE_SECONDS = 1.5  # what a region may take where there are black holes
SCHEMES = ("ws", "wss")

_LOCAL = "127.0.0.1"
_EVERY_FIFTH = 5
_STUCK_SECONDS = 2.0
_UNTIL_ABORT_SECONDS = 0.5
_SOAK = 10_000
_STEADY = 0.6  # of the rounds are enough where waiting takes most of the time
_VERIFIED = (25, 200)


@attrs.frozen(kw_only=True)
class Case:
    """One table of the report."""

    name: str  # on the command line
    title: str
    kind: str  # which columns it has
    scheme: str
    hosts: Sequence[str] = attrs.field(repr=False)
    path: str = "/"
    timeout: float = 30.0  # seconds
    ideal: float | None = None  # seconds that it takes at least, by the slowest region's round trips
    abort_after: float | None = None  # seconds
    black_holes: frozenset[int] = frozenset()  # numbers of regions that must fail
    is_far: bool = False
    trusts_by_default: bool = False
    pings: bool = False  # then a pong is what a pass needs
    only: str | None = None  # the one client that it is for
    share_of_rounds: float = 1.0

    def urls(self, ports: Mapping[str, Sequence[int]]) -> list[str]:
        """Return the regions' URLs, spread over the server's ports."""
        own = ports[self.scheme]
        return [f"{self.scheme}://{host}:{own[number % len(own)]}{self.path}" for number, host in enumerate(self.hosts)]

    def rounds(self, asked: int) -> int:
        """Return how often it is measured."""
        return max(1, round(asked * self.share_of_rounds))


def cases(counts: Sequence[int], soak: int = _SOAK) -> list[Case]:
    """Return all cases, in the order of the report."""
    return [
        *(local(scheme, count) for scheme in SCHEMES for count in counts),
        *(verified(scheme, count) for scheme in SCHEMES for count in counts if count in _VERIFIED),
        *(latency(scheme) for scheme in SCHEMES),
        pongs(),
        trust(),
        names(),
        holes(),
        *(abort(count) for count in (25, 200)),
        *(soaked(scheme, soak) for scheme in SCHEMES),
    ]


def local(scheme: str, count: int) -> Case:
    return Case(
        name=f"local:{scheme}:{count}",
        title=f"`{scheme}`, {count} at once, on loopback",
        kind="local",
        scheme=scheme,
        hosts=[_LOCAL] * count,
        share_of_rounds=0.2 if count >= 1000 else 1.0,
    )


def verified(scheme: str, count: int) -> Case:
    return attrs.evolve(
        local(scheme, count),
        name=f"verified:{scheme}:{count}",
        title=f"`{scheme}`, {count} at once, on loopback, each waits for a pong",
        pings=True,
    )


def latency(scheme: str) -> Case:
    return Case(
        name=f"latency:{scheme}",
        title=f"`{scheme}`, 25 regions at 2 to 250 ms",
        kind="far",
        scheme=scheme,
        hosts=ADDRESSES,
        ideal=TRIPS[scheme] * max(ROUND_TRIPS_MS) / 1000,
        is_far=True,
        share_of_rounds=_STEADY,
    )


def pongs() -> Case:
    return attrs.evolve(
        latency("ws"),
        name="latency:ws:verified",
        title="`ws`, 25 regions at 2 to 250 ms, each waits for a pong",
        pings=True,
        ideal=(TRIPS["ws"] + 1) * max(ROUND_TRIPS_MS) / 1000,
    )


def trust() -> Case:
    return attrs.evolve(
        latency("wss"),
        name="trust:wss",
        title="`wss`, 25 regions at 2 to 250 ms, each client loads the system's roots in its own way",
        trusts_by_default=True,
    )


def names() -> Case:
    case = latency("ws")
    assert case.ideal is not None
    return attrs.evolve(
        case,
        name="dns:ws",
        title=f"`ws`, 25 regions at 2 to 250 ms, their names behind a resolver {NAME_SERVER_MS} ms away",
        hosts=NAMES,
        ideal=case.ideal + NAME_SERVER_MS / 1000,
    )


def holes() -> Case:
    gone = frozenset(range(2, len(ADDRESSES), _EVERY_FIFTH))
    return attrs.evolve(
        latency("ws"),
        name="holes:ws",
        title=f"`ws`, 25 regions at 2 to 250 ms, five of them black holes, timeout {HOLE_SECONDS} s",
        kind="holes",
        hosts=[BLACK_HOLES[number] if number in gone else host for number, host in enumerate(ADDRESSES)],
        timeout=HOLE_SECONDS,
        black_holes=gone,
    )


def abort(count: int) -> Case:
    return Case(
        name=f"abort:ws:{count}",
        title=f"Abort of {count} regions that hang after the upgrade's request (timeout {_STUCK_SECONDS:.0f} s)",
        kind="abort",
        scheme="ws",
        hosts=[_LOCAL] * count,
        path="/silent",
        timeout=_STUCK_SECONDS,
        abort_after=_UNTIL_ABORT_SECONDS,
        share_of_rounds=_STEADY,
    )


def soaked(scheme: str, count: int) -> Case:
    return Case(
        name=f"soak:{scheme}",
        title=f"`{scheme}`, {count} handshakes in one process, 200 at once",
        kind="soak",
        scheme=scheme,
        hosts=[_LOCAL] * count,
        only="wsconn-soak",
        share_of_rounds=0.0,
    )
