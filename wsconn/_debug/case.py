"""A region that is looked into: where its check ended, and the other regions that it can be compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from wsconn._outcome import Cause, Evidence, RegionOutcome, Stage, Status
from wsconn._probe.probe import Probe
from wsconn._proxies import Proxy, UnfitProxy, parse_proxy
from wsconn._regions import Region, Target, split_url
from wsconn._stages.request import Request
from wsconn._text import host_port, is_ip_address

_ORDER = {  # a connection to a server and a tunnel through a proxy come to the same
    Stage.DISCOVERY: 5,
    Stage.RESOLVE: 0,
    Stage.CONNECT: 1,
    Stage.PROXY: 1,
    Stage.TLS: 2,
    Stage.UPGRADE: 3,
    Stage.FRAMES: 4,
}


@attrs.frozen
class Other:
    """Another region of the same check."""

    target: Target
    outcome: RegionOutcome

    @property
    def passed(self) -> bool:
        """Whether a WebSocket could be opened to it."""
        return self.outcome.status is Status.PASSED


@attrs.frozen(kw_only=True)
class Case:
    """A region to look into. `target` is the URL that was tried last, or the endpoint that should have named one.

    `proxy` is the one on the way that was tried last.
    `others` are of other hosts, those that passed first; `some_passed` tells of all regions, of this host too, and
    `some_verified` of those that passed with a certificate that is valid, `same_place_passed` of those that passed at
    the same host and port.
    `like_it` names regions that failed in the same way.
    """

    definition: Region
    target: Target
    outcome: RegionOutcome
    probe: Probe
    proxy: Proxy | None = None
    others: tuple[Other, ...] = ()
    some_passed: bool = False
    some_verified: bool = False
    same_place_passed: bool = False
    like_it: tuple[str, ...] = ()

    @property
    def region(self) -> str:
        """The region's name."""
        return self.outcome.region

    @property
    def passed(self) -> bool:
        """Whether the region has passed its check, and is only looked into for more."""
        return self.outcome.failure is None

    @property
    def seen(self) -> Evidence:
        """The evidence of the failure."""
        failure = self.outcome.failure
        return (failure and failure.evidence) or Evidence(stage=Stage.FRAMES)

    @property
    def stage(self) -> Stage:
        """Where the check ended; while an endpoint was asked for the region's URL, the stage of asking it."""
        failure = self.outcome.failure
        return self.seen.stage or (failure.stage if failure else Stage.FRAMES)

    @property
    def cause(self) -> Cause | None:
        """What ended it."""
        return self.outcome.failure.cause if self.outcome.failure else None

    @property
    def login_refused(self) -> bool:
        """Whether a proxy was sent a login and did not take it."""
        was_sent = bool(self.seen.login_sent or self.seen.logins_refused)
        return self.cause is Cause.PROXY_AUTH_REQUIRED and was_sent

    @property
    def request(self) -> Request:
        """What the check sends to ask for a WebSocket."""
        return self.probe.request.for_region(self.definition)

    @property
    def is_discovery(self) -> bool:
        """Whether the check ended while an endpoint was asked for the region's URL."""
        return self.target.scheme.startswith("http")

    @property
    def has_name(self) -> bool:
        """Whether this machine looks the server's name up."""
        resolves_here = self.proxy is None or not self.proxy.resolves
        return resolves_here and not is_ip_address(self.place[0].partition("%")[0])

    @property
    def place(self) -> tuple[str, int]:
        """The host and port that are connected to."""
        return self.target.place

    @property
    def other(self) -> Other | None:
        """Another region to compare with: the first that passed, else the first of another host."""
        return self.others[0] if self.others else None

    @property
    def control(self) -> Other | None:
        """A region that passed, to compare with."""
        return self.other if self.other and self.other.passed else None

    def is_beyond(self, stage: Stage) -> bool:
        """Tell whether a way that ended at this stage has come further than the check."""
        return _ORDER[stage] > _ORDER[self.stage]

    def words(self, variant: str = "") -> dict[str, str]:
        """Return what the texts of experiments and conclusions may name."""
        target, other, proxy = self.target, self.other, self.proxy
        return {
            "variant": variant,
            "other_scheme": "without TLS (ws://)" if target.secure else "with TLS (wss://)",
            "host": target.host,
            "name": self.place[0],
            "port": str(self.place[1]),
            "server": host_port(*self.place),
            "other_host": other.target.host if other else "another host",
            "other": host_port(*other.target.place) if other else "another server",
            "proxy": (proxy.url if proxy else "") or "the proxy",
        }


def moved(target: Target, *, host: str | None = None, port: int | None = None) -> Target:
    """Return a target that is connected to at another host or port, and for the rest is as it was."""
    before, at = target.place
    if target.connect_to:
        return attrs.evolve(target, connect_to=host_port(host or before, port or at))
    return attrs.evolve(target, host=host or before, port=port or at)


def cases(
    regions: Sequence[Region], outcomes: Iterable[RegionOutcome], probe: Probe, *, all_regions: bool
) -> tuple[Case, ...]:
    """Return what to look into: one region for each kind of failure, or every one with `all_regions`."""
    settled = [outcome for outcome in outcomes if outcome.status is not Status.ABORTED]
    targets = _targets(regions, probe)
    named = {region.name: region for region in regions}
    wanted = settled if all_regions else [group[0] for group in _kinds(settled).values()]
    alike = {group[0].region: group for group in _kinds(settled).values()}
    return tuple(
        Case(
            definition=named[outcome.region],
            target=targets[outcome.region],
            outcome=outcome,
            probe=probe,
            proxy=_proxy_of(outcome, targets[outcome.region], probe),
            others=_others(outcome, settled, targets),
            some_passed=any(one.status is Status.PASSED for one in settled),
            some_verified=any(one.status is Status.PASSED and _is_verified(one) for one in settled),
            same_place_passed=any(
                one.status is Status.PASSED and targets[one.region].place == targets[outcome.region].place
                for one in settled
            ),
            like_it=() if all_regions else tuple(one.region for one in alike[outcome.region][1:]),
        )
        for outcome in wanted
    )


def _targets(regions: Iterable[Region], probe: Probe) -> Mapping[str, Target]:
    """Return where each region's last attempt led: where no URL was found, to the endpoint that was asked."""
    found: dict[str, Target] = {}
    for region in regions:
        url = region.discovery.url if region.discovery else region.url
        if target := probe.tried.get(region.name) or (split_url(url).reached_as(region) if url else None):
            found[region.name] = target
    return found


def _proxy_of(outcome: RegionOutcome, target: Target, probe: Probe) -> Proxy | None:
    """Return the proxy on the way. Of several ways that a PAC file names, it is the last: as the evidence has it."""
    dialer = probe.route.dialer
    if dialer.pac is None:
        return dialer.proxies.choose(target)
    seen = (outcome.failure and outcome.failure.evidence) or Evidence()
    try:
        return parse_proxy(seen.proxy, seen.proxy_source or "") if seen.proxy else None
    except UnfitProxy:
        return None


def _kinds(outcomes: Iterable[RegionOutcome]) -> dict[tuple[object, ...], list[RegionOutcome]]:
    """Gather the failed ones by what is alike in how they failed."""
    found: dict[tuple[object, ...], list[RegionOutcome]] = {}
    for outcome in outcomes:
        if failure := outcome.failure:
            seen = failure.evidence or Evidence()
            issuer = seen.tls.issuer if seen.tls and failure.cause.startswith("tls_") else None
            port = seen.port if failure.stage is Stage.CONNECT else None
            kind = (failure.stage, seen.stage, failure.cause, failure.os_error, seen.http_status, issuer, port)
            found.setdefault((*kind, outcome.proxy, seen.resolved_to if failure.cause == "dns_blocked" else None), [])
            found[(*kind, outcome.proxy, seen.resolved_to if failure.cause == "dns_blocked" else None)].append(outcome)
    return found


def _is_verified(outcome: RegionOutcome) -> bool:
    return outcome.tls is not None and outcome.tls.issuer is not None


def _others(
    outcome: RegionOutcome, outcomes: Iterable[RegionOutcome], targets: Mapping[str, Target]
) -> tuple[Other, ...]:
    own = targets[outcome.region]
    every = (Other(targets[one.region], one) for one in outcomes)
    others = [other for other in every if other.target.host != own.host and other.target.place[0] != own.place[0]]
    return tuple(sorted(others, key=lambda other: not other.passed))
