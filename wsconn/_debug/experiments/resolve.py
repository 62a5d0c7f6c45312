"""What can be changed about how the server's name is looked up."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import attrs

from wsconn._addresses import can_be_a_server
from wsconn._debug.case import Case, moved
from wsconn._debug.experiments.name_servers import addresses, ask
from wsconn._debug.experiments.tls import without_secrets
from wsconn._debug.trial import Bench, Finding, Needless, Trial
from wsconn._diagnosis.evidence import StageFailed
from wsconn._hosts_file import entries_for
from wsconn._io.background import done
from wsconn._outcome import Evidence, Stage
from wsconn._probe.probe import Probe
from wsconn._protocols.dns import AAAA, NS, A
from wsconn._regions import Target
from wsconn._stages.resolve import Address, Answer, Lookups
from wsconn._text import is_ip_address, sanitize

_MOST_ADDRESSES = 4
_FAMILIES = {"ipv4_alone": socket.AF_INET, "ipv6_alone": socket.AF_INET6}


class _OneFamily(Lookups):
    """Looks up one family in place of both, and shares lookups that are under way."""

    def __init__(self, lookups: Lookups, family: socket.AddressFamily) -> None:
        self._lookups = lookups
        self._family = family
        self.settings = lookups.settings

    def start(self, host: str, family: socket.AddressFamily) -> Future[Answer]:
        return self._lookups.start(host, self._family)


class _Known(Lookups):
    """Gives addresses that are known already, and asks nobody."""

    def __init__(self, lookups: Lookups, known: Sequence[str]) -> None:
        self._known = [_address(one) for one in known]
        self.settings = lookups.settings

    def start(self, host: str, family: socket.AddressFamily) -> Future[Answer]:
        return done(Answer(self._known, host, 0.0))


def _address(text: str) -> Address:
    is_ipv6 = ":" in text
    return Address(*((socket.AF_INET6, (text, 0, 0, 0)) if is_ipv6 else (socket.AF_INET, (text, 0))))


def with_lookups(probe: Probe, lookups: Lookups) -> Probe:
    """Return the probe with other lookups."""
    dialer = attrs.evolve(probe.route.dialer, lookups=lookups)
    return attrs.evolve(probe, route=attrs.evolve(probe.route, dialer=dialer))


def _lookups(case: Case) -> Lookups:
    return case.probe.route.dialer.lookups


def _servers(case: Case) -> Sequence[str]:
    return _lookups(case).settings().servers if case.has_name else ()


def _if_named(case: Case) -> Sequence[str]:
    return ("",) if case.has_name else ()


def _with_final_dot(bench: Bench) -> None:
    name, _ = bench.case.place
    _go_elsewhere(bench, bench.probe, moved(bench.target, host=f"{name}."))


def _go_elsewhere(bench: Bench, probe: Probe, target: Target) -> None:
    """Go to where the check did not: TLS shows who is there, and where it does not, nothing secret is sent."""
    request = bench.case.request
    if not target.secure or not _verifies(bench):
        request, target = without_secrets(request, target)
    bench.go(probe, target, request=request)


def _verifies(bench: Bench) -> bool:
    trust = bench.probe.route.trust
    return trust.loaded(trust.begin(), bench.scope).verify_mode is ssl.CERT_REQUIRED


def _without_dot(case: Case) -> Sequence[str]:
    may_be_searched = case.stage is Stage.RESOLVE or case.seen.search_domain is not None
    return _if_named(case) if may_be_searched and not case.place[0].endswith(".") else ()


def _if_both_families(case: Case) -> Sequence[str]:
    families = {":" in address for address in case.seen.resolved_to}
    return _if_named(case) if case.stage is Stage.RESOLVE or len(families) > 1 else ()


def _other_addresses(case: Case) -> Sequence[str]:
    """Return the name's addresses but the one that failed last, of which the check may have tried no other."""
    found = [one for one in case.seen.resolved_to if can_be_a_server(one) and not _is_at(case.seen.address, one)]
    return found[:_MOST_ADDRESSES] if _if_named(case) else ()


def _is_at(place: str | None, address: str) -> bool:
    host = (place or "").rpartition(":")[0].strip("[]")
    return is_ip_address(host.partition("%")[0]) and _canonical(host) == _canonical(address)


def _at_address(bench: Bench) -> None:
    bench.go(with_lookups(bench.probe, _Known(_lookups(bench.case), [bench.variant])), bench.target)


def _in_one_family(name: str) -> Callable[[Bench], None]:
    def run(bench: Bench) -> None:
        lookups = _OneFamily(_lookups(bench.case), _FAMILIES[name])
        bench.go(with_lookups(bench.probe, lookups), bench.target)

    return run


def _read_hosts_file(bench: Bench) -> Finding:
    bench.recorder.stage = Stage.RESOLVE
    found = tuple(map(sanitize, entries_for(bench.case.place[0])))
    if not found:
        return Finding(message=f"the hosts file has no entry for {bench.case.place[0]}")
    message = f"the hosts file says that {bench.case.place[0]} has {', '.join(found)}"
    return Finding(Evidence(resolved_to=found), message, is_contrary=True)


def _ask_name_server(bench: Bench) -> Finding:
    bench.recorder.stage = Stage.RESOLVE
    server, name = bench.variant, bench.case.place[0]
    try:
        found = addresses(ask(server, name, (A, AAAA), bench.scope))
    except StageFailed as failed:
        return Finding(message=_said(server, failed), is_contrary=True)
    message = f"{server} says that {name} has {', '.join(found)}"
    return Finding(Evidence(resolved_to=found), message, is_contrary=not any(map(can_be_a_server, found)))


def _said(server: str, failed: StageFailed) -> str:
    """Say what a name server answered that gave no address, or that it did not answer."""
    detail = failed.evidence and failed.evidence.detail
    if detail:
        return f"{server}: {detail}"
    error = failed.evidence and failed.evidence.os_error
    return f"{server} does not answer" + (f" ({error})" if error else "")


def _ask_for_root(bench: Bench) -> Finding:
    bench.recorder.stage = Stage.RESOLVE
    ask(bench.variant, ".", (NS,), bench.scope)
    return Finding(message=f"{bench.variant} answers")


def _go_where_name_server_says(bench: Bench) -> None:
    known = set(bench.case.seen.resolved_to)
    for server in _servers(bench.case):
        try:
            found = addresses(ask(server, bench.case.place[0], (A, AAAA), bench.scope.share(2)))
        except StageFailed:
            continue
        news = [one for one in found if can_be_a_server(one) and _canonical(one) not in map(_canonical, known)]
        if news and len(news) == len(found):
            lookups = _Known(_lookups(bench.case), news)
            _go_elsewhere(bench, with_lookups(bench.probe, lookups), bench.target)
            return
    raise Needless


def _canonical(address: str) -> str:
    return str(ipaddress.ip_address(address.partition("%")[0]))


EXPERIMENTS = (
    Trial(
        name="final_dot",
        changed="the name with its final dot, so that no search list has a part in it",
        sent="A lookup of {name} with a final dot, by the system's resolver; then as the check does, up to the stage"
        " that failed.",
        tells="a name that the search list leads astray",
        run=_with_final_dot,
        variants=_without_dot,
    ),
    Trial(
        name="ipv4_alone",
        changed="IPv4 alone",
        sent="A lookup of {name} in IPv4; then as the check does, up to the stage that failed.",
        tells="a fault of one family of addresses",
        run=_in_one_family("ipv4_alone"),
        variants=_if_both_families,
    ),
    Trial(
        name="ipv6_alone",
        changed="IPv6 alone",
        sent="A lookup of {name} in IPv6; then as the check does, up to the stage that failed.",
        tells="a fault of one family of addresses",
        run=_in_one_family("ipv6_alone"),
        variants=_if_both_families,
    ),
    Trial(
        name="address",
        changed="the address {variant} of the same name",
        sent="To {variant}, port {port}, what the check sends to {server}, up to the stage that failed.",
        tells="one bad server of several behind a name, or one address with a bad way to it",
        run=_at_address,
        variants=_other_addresses,
    ),
    Trial(
        name="hosts_file",
        changed="the hosts file read; it passes if that has no entry for the name",
        sent="Nothing.",
        tells="an entry that leads the name elsewhere",
        run=_read_hosts_file,
        variants=_if_named,
    ),
    Trial(
        name="name_server",
        changed="the name server {variant} asked for itself, for {name}",
        sent="Questions for the addresses (A and AAAA) of {name}, to {variant}, port 53 over UDP.",
        tells="a name server that says something else than the others, or nothing",
        run=_ask_name_server,
        variants=_servers,
    ),
    Trial(
        name="name_server_alive",
        changed="the name server {variant} asked for the root of all names",
        sent="A question for the name servers (NS) of the root, to {variant}, port 53 over UDP.",
        tells="a name server that answers nothing at all, from one that does not answer for this name",
        run=_ask_for_root,
        variants=_servers,
    ),
    Trial(
        name="name_server_address",
        changed="the address that a name server gives, where the check had gone to others",
        sent="Questions for the addresses of {name} to the name servers; then as the check does, to such an address, up"
        " to the stage that failed.",
        tells="a hosts file, a cache or a search list that leads elsewhere",
        run=_go_where_name_server_says,
        variants=lambda case: _if_named(case) if _servers(case) else (),
    ),
)
