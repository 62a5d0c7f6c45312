"""What held connections tell about who ends them: one table of rules. The first that fits a region is the one.

Each rule compares the two connections of a region, the idle one and the one that was kept alive. What no rule fits is
not claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from wsconn._debug.records import Addressee, Certainty, Conclusion, Hold, HoldEnd
from wsconn._debug.round_trips import Summary, summary_of
from wsconn._diagnosis.interceptors import is_authentic
from wsconn._outcome import RegionOutcome

IDLE, KEPT_ALIVE = "held_idle", "held_with_pings"  # what a conclusion rests on, beside the names of experiments

_CUTS = (HoldEnd.CLOSE, HoldEnd.END, HoldEnd.RESET, HoldEnd.SILENCE)
_ALIKE_SECONDS = 1.0  # two ends that are no further apart have one reason; of long spans a twentieth
_ALIKE_SHARE = 0.05
_GOING_AWAY = {1001, 1012}  # RFC 6455, section 7.4.1, and IANA's registry of close codes
_STALL_SECONDS = 1.0  # a round trip that a call does not survive unheard
_STALL_TIMES = 5  # the median


@attrs.frozen(kw_only=True)
class Pair:
    """The two connections of a region, and what its check had seen. `elsewhere` are those to other servers."""

    idle: Hold
    kept: Hold
    outcome: RegionOutcome | None
    elsewhere: tuple[Pair, ...] = ()

    @property
    def idle_cut(self) -> bool:
        """Whether the idle one was cut."""
        return self.idle.ended_by in _CUTS

    @property
    def kept_cut(self) -> bool:
        """Whether the one with pings was cut."""
        return self.kept.ended_by in _CUTS

    @property
    def together(self) -> bool:
        """Whether both were cut, at the same time."""
        return self.idle_cut and self.kept_cut and alike(self.idle, self.kept)

    @property
    def answered(self) -> bool:
        """Whether a ping had passed before the one with pings was cut, so that it was not idle until then."""
        return any(trip.seconds is not None for trip in self.kept.round_trips)

    @property
    def trips(self) -> Summary:
        """The round trips of the one with pings."""
        return summary_of(self.kept.round_trips)

    @property
    def cut_elsewhere(self) -> bool | None:
        """Whether all other servers' were cut alike, or none of them: `None` where that says nothing."""
        others = {self.is_like(other) for other in self.elsewhere}
        return others.pop() if len(others) == 1 else None

    @property
    def port_stood(self) -> bool:
        """Whether an idle connection to another port of the same host stood."""
        host = _host(self.idle)
        return any(other.idle.ended_by is HoldEnd.HELD and _host(other.idle) == host for other in self.elsewhere)

    def is_like(self, other: Pair) -> bool:
        """Tell whether both pairs were cut after the same time, in the same way, and pings kept both or neither."""
        is_same = self.idle_cut and self.idle.ended_by is other.idle.ended_by and alike(self.idle, other.idle)
        return is_same and self.together is other.together and self._kept_like(other)

    def _kept_like(self, other: Pair) -> bool:
        return not self.together or (self.kept.ended_by is other.kept.ended_by and alike(self.kept, other.kept))


@attrs.frozen(kw_only=True)
class HoldRule:
    """One line of the table: a suspect, when it is suspected, and what is said of it."""

    suspect: str | None
    when: str
    fits: Callable[[Pair], bool]
    says: Callable[[Pair], str]
    certainty: Certainty
    addressee: Callable[[Pair], Addressee | None]


def alike(one: Hold, other: Hold) -> bool:
    """Tell whether two connections were cut after the same time, as far as that was seen."""
    margin = max(_ALIKE_SECONDS, _ALIKE_SHARE * max(one.seconds, other.seconds))
    return one.least_seconds <= other.seconds + margin and other.least_seconds <= one.seconds + margin


def span(seconds: float) -> str:
    """Write seconds as a person would: one decimal where they are few."""
    return f"{_number(seconds)} s"


def after(hold: Hold) -> str:
    """Say when a connection was cut, as far as that was seen."""
    if hold.seconds - hold.least_seconds < _ALIKE_SECONDS / 10:
        return f"after {span(hold.seconds)}"
    return f"after {_number(hold.least_seconds)} to {span(hold.seconds)}"


def _number(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}".removesuffix(".0")


def _cut(hold: Hold) -> str:
    """Say when and how it was cut, as the end of "Something ends connections"."""
    return f"{after(hold)}{_HOW[hold.ended_by]}"


_HOW = {
    HoldEnd.CLOSE: ", with a Close frame",
    HoldEnd.END: "",
    HoldEnd.RESET: ", with a reset",
    HoldEnd.SILENCE: ", without telling either end",
}


# --- who -------------------------------------------------------------------------------------------------------------


def _suspected(pair: Pair) -> tuple[Addressee | None, str]:
    """Name who can mend a cut, and say why that one."""
    if pair.idle.close_notify and pair.outcome and is_authentic(pair.outcome.tls):
        return Addressee.SERVICE, "TLS said so before it ended, which only the server's side can do"
    if HoldEnd.CLOSE in (pair.idle.ended_by, pair.kept.ended_by):
        return Addressee.SERVICE, "a Close frame is a server's, or that of a gateway before it"
    if pair.cut_elsewhere is False:
        return Addressee.SERVICE, "it is so with this server, and not with the others"
    if pair.outcome and pair.outcome.proxy:
        return Addressee.PROXY, "the way leads through a proxy, and most have such a limit"
    if pair.cut_elsewhere:
        return Addressee.NETWORK, "it is so with every server that was held"
    if pair.port_stood:
        return Addressee.SERVICE, "an idle connection to another port of the same host stood"
    if pair.elsewhere:
        return None, "some of the other servers that were held are like it and some are not, which does not show where"
    return None, "whether it is in this network or before the server cannot be told from one server"


def _by_whom(pair: Pair) -> Addressee | None:
    return _suspected(pair)[0]


def _ask(pair: Pair, wanted: str) -> str:
    """Say whom to ask for what, and why that one."""
    who, why = _suspected(pair)
    whom = who or f"{Addressee.NETWORK}, then {Addressee.SERVICE},"
    return f"Ask {whom} {wanted}: {why}."


# --- what is said ----------------------------------------------------------------------------------------------------


def _says_going_away(pair: Pair) -> str:
    return (
        f"The server, or a gateway before it, closed both connections {after(pair.idle)} with the code"
        f" {pair.idle.close_code}, which says that it goes away: most likely it was restarted, or its configuration was"
        " changed. Hold them again; if they are closed after the same time, it is a limit of the server's. Either way"
        " it is the service's operator who knows."
    )


def _says_close(pair: Pair) -> str:
    code = "" if pair.idle.close_code is None else f" with the code {pair.idle.close_code}"
    reason = f" ({pair.idle.close_reason})" if pair.idle.close_reason else ""
    return (
        f"The server closes each WebSocket {after(pair.idle)}{code}{reason}, and pings do not keep it. A check does not"
        " log in, so that may be meant; it says nothing against this network. Where calls drop after the same time, ask"
        " the service's operator."
    )


def _says_lifetime(pair: Pair) -> str:
    return (
        f"Something ends every connection {_cut(pair.kept)}, used or not; pings do not keep it."
        f" {_ask(pair, 'to let connections last as long as calls do')} Until then the program has to connect anew."
    )


def _says_idle(pair: Pair) -> str:
    every = span(pair.kept.pinged_every or pair.kept.seconds)
    return (
        f"Something ends idle connections {_cut(pair.idle)}; a ping every {every} keeps them. Let the program send one"
        f" at least that often. {_ask(pair, 'to let connections be idle for longer')}"
    )


def _says_too_rare(pair: Pair) -> str:
    first = span(pair.kept.pinged_every or pair.kept.seconds)
    half = span(max(1.0, (pair.idle.least_seconds or pair.idle.seconds) / 2))
    return (
        f"Something ends connections {_cut(pair.idle)}; the first ping, at {first}, came too late to tell whether it"
        f" would have kept them. Hold them again with a ping every {half}."
    )


def _says_no_pongs(_: Pair) -> str:
    return (
        "The server answers no pings, in the check as little as later, so whether its connections still stand cannot be"
        " seen without a message that it would answer."
    )


def _says_by_chance(pair: Pair) -> str:
    return (
        f"The connection with pings was cut {after(pair.kept)}, while the idle one beside it stood: that is no limit on"
        " idle connections, and one case shows no rule. Hold connections again, for longer."
    )


def _says_stalls(pair: Pair) -> str:
    trips = pair.trips
    return (
        f"The connection stands, but stalls: half of the pings came back within {_milliseconds(trips.median)}, and some"
        f" took {_milliseconds(trips.most_of_all)}. A call would freeze for as long. Try a cable in place of Wi-Fi, and"
        " without other traffic; if it stays so, ask the network's administrator."
    )


def _says_unopened(pair: Pair) -> str:
    failure = pair.idle.failure or pair.kept.failure
    why = f": {failure.message}" if failure else "."
    return f"The check had passed, and a moment later the connection to be held could not be opened{why}"


def _milliseconds(seconds: float | None) -> str:
    return "an unknown time" if seconds is None else f"{seconds * 1000:.0f} ms"


# --- the table -------------------------------------------------------------------------------------------------------


def _stalls(pair: Pair) -> bool:
    worst, median = pair.trips.most_of_all, pair.trips.median
    return bool(worst and median and worst >= _STALL_SECONDS and worst >= _STALL_TIMES * median)


def _nobody(_: Pair) -> None:
    return None


HOLD_RULES: tuple[HoldRule, ...] = (
    HoldRule(
        suspect=None,
        when="a connection to be held could not be opened",
        fits=lambda pair: HoldEnd.NOT_OPENED in (pair.idle.ended_by, pair.kept.ended_by),
        says=_says_unopened,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=_nobody,
    ),
    HoldRule(
        suspect=None,
        when="no ping was ever answered, in the check neither",
        fits=lambda pair: (
            pair.idle.ended_by is pair.kept.ended_by is HoldEnd.SILENCE
            and not pair.answered
            and (pair.outcome is None or pair.outcome.round_trip is None)
        ),
        says=_says_no_pongs,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=_nobody,
    ),
    HoldRule(
        suspect="service_restarts",
        when="both are closed in the same moment with 1001 or 1012, the codes of a server that goes away",
        fits=lambda pair: pair.together and {pair.idle.close_code, pair.kept.close_code} <= _GOING_AWAY,
        says=_says_going_away,
        certainty=Certainty.LIKELY,
        addressee=lambda _: Addressee.SERVICE,
    ),
    HoldRule(
        suspect="service_closes",
        when="both are closed by a Close frame at the same time, with verified TLS that nobody opens",
        fits=lambda pair: (
            pair.together
            and pair.idle.ended_by is pair.kept.ended_by is HoldEnd.CLOSE
            and pair.outcome is not None
            and is_authentic(pair.outcome.tls)
        ),
        says=_says_close,
        certainty=Certainty.SHOWN,
        addressee=lambda _: Addressee.SERVICE,
    ),
    HoldRule(
        suspect="service_closes",
        when="both are closed by a Close frame at the same time",
        fits=lambda pair: pair.together and pair.idle.ended_by is pair.kept.ended_by is HoldEnd.CLOSE,
        says=_says_close,
        certainty=Certainty.LIKELY,
        addressee=lambda _: Addressee.SERVICE,
    ),
    HoldRule(
        suspect="lifetime_limit",
        when="both are cut at the same time, though pings had been answered on one",
        fits=lambda pair: pair.together and pair.answered,
        says=_says_lifetime,
        certainty=Certainty.LIKELY,
        addressee=_by_whom,
    ),
    HoldRule(
        suspect="idle_timeout",
        when="both are cut before the first ping was answered",
        fits=lambda pair: pair.idle_cut and pair.kept_cut and not pair.answered,
        says=_says_too_rare,
        certainty=Certainty.LIKELY,
        addressee=_by_whom,
    ),
    HoldRule(
        suspect="idle_timeout",
        when="the idle one is cut, and the one with pings stands longer",
        fits=lambda pair: pair.idle_cut and not pair.together and pair.kept.seconds > pair.idle.seconds,
        says=_says_idle,
        certainty=Certainty.SHOWN,
        addressee=_by_whom,
    ),
    HoldRule(
        suspect=None,
        when="the one with pings is cut, and the idle one stands longer",
        fits=lambda pair: pair.kept_cut and not pair.together,
        says=_says_by_chance,
        certainty=Certainty.CANNOT_BE_TOLD,
        addressee=_nobody,
    ),
    HoldRule(
        suspect="stalls",
        when="both stand, and some pings take a second or more, five times as long as most",
        fits=_stalls,
        says=_says_stalls,
        certainty=Certainty.LIKELY,
        addressee=lambda _: Addressee.NETWORK,
    ),
)


def conclude_holds(outcomes: Iterable[RegionOutcome], holds: Sequence[Hold]) -> tuple[Conclusion, ...]:
    """Return what the holds tell; regions of which the same is to be said share a conclusion."""
    found: list[tuple[HoldRule, Pair, list[str]]] = []
    for pair in _pairs({outcome.region: outcome for outcome in outcomes}, holds):
        rule = next((rule for rule in HOLD_RULES if rule.fits(pair)), None)
        if rule is None:
            continue
        for other_rule, other, regions in found:
            if other_rule is rule and _is_told_with(pair, other):
                regions.append(pair.idle.region)
                break
        else:
            found.append((rule, pair, []))
    return tuple(_conclusion(rule, pair, regions) for rule, pair, regions in found)


def _is_told_with(pair: Pair, other: Pair) -> bool:
    """Tell whether one sentence can be said of both."""
    return (pair.is_like(other) or not pair.idle_cut) and _suspected(pair) == _suspected(other)


def _conclusion(rule: HoldRule, pair: Pair, like_it: Sequence[str]) -> Conclusion:
    return Conclusion(
        region=pair.idle.region,
        suspect=rule.suspect,
        certainty=rule.certainty,
        sentence=rule.says(pair),
        addressee=rule.addressee(pair),
        experiments=(IDLE, KEPT_ALIVE),
        like_it=tuple(like_it),
    )


def _pairs(outcomes: Mapping[str, RegionOutcome], holds: Sequence[Hold]) -> list[Pair]:
    idle = {hold.region: hold for hold in holds if not hold.kept_alive}
    kept = {hold.region: hold for hold in holds if hold.kept_alive}
    pairs = [
        Pair(idle=idle[region], kept=kept[region], outcome=outcomes.get(region)) for region in idle if region in kept
    ]
    return [attrs.evolve(pair, elsewhere=tuple(o for o in pairs if _is_elsewhere(o.idle, pair.idle))) for pair in pairs]


def _is_elsewhere(hold: Hold, one: Hold) -> bool:
    """Tell whether a hold that says something is to another server than this one."""
    return hold.address != one.address and hold.ended_by not in (HoldEnd.ABORTED, HoldEnd.NOT_OPENED)


def _host(hold: Hold) -> str:
    return (hold.address or "").rpartition(":")[0]
