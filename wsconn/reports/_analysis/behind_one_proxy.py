"""What to do where regions behind one proxy tell of it, and of each other, what none of them knew alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from wsconn._diagnosis.advice.behind_proxy import may_be_unreached
from wsconn._diagnosis.advice.words import server_and_port, source
from wsconn._outcome import Cause, Evidence, RegionOutcome, Stage
from wsconn._text import value
from wsconn.reports._analysis.facts import Regions, Sorted, are_on_several_hosts, shared

_SMALLER = "test fewer regions at once (max_workers, at the command line --max-workers)"
_OWN_PROBLEMS = ("name_server", "limit", "loop", "next_proxy")  # the proxy's, whoever else passes
_TOLD_BY_CODE = (8, *range(0xF0, 0xF8))  # SOCKS: the kind of address; tor's, of that onion service alone
_NO_CONNECTION = (Cause.REFUSED, Cause.TIMEOUT, Cause.CLOSED)


class Told(NamedTuple):
    """Advice for some regions; its values are marked."""

    regions: Regions
    advice: str


def told_behind_one_proxy(known: Sorted) -> Iterator[Told]:
    """Say what the regions that go through a proxy show together."""
    yield from _as_others_passed(known)
    yield from _as_none_passed(known)


# --- another region passed through the same proxy --------------------------------------------------------------------


def _as_others_passed(known: Sorted) -> Iterator[Told]:
    passed = {region.proxy: region for region in reversed(known.passed) if region.proxy}
    for region in known.failed:
        seen = _evidence(region)
        other = passed.get(region.proxy or "")
        if other is None or seen is None or seen.stage is not Stage.PROXY:
            continue
        for holds, advise in _OF_ONE:
            if holds(region, seen):
                yield Told((region,), f"The region {value(other.region)} passed through the same proxy, {advise(seen)}")
                break


def _is_unreached(region: RegionOutcome, seen: Evidence) -> bool:
    is_of_the_server = seen.proxy_problem not in _OWN_PROBLEMS and seen.socks_code not in _TOLD_BY_CODE
    return _cause(region) is Cause.PROXY_TARGET_UNREACHABLE and is_of_the_server


def _is_unexplained(region: RegionOutcome, seen: Evidence) -> bool:
    return seen.proxy_problem is None and _is_unreached(region, seen)


def _to_the_server(seen: Evidence) -> str:
    return (
        "so the proxy works and has a way out: check the host and port in the URL. If other networks reach the"
        f" server, ask the proxy's administrator to try {server_and_port(seen)} from the proxy; if not, tell the"
        " service's operator."
    )


def _is_no_more_accepted(region: RegionOutcome, seen: Evidence) -> bool:
    return _cause(region) in _NO_CONNECTION and not seen.connected


def _to_wait(_: Evidence) -> str:
    return (
        f"so the proxy is up, and most likely takes no more connections at once: {_SMALLER}. If it stays so, ask its"
        " administrator."
    )


def _is_answered_badly(region: RegionOutcome, seen: Evidence) -> bool:
    is_mute = _cause(region) in (Cause.TIMEOUT, Cause.CLOSED) and not seen.ticket_problem
    return is_mute or _cause(region) is Cause.PROXY_BAD_ANSWER


def _to_its_administrator(seen: Evidence) -> str:
    return (
        f"so {source(seen)} is right: ask the proxy's administrator to try {server_and_port(seen)} from the proxy. If"
        f" it fails for other regions at another time, {_SMALLER}."
    )


def _is_sent_to_a_page(region: RegionOutcome, seen: Evidence) -> bool:
    return _cause(region) is Cause.PROXY_DENIED and seen.location is not None


def _to_allow(seen: Evidence) -> str:
    return (
        f"so no login is missing: ask its administrator to allow CONNECT to {server_and_port(seen)}. The page that it"
        " redirects to, named in the message, usually says why it does not."
    )


_OF_ONE: tuple[tuple[Callable[[RegionOutcome, Evidence], bool], Callable[[Evidence], str]], ...] = (
    (_is_unexplained, _to_the_server),
    (_is_no_more_accepted, _to_wait),
    (_is_answered_badly, _to_its_administrator),
    (_is_sent_to_a_page, _to_allow),
)


# --- all that fail go through one proxy, and nothing passes ----------------------------------------------------------


def _as_none_passed(known: Sorted) -> Iterator[Told]:
    proxy = shared(region.proxy for region in known.failed)
    if known.passed or proxy is None or not are_on_several_hosts(known.failed):
        return
    seen = [_evidence(region) or Evidence() for region in known.failed]
    both = list(zip(known.failed, seen, strict=True))
    if all(_is_unreached(*one) for one in both):
        yield Told(known.failed, _reaches_nothing(seen[0]))
    elif all(_is_unreached(*one) or _is_mute_behind(*one) for one in both):
        yield Told(
            known.failed,
            f"Through the proxy {value(proxy)} nothing came back from any of these servers: most likely it reaches"
            " none of them, because what it forwards to (a next proxy, a VPN) is down. Ask its administrator to try"
            " one of them from the proxy itself. If that works, the proxy or a firewall behind it blocks TLS or"
            " WebSocket.",
        )
    elif all(_cause(region) is Cause.NOT_TLS for region in known.failed):
        yield Told(
            known.failed,
            f"The proxy {value(proxy)} opened a tunnel to each of these servers, but what came back was not TLS: most"
            " likely the proxy's own answer. Open any web page in a browser that uses it, and log in if a login page"
            " appears. If none does, ask its administrator why it answers in the servers' place.",
        )


def _reaches_nothing(seen: Evidence) -> str:
    web_server = f" If {source(seen)} leads to a web server and not to a proxy, correct that."
    return (
        "The proxy reaches none of these servers, so most likely it has no way out itself. Ask its administrator to"
        " check its network, the DNS server that it uses, and the next proxy if there is"
        f" one.{web_server if seen.http_status == 404 and not seen.proxy_error else ''}"
    )


def _is_mute_behind(region: RegionOutcome, seen: Evidence) -> bool:
    cause = _cause(region)
    return cause is not None and may_be_unreached(cause, seen)


# --- what a rule asks of a region ------------------------------------------------------------------------------------


def _evidence(region: RegionOutcome) -> Evidence | None:
    return region.failure.evidence if region.failure else None


def _cause(region: RegionOutcome) -> Cause | None:
    return region.failure.cause if region.failure else None
