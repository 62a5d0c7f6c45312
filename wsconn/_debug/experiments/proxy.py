"""What can be changed about the proxy: the way without it, the way with one, another host through the same."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from wsconn._debug.case import Case
from wsconn._debug.trial import Bench, Trial
from wsconn._outcome import Stage
from wsconn._probe.probe import Probe
from wsconn._proxies import Proxies, Proxy


def with_proxies(probe: Probe, proxies: Proxies) -> Probe:
    """Return the probe with other settings of proxies, and without a PAC file."""
    dialer = attrs.evolve(probe.route.dialer, proxies=proxies, pac=None)
    return attrs.evolve(probe, route=attrs.evolve(probe.route, dialer=dialer))


def _proxies(case: Case) -> Proxies:
    return case.probe.route.dialer.proxies


def _knows_both(case: Case) -> bool:
    """Whether the settings, and not the caller, said how to go: who named a proxy, or none, wants no other way."""
    proxies = _proxies(case)
    return not proxies.direct and proxies.fixed is None and proxies.pac is None


def _if_proxied(case: Case) -> Sequence[str]:
    return ("",) if case.proxy is not None and _knows_both(case) else ()


def other_proxy(case: Case) -> Proxy | None:
    """Return the proxy that the settings name for others, where the way to this server goes without one."""
    if case.proxy is not None or not _knows_both(case):
        return None
    proxies = _proxies(case)
    environ = {name: value for name, value in proxies.environ.items() if name.lower() != "no_proxy"}
    for_all = attrs.evolve(proxies, environ=environ, system_bypasses=lambda _: False)
    schemes = (case.target.scheme, "wss", "ws", "https", "http")
    found = (for_all.choose(attrs.evolve(case.target, scheme=scheme)) for scheme in dict.fromkeys(schemes))
    return next((proxy for proxy in found if proxy is not None and not proxy.unfit), None)


def _directly(bench: Bench) -> None:
    bench.go(with_proxies(bench.probe, Proxies(direct=True)), bench.target)


def _through_proxy(bench: Bench) -> None:
    proxy = other_proxy(bench.case)
    bench.go(with_proxies(bench.probe, Proxies(fixed=proxy)), bench.target)


def _elsewhere_through_proxy(bench: Bench) -> None:
    other = bench.case.other
    assert other  # noqa: S101 - for the types alone: without one the experiment does not fit
    bench.go(with_proxies(bench.probe, Proxies(fixed=bench.case.proxy)), other.target, Stage.PROXY)


EXPERIMENTS = (
    Trial(
        name="direct",
        changed="no proxy",
        sent="As the check does, to {server} directly, up to the stage that failed.",
        tells="a proxy that is in the way",
        run=_directly,
        variants=_if_proxied,
    ),
    Trial(
        name="proxied",
        changed="through the proxy that the settings name for others",
        sent="As the check does, to {server} through that proxy, up to the stage that failed.",
        tells="a network that is to be left through its proxy",
        run=_through_proxy,
        variants=lambda case: ("",) if other_proxy(case) else (),
    ),
    Trial(
        name="elsewhere_through_proxy",
        changed="{other_host} through the same proxy",
        sent="A request for a tunnel to {other} to {proxy}; nothing over it.",
        tells="a rule of the proxy's from a proxy that serves nobody",
        run=_elsewhere_through_proxy,
        variants=lambda case: ("",) if case.proxy is not None and case.other else (),
    ),
)
