"""Patterns that no single cause tells: a machine that is offline, a port or scheme that alone fails, one address."""

from __future__ import annotations

from collections.abc import Iterator

from wsconn._outcome import Cause, RegionOutcome, Stage
from wsconn._text import value
from wsconn.reports._analysis.destinations import Destination, destination_of, ip_of
from wsconn.reports._analysis.facts import Facts, Regions, Sorted, are_on_several_hosts, shared
from wsconn.reports._analysis.families import broken_and_sound, families_of
from wsconn.reports._analysis.led import connect_to_of

_NO_ROUTE = ("ENETUNREACH", "ENETDOWN")
_UNDER_WAY = (Stage.CONNECT, Stage.TLS, Stage.UPGRADE, Stage.FRAMES)  # the server was found, and no proxy is at fault
_NOTICED_SECONDS = 0.1


def offline(facts: Sorted) -> str | None:
    """Say that this machine seems to be offline, where no packet can have left it and no single server is at fault."""
    signs = {_sign_of_being_offline(region) for region in facts.failed}
    if facts.passed or not signs or None in signs or not are_on_several_hosts(facts.failed):
        return None
    if signs == {Cause.DNS_NOT_FOUND}:
        return "No name resolves: the names are wrong, a DNS filter denies them, or this machine is offline"
    if signs == {Cause.UNREACHABLE}:
        return "There is no way to any address: this machine seems to be offline"
    return "No name resolves: this machine seems to be offline"


def _sign_of_being_offline(region: RegionOutcome) -> Cause | None:
    failure = region.failure
    if failure is None or failure.stage is Stage.PROXY:
        return None
    if failure.cause is Cause.UNREACHABLE:
        return Cause.UNREACHABLE if failure.os_error in _NO_ROUTE else None
    if failure.cause in (Cause.DNS_FAILED, Cause.DNS_NOT_FOUND):
        return failure.cause
    return Cause.DNS_FAILED if (failure.stage, failure.cause) == (Stage.RESOLVE, Cause.TIMEOUT) else None


def contrasts(facts: Facts) -> Iterator[str]:
    """Say what all that failed have, and nothing that passed has: a scheme, a port, a way through a proxy."""
    if not facts.passed or any(not region.failure or region.failure.stage not in _UNDER_WAY for region in facts.failed):
        return
    several = len(facts.failed) > 1  # one region that fails has a port of its own by chance
    good, bad = _common_destination(facts.passed), _common_destination(facts.failed)
    if good.scheme and bad.scheme and good.scheme != bad.scheme:
        yield f"{value(good.scheme)} passes, {value(bad.scheme)} does not"
    elif good.port and bad.port and good.port != bad.port and several:
        yield f"Port {good.port} passes, port {bad.port} does not"
    if not several:
        return
    through_good, through_bad = _proxies(facts.passed), _proxies(facts.failed)
    if through_good == {None} and None not in through_bad and len(through_bad) == 1:
        yield f"What goes directly passes, what goes through the proxy {value(through_bad.pop())} does not"
    if through_bad == {None} and None not in through_good and len(through_good) == 1:
        yield f"What goes through the proxy {value(through_good.pop())} passes, what goes directly does not"


def _common_destination(regions: Regions) -> Destination:
    """Return what the destinations of these have in common, and nothing for what differs."""
    found = [destination for region in regions if (destination := destination_of(region.url))]
    return Destination(
        host="", port=shared(place.port for place in found) or 0, scheme=shared(place.scheme for place in found) or ""
    )


def _proxies(regions: Regions) -> set[str | None]:
    return {region.proxy for region in regions}


def one_address(facts: Sorted) -> str | None:
    """Say that the names of all that failed lead to one address, to which none that passed leads."""
    address = common_address(facts)
    return f"The names of all that fail lead to one address, {value(address)}" if address else None


def common_address(facts: Sorted) -> str | None:
    """Return the one address to which the names of all that failed lead, and none that passed."""
    addresses = [_addresses(region) for region in facts.failed]
    if not addresses or not are_on_several_hosts(facts.failed) or any(len(found) != 1 for found in addresses):
        return None
    address = shared(found for (found,) in addresses)
    if address is None or any(address in _addresses(region) for region in facts.passed):
        return None
    return address


def _addresses(region: RegionOutcome) -> set[str]:
    if region.proxy is not None or connect_to_of(region):  # no name led there
        return set()
    return {str(ip) for attempt in region.attempts if (ip := ip_of(attempt.address))}


def one_family(facts: Facts) -> str | None:
    """Say that one address family fails everywhere, and that the other one helps out."""
    found = broken_and_sound(families_of(facts.result))
    if found is None:
        return None
    broken, sound = found
    later = ", a little later" if broken.delay >= _NOTICED_SECONDS else ""
    effect = f": calls will work{later}" if facts.passed else ""
    everywhere = " everywhere" if broken.helped_out > 1 else ""
    return f"{broken.name} fails{everywhere}, {sound.name} works{effect}"
