"""What to do where all regions together tell more than one of them could when it settled.

Each rule states what must hold of the outcomes, and what is then better advice than some regions have of their own, and
why. The rules stand in the order of their weight: of several that speak of a region, the first is right.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from wsconn._diagnosis.advice import had_little_time, marked_advice_on
from wsconn._diagnosis.advice.elsewhere import leads_here
from wsconn._diagnosis.advice.special_names import for_special_name
from wsconn._diagnosis.causes.words import fills_packets
from wsconn._diagnosis.interceptors import interceptor
from wsconn._outcome import Cause, Evidence, RegionOutcome, Stage
from wsconn._text import is_loopback, sanitize, value
from wsconn.reports._analysis.behind_one_proxy import told_behind_one_proxy
from wsconn.reports._analysis.destinations import destination_of, ip_of
from wsconn.reports._analysis.facts import Regions, Sorted, shared, sort
from wsconn.reports._analysis.families import Family, families_among
from wsconn.reports._analysis.issuers import (
    are_in_several_domains,
    is_of_a_stranger,
    is_of_unknown_issuer,
    issuer_of,
    left_out,
    names_in_certificate,
)
from wsconn.reports._analysis.led import destination_in
from wsconn.reports._analysis.patterns import common_address, offline

_UNFIT_CERTIFICATE = (Cause.TLS_HOSTNAME_MISMATCH, Cause.TLS_UNTRUSTED, Cause.TLS_EXPIRED)
_NO_ANSWER_TO_A_NAME = (Cause.DNS_FAILED, Cause.DNS_NOT_FOUND)
_NOT_CONNECTED = (Cause.TIMEOUT, Cause.REFUSED, Cause.UNREACHABLE, Cause.CLOSED)
_NO_WEBSOCKET = (Cause.TIMEOUT, Cause.CLOSED, Cause.BAD_UPGRADE, Cause.NO_PONG, Cause.BAD_FRAMES)
_BEHIND_TLS = (Stage.UPGRADE, Stage.FRAMES)
_PORTAL_STATUSES = (200, 511)  # a page in place of a WebSocket; RFC 6585, section 6
_BEHIND_THE_PROXY = (Stage.TLS, *_BEHIND_TLS)


class Better(NamedTuple):
    """Advice for some regions in place of their own; its values are marked.

    `is_refuted` tells that what their cause alone makes one suspect (a firewall, the clock) is not so.
    """

    regions: Regions
    advice: str
    is_refuted: bool = False


def better_advice(outcomes: Regions) -> dict[str, Better]:
    """Return what is to be done about the regions of which all together tell more, by region."""
    known = sort(outcomes)
    found: dict[str, Better] = {}
    for rule in _RULES:
        for better in rule(known):
            for region in better.regions:
                found.setdefault(region.region, better)
    return found


# --- all that fail -----------------------------------------------------------------------------------------------


def _nothing_resolves(known: Sorted) -> Iterator[Better]:
    """No name is found, be they of one server or many: before their spelling comes this machine's own network."""
    unknown = _failed(known, lambda region: _ended(region) == (Stage.RESOLVE, Cause.DNS_NOT_FOUND))
    if unknown and offline(known):
        yield Better(
            _failed(known, _is_ordinary_name_without_answer),
            "No name is found from here, so check first that this machine is online: can it open any web page? If it"
            " can, check the spelling of the host names, and ask the network's administrator whether the DNS server"
            " filters them.",
        )


def _is_ordinary_name_without_answer(region: RegionOutcome) -> bool:
    """Whether no address is known; who has a name that the public DNS never has is told by its own advice."""
    seen = _evidence(region)
    return _cause(region) in _NO_ANSWER_TO_A_NAME and not (seen and seen.host and for_special_name(seen.host))


def _portal(known: Sorted) -> Iterator[Better]:
    """All names lead to one address, and what answers there is not who it should be."""
    address = common_address(known)
    strangers = _failed(known, _is_stranger)
    if address is None or not any(map(_shows_somebody_else, strangers)) or any(map(_is_verified, known.failed)):
        return
    owners = shared(names for region in strangers if (names := names_in_certificate(region)))
    shown = f", where the certificate is for {value(sanitize(', '.join(owners)))}" if owners else ""
    yield Better(
        strangers,
        f"All these names lead to one address, {value(address)}{shown}: most likely a portal or a DNS filter answers in"
        " the servers' place. Open any web page in a browser, and log in if a login page appears. If none does, ask the"
        f" network's administrator what {value(address)} is. If it is the service's own, tell the service's operator.",
    )


def _no_tls_anywhere(known: Sorted) -> Iterator[Better]:
    """Servers of several owners speak no TLS from here, each at an address of its own."""
    mute = _failed(known, lambda region: _ended(region) == (Stage.TLS, Cause.NOT_TLS) and region.proxy is None)
    if mute and mute == known.failed and not known.passed and are_in_several_domains(mute):
        yield Better(
            mute,
            "None of these servers speaks TLS from here, though they have different owners: most likely a portal or a"
            " filter answers in their place. Open any web page in a browser, and log in if a login page appears. If"
            " none does, ask the network's administrator to let TLS to these hosts pass.",
        )


def _one_authority(known: Sorted) -> Iterator[Better]:
    """Servers of several owners show certificates of one authority that this machine does not know."""
    unknown = _failed(known, is_of_unknown_issuer)
    for issuer in dict.fromkeys(map(issuer_of, unknown)):
        alike = tuple(region for region in unknown if issuer_of(region) == issuer)
        known_maker = issuer is None or interceptor(issuer)
        if not known_maker and are_in_several_domains(alike) and issuer not in map(issuer_of, known.passed):
            yield Better(
                alike,
                f"Servers of different owners show certificates of one authority, {value(issuer)}, which this machine"
                " does not trust, so none of them is at fault. If it is a company's proxy, which opens and re-signs"
                " TLS, ask the network's administrator to install its root certificate here, or to exempt these"
                " hosts. If it is a public authority, update this machine's root certificates. If it is your own"
                " authority, give its root (ssl_context, at the command line --ca-file).",
            )


def _is_stranger(region: RegionOutcome) -> bool:
    return _shows_somebody_else(region) or (_plain_way(region) is not None and _is_page_of_a_portal(region))


def _shows_somebody_else(region: RegionOutcome) -> bool:
    """Whether what answered speaks no TLS, or showed the certificate of somebody else, and the DNS has led there."""
    seen = _evidence(region)
    if seen and (seen.search_domain or seen.connect_to or leads_here(seen) or seen.stage is Stage.PROXY):
        return False
    if _cause(region) is Cause.TLS_EXPIRED and not names_in_certificate(region):
        return False
    if _cause(region) in _UNFIT_CERTIFICATE:
        return not interceptor(issuer_of(region) or "") and is_of_a_stranger(region)
    return _cause(region) is Cause.NOT_TLS


def _is_page_of_a_portal(region: RegionOutcome) -> bool:
    return _cause(region) is Cause.REDIRECTED or (
        _cause(region) is Cause.HTTP_STATUS and region.http_status in _PORTAL_STATUSES
    )


def _is_verified(region: RegionOutcome) -> bool:
    """Whether it failed behind a certificate that is the server's: it was found where it should be."""
    return _stage(region) in _BEHIND_TLS and issuer_of(region) is not None


def _behind_one_proxy(known: Sorted) -> Iterator[Better]:
    """The regions behind one proxy tell of it, and of each other."""
    for told in told_behind_one_proxy(known):
        if regions := tuple(region for region in told.regions if not _is_of_this_machine(region)):
            yield Better(regions, told.advice)


# --- a way that others pass ------------------------------------------------------------------------------------------


def _passes_through_the_proxy(known: Sorted) -> Iterator[Better]:
    """What goes through a proxy passes; what is cut off goes without one."""
    proxy = shared(region.proxy for region in known.passed)
    if proxy is None or any(region.proxy for region in known.failed):
        return
    direct = _failed(known, lambda region: _is_cut_off(region) and _is_outside(region))
    if direct:
        yield Better(
            direct,
            f"All that passed went through the proxy {value(proxy)}, and what fails went directly: check why (no_proxy"
            " names the host, or no proxy is set for its scheme). If it is meant to go directly, ask the network's"
            " administrator to allow that.",
        )


def _passes_without_the_proxy(known: Sorted) -> Iterator[Better]:
    """All that fail go through one proxy, which has opened the tunnel; what goes directly passes."""
    proxy = shared(region.proxy for region in known.failed)
    passes = known.passed and {region.proxy for region in known.passed} == {None}
    cut = _failed(known, lambda region: _ended(region) in _CUT_BEHIND_A_PROXY)
    if proxy and passes and len(cut) > 1:
        yield Better(
            cut,
            f"All that passed went directly, and all that fail went through the proxy {value(proxy)}: ask its"
            " administrator to let TLS and WebSocket to these hosts pass, or have them go directly too (no_proxy).",
        )


_CUT_BEHIND_A_PROXY = {(stage, cause) for stage in _BEHIND_THE_PROXY for cause in (Cause.TIMEOUT, Cause.CLOSED)}


def _only_the_dead_family(known: Sorted) -> Iterator[Better]:
    """One address family connects nowhere from here, and these servers were tried over no other."""
    families = sorted(families_among((*known.passed, *known.failed)), key=lambda family: family.connected)
    match families if known.passed else []:
        case [Family(connected=0) as dead, alive] if alive.connected:
            pass
        case _:
            return
    only = _failed(known, lambda region: _tried_over(dead, region))
    if len(only) > 1 or dead.helped_out or any(map(_has_no_route, only)):
        yield Better(
            only,
            f"{_named(known.passed[0])} passed over {alive.name}. Over {dead.name}, which is all that was tried here,"
            f" nothing connects: ask the network's administrator for {dead.name}, or the service's operator for an"
            f" {alive.name} address.",
            is_refuted=True,
        )


def _tried_over(family: Family, region: RegionOutcome) -> bool:
    """Whether a region failed over this family alone, and not since it names an address of it to connect from."""
    seen = _evidence(region)
    is_bound = bool(seen and seen.source)
    return _ended(region) in _NO_PACKET_BACK and _versions(region) == {family.version} and not is_bound


_NO_PACKET_BACK = ((Stage.CONNECT, Cause.TIMEOUT), (Stage.CONNECT, Cause.UNREACHABLE))


def _has_no_route(region: RegionOutcome) -> bool:
    return region.failure is not None and region.failure.os_error == "ENETUNREACH"


# --- somebody else who passed ------------------------------------------------------------------------------------


def _intermediate_left_out(known: Sorted) -> Iterator[Better]:
    """Another region passes with a certificate of the same authority, so that this machine trusts it."""
    trusted = {issuer: region for region in reversed(known.passed) if (issuer := issuer_of(region))}
    for region in _failed(known, is_of_unknown_issuer):
        issuer = left_out(region, trusted)
        if issuer is None:
            continue
        which = "the same authority" if issuer_of(region) == issuer else "an authority above this one"
        yield Better(
            (region,),
            f"{_named(trusted[issuer])} passed with a certificate of {which}, {value(issuer)}, so this machine"
            " trusts it: the server most likely leaves the intermediate certificate out. Tell the service's"
            " operator to have it send the whole chain. There is nothing to install here.",
        )


def _is_online(known: Sorted) -> Iterator[Better]:
    """Something outside was reached without a proxy, so that nobody need see whether this machine is online."""
    reached = next((region for region in known.passed if region.proxy is None and _is_outside(region)), None)
    if reached is None:
        return
    online = f"{_named(reached)} passed, so this machine is online"
    if names := _failed(known, _is_unanswered_name):
        yield Better(
            names,
            f"{online}: the fault is most likely with this name. Try it from another network. If it is found there,"
            " ask this network's administrator whether the DNS server filters it; if not, tell the service's operator.",
        )
    if lost := _failed(known, _is_without_a_way):
        yield Better(
            lost,
            f"{online}: only the way to this address is missing. Check whether a VPN claims it, and have the network's"
            " administrator look for a route or a reject rule for it.",
        )


def _is_unanswered_name(region: RegionOutcome) -> bool:
    """Whether no name server said anything of a name; of one that fails, its own advice tells the address."""
    seen = _evidence(region)
    unanswered = ((Stage.RESOLVE, Cause.DNS_FAILED), (Stage.RESOLVE, Cause.TIMEOUT))
    return _ended(region) in unanswered and not (seen and seen.failing_name_server)


def _is_without_a_way(region: RegionOutcome) -> bool:
    """Whether there is no way to an address; of a family that is not there at all, its own advice tells that."""
    seen = _evidence(region)
    return _ended(region) == (Stage.CONNECT, Cause.UNREACHABLE) and not (seen and seen.missing_route)


def _clock_is_right(known: Sorted) -> Iterator[Better]:
    """Another certificate is valid by the same clock."""
    other = next((region for region in known.passed if issuer_of(region)), None)
    dated = _failed(known, _is_out_of_date) if other else ()
    for (role, whose), (cause, verb) in itertools.product(_SENT.items(), _OUT_OF_DATE.items()):
        sent = tuple(region for region in dated if (_faulty(region), _cause(region)) == (role, cause))
        if other and sent:
            yield Better(
                sent,
                f"{_named(other)} passed with a certificate that is valid by this machine's clock, so the clock is most"
                f" likely right: tell the service's operator that {whose} {verb}.",
                is_refuted=True,
            )


def _is_out_of_date(region: RegionOutcome) -> bool:
    seen = _evidence(region)
    return _cause(region) in _OUT_OF_DATE and not (seen and seen.stage is Stage.PROXY)


_OUT_OF_DATE = {Cause.TLS_EXPIRED: "has expired", Cause.TLS_NOT_YET_VALID: "is not valid yet"}
_SENT = {
    "server": "the server's certificate",
    "intermediate": "the intermediate certificate that the server sends",
}


def _faulty(region: RegionOutcome) -> str:
    """Return which certificate is at fault; a root is this machine's own."""
    seen = _evidence(region)
    return (seen and seen.faulty_role) or "server"


def _websocket_passes(known: Sorted) -> Iterator[Better]:
    """Without TLS too, WebSocket passes on the same way to another host: no device on it holds that back."""
    for other in known.passed:
        way = _plain_way(other)
        held = _failed(known, _is_no_websocket) if way else ()
        alike = tuple(region for region in held if _plain_way(region) == way)
        if alike:
            yield Better(
                alike,
                f"{_named(other)} passed without TLS too, so this network lets WebSocket pass: check the"
                " path of the URL, and ask the service's operator. If it works from other networks, ask the network's"
                " administrator about a rule for this host.",
                is_refuted=True,
            )


def _is_no_websocket(region: RegionOutcome) -> bool:
    seen = _evidence(region)
    may_be_too_large = seen is not None and _cause(region) is Cause.TIMEOUT and fills_packets(seen)
    return _stage(region) in _BEHIND_TLS and _cause(region) in _NO_WEBSOCKET and not may_be_too_large


def _plain_way(region: RegionOutcome) -> tuple[int, str | None] | None:
    place = destination_of(region.url)
    return (place.port, region.proxy) if place and place.scheme == "ws" else None


def _discovery_alone(known: Sorted) -> Iterator[Better]:
    """The address that names a region's server fails, and other regions passed: of WebSocket something is known."""
    for region in known.failed if known.passed else ():
        failure = region.failure
        if failure and failure.evidence and failure.evidence.discovery:
            yield Better((region,), marked_advice_on(failure.cause, failure.evidence, others_passed=True))


_RULES: tuple[Callable[[Sorted], Iterator[Better]], ...] = (
    _nothing_resolves,
    _portal,
    _no_tls_anywhere,
    _intermediate_left_out,
    _one_authority,
    _behind_one_proxy,
    _passes_through_the_proxy,
    _passes_without_the_proxy,
    _only_the_dead_family,
    _is_online,
    _clock_is_right,
    _websocket_passes,
    _discovery_alone,
)


# --- what a rule asks of a region ------------------------------------------------------------------------------------


def _failed(known: Sorted, holds: Callable[[RegionOutcome], bool]) -> Regions:
    return tuple(
        region for region in known.failed if region.failure and not _is_of_this_machine(region) and holds(region)
    )


def _is_of_this_machine(region: RegionOutcome) -> bool:
    """Whether it failed for a setting or the slowness of this machine, or before the network could tell anything."""
    seen = _evidence(region)
    if seen is None:
        return False
    too_early = _cause(region) in (Cause.TIMEOUT, Cause.NO_PONG) and had_little_time(seen)
    lacks_source = seen.no_such_source or (seen.source and seen.missing_family)
    is_hindered = seen.stalled_seconds or seen.replaced or seen.no_roots
    return bool(seen.not_loaded or seen.setting or is_hindered or lacks_source or too_early)


def _evidence(region: RegionOutcome) -> Evidence | None:
    return region.failure.evidence if region.failure else None


def _stage(region: RegionOutcome) -> Stage | None:
    """Return where it failed; of discovery, where in that."""
    failure = region.failure
    if failure is None:
        return None
    return (failure.evidence and failure.evidence.stage) or failure.stage


def _cause(region: RegionOutcome) -> Cause | None:
    return region.failure.cause if region.failure else None


def _ended(region: RegionOutcome) -> tuple[Stage | None, Cause | None]:
    return _stage(region), _cause(region)


def _is_cut_off(region: RegionOutcome) -> bool:
    """Whether there was no address, no connection, or no TLS on it."""
    stage, cause = _ended(region)
    return stage is Stage.RESOLVE or (stage in (Stage.CONNECT, Stage.TLS) and cause in _NOT_CONNECTED)


def _is_outside(region: RegionOutcome) -> bool:
    place = destination_in(region, region.url)
    return place is not None and not is_loopback(place.host)


def _versions(region: RegionOutcome) -> set[int]:
    return {ip.version for attempt in region.attempts if (ip := ip_of(attempt.address))}


def _named(region: RegionOutcome) -> str:
    return f"The region {value(region.region)}"
