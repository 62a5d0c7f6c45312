"""What held connections tell: each rule of the table, from records made by hand."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from tests.factories import passed
from wsconn import Conclusion, Hold, RegionOutcome, TlsInfo
from wsconn._debug.hold_conclusions import HOLD_RULES, conclude_holds
from wsconn._debug.records import Addressee, Certainty, HoldEnd, RoundTrip

PUBLIC = TlsInfo(issuer="CN=R11, O=Let's Encrypt, C=US")
OPENED = TlsInfo(issuer="CN=Zscaler Root CA, O=Zscaler Inc.")
PINGS = tuple(RoundTrip(at=20.0 * number, seconds=0.02) for number in range(1, 7))
PROXY = "http://proxy.example.org:3128 (from https_proxy)"
END, RESET, SILENCE, CLOSE, HELD = HoldEnd.END, HoldEnd.RESET, HoldEnd.SILENCE, HoldEnd.CLOSE, HoldEnd.HELD


def idle(ended_by: HoldEnd, seconds: float, **more: Any) -> Hold:
    told: dict[str, Any] = {"region": "eu", "least_seconds": seconds, "address": "192.0.2.1:443", **more}
    return Hold(kept_alive=False, ended_by=ended_by, seconds=seconds, **told)


def kept(ended_by: HoldEnd, seconds: float, pings: tuple[RoundTrip, ...] = PINGS, **more: Any) -> Hold:
    return attrs.evolve(idle(ended_by, seconds, **more), kept_alive=True, pinged_every=20.0, round_trips=pings)


def conclude(*holds: Hold, **more: Any) -> tuple[Conclusion, ...]:
    outcomes: dict[str, RegionOutcome] = {
        hold.region: passed(hold.region, **{"round_trip": 0.02, **more}) for hold in holds
    }
    return conclude_holds(outcomes.values(), holds)


STALLED = (*PINGS, RoundTrip(at=130.0, seconds=2.5))
UNANSWERED = (RoundTrip(at=20.0, seconds=None),)
CASES: dict[str, tuple[tuple[Hold, Hold], dict[str, Any], str | None, Certainty, str]] = {
    "idle, by a reset": (
        (idle(RESET, 30.2), kept(HELD, 120.0)), {}, "idle_timeout", Certainty.SHOWN,
        "Something ends idle connections after 30 s, with a reset; a ping every 20 s keeps them.",
    ),
    "idle, in silence": (
        (idle(SILENCE, 60.0, least_seconds=48.0), kept(HELD, 120.0)), {}, "idle_timeout", Certainty.SHOWN,
        "Something ends idle connections after 48 to 60 s, without telling either end; a ping every 20 s keeps them.",
    ),
    "idle, and later both": (
        (idle(END, 30.0), kept(END, 90.0)), {}, "idle_timeout", Certainty.SHOWN, "after 30 s; a ping every 20 s",
    ),
    "whatever is sent": (
        (idle(END, 60.1), kept(END, 60.0)), {}, "lifetime_limit", Certainty.LIKELY,
        "Something ends every connection after 60 s, used or not",
    ),
    "before the first ping": (
        (idle(END, 3.1), kept(END, 3.2, ())), {}, "idle_timeout", Certainty.LIKELY,
        "the first ping, at 20 s, came too late to tell whether it would have kept them. Hold them again",
    ),
    "closed by who has the certificate": (
        (idle(CLOSE, 10.0, close_code=4401, close_reason="log in"), kept(CLOSE, 10.1, ())), {"tls": PUBLIC},
        "service_closes", Certainty.SHOWN, "closes each WebSocket after 10 s with the code 4401 (log in)",
    ),
    "closed by who opens TLS": (
        (idle(CLOSE, 10.0), kept(CLOSE, 10.1)), {"tls": OPENED}, "service_closes", Certainty.LIKELY, "A check does not",
    ),
    "closed by a server that goes away": (
        (idle(CLOSE, 41.0, close_code=1001), kept(CLOSE, 41.1, close_code=1001)), {"tls": PUBLIC},
        "service_restarts", Certainty.LIKELY, "closed both connections after 41 s with the code 1001",
    ),
    "only the one with pings": (
        (idle(HELD, 120.0), kept(RESET, 70.0)), {}, None, Certainty.CANNOT_BE_TOLD, "one case shows no rule",
    ),
    "stalls": (
        (idle(HELD, 140.0), kept(HELD, 140.0, STALLED)), {}, "stalls", Certainty.LIKELY, "some took 2500 ms",
    ),
    "no pong at all": (
        (idle(SILENCE, 30.0, least_seconds=0.0), kept(SILENCE, 20.0, UNANSWERED, least_seconds=0.0)),
        {"round_trip": None}, None, Certainty.CANNOT_BE_TOLD, "The server answers no pings",
    ),
    "not opened": (
        (idle(HoldEnd.NOT_OPENED, 0.0), kept(HELD, 20.0)), {}, None, Certainty.CANNOT_BE_TOLD, "could not be opened",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_rule(name: str) -> None:
    """The suspect, how sure it is, and the sentence's facts."""
    holds, more, suspect, certainty, fact = CASES[name]
    (conclusion,) = conclude(*holds, **more)
    assert (conclusion.suspect, conclusion.certainty) == (suspect, certainty)
    assert fact in conclusion.sentence
    assert conclusion.experiments == ("held_idle", "held_with_pings")


def test_each_rule_has_its_case() -> None:
    """The table holds no rule that nothing leads to."""
    drawn = {
        (conclusion.suspect, conclusion.certainty)
        for holds, more, *_ in CASES.values()
        for conclusion in conclude(*holds, **more)
    }
    assert drawn == {(rule.suspect, rule.certainty) for rule in HOLD_RULES}


@pytest.mark.parametrize(
    "holds",
    [
        pytest.param((idle(HELD, 120.0), kept(HELD, 120.0)), id="both stand"),
        pytest.param((idle(HoldEnd.ABORTED, 20.0), kept(HoldEnd.ABORTED, 20.0)), id="aborted"),
        pytest.param((idle(HoldEnd.BROKEN, 20.0), kept(HELD, 20.0)), id="given up"),
        pytest.param((idle(RESET, 20.0),), id="one alone"),
        pytest.param((), id="none"),
    ],
)
def test_no_rule_no_claim(holds: tuple[Hold, ...]) -> None:
    """Where nothing is to be said, nothing is."""
    assert conclude(*holds) == ()


def test_what_is_alike_is_told_once() -> None:
    """Regions that are cut after the same time share a conclusion; others have their own."""
    pairs = [
        (idle(RESET, seconds, region=name, address=f"192.0.2.{number}:443"), kept(HELD, 120.0, region=name))
        for number, (name, seconds) in enumerate((("eu", 30.0), ("us", 30.4), ("ap", 60.0)))
    ]
    first, second = conclude(*(hold for pair in pairs for hold in pair))
    assert (first.region, first.like_it) == ("eu", ("us",))
    assert (second.region, second.like_it) == ("ap", ())


def test_a_limit_on_idleness_and_one_on_life_are_two() -> None:
    """Two servers that cut at about the same time, one of them whatever is sent: no network does both."""
    where = {"region": "us", "address": "192.0.2.2:443"}
    found = conclude(idle(END, 2.5), kept(HELD, 20.0), idle(END, 3.0, **where), kept(END, 3.0, **where))
    assert [(one.region, one.suspect) for one in found] == [("eu", "idle_timeout"), ("us", "lifetime_limit")]
    assert [one.addressee for one in found] == [Addressee.SERVICE, Addressee.SERVICE]
    assert not [one for one in found if "every server" in one.sentence]


def test_a_reset_and_a_silent_cut_are_two() -> None:
    """What was cut in another way has its own conclusion, and shows no one network."""
    where = {"region": "us", "address": "192.0.2.2:443"}
    found = conclude(
        idle(RESET, 30.0),
        kept(HELD, 120.0),
        idle(SILENCE, 30.5, least_seconds=29.5, **where),
        kept(HELD, 120.0, **where),
    )
    assert [(one.region, one.like_it) for one in found] == [("eu", ()), ("us", ())]
    assert ["with a reset" in one.sentence for one in found] == [True, False]
    assert Addressee.NETWORK not in [one.addressee for one in found]


@pytest.mark.parametrize(
    ("address", "addressee", "why"),
    [
        pytest.param("192.0.2.1:8443", Addressee.SERVICE, "another port of the same host stood", id="of the same host"),
        pytest.param("198.51.100.9:443", None, "some of the other servers", id="of another host"),
    ],
)
def test_what_stood_beside_others_that_were_cut(address: str, addressee: Addressee | None, why: str) -> None:
    """Where some servers are cut and some are not, another port of the same host says most; never was it one server."""
    cut, stood = {"region": "us", "address": "192.0.2.2:443"}, {"region": "ap", "address": address}
    found = conclude(
        idle(END, 30.0), kept(HELD, 120.0), idle(END, 30.0, **cut), kept(HELD, 120.0, **cut),
        idle(HELD, 120.0, **stood), kept(HELD, 120.0, **stood),
    )[0]  # fmt: skip
    assert found.addressee is addressee
    assert why in found.sentence
    assert "from one server" not in found.sentence


@pytest.mark.parametrize(
    ("others", "more", "idle_more", "addressee"),
    [
        pytest.param((), {}, {}, None, id="one server says nothing of where"),
        pytest.param((30.0, 30.3), {}, {}, Addressee.NETWORK, id="every server alike"),
        pytest.param((None, None), {}, {}, Addressee.SERVICE, id="this server alone"),
        pytest.param((30.0, None), {}, {}, None, id="some and some"),
        pytest.param((), {"proxy": PROXY}, {}, Addressee.PROXY, id="through a proxy"),
        pytest.param((30.0,), {"tls": PUBLIC}, {"close_notify": True}, Addressee.SERVICE, id="TLS said goodbye"),
        pytest.param((), {"tls": OPENED}, {"close_notify": True}, None, id="and somebody else's TLS did"),
    ],
)
def test_whom_to_tell(
    others: tuple[float | None, ...], more: dict[str, Any], idle_more: dict[str, Any], addressee: Addressee | None
) -> None:
    """It is told by comparing servers, by the proxy on the way, and by what only the server's side can send."""
    holds = [idle(END, 30.0, **idle_more), kept(HELD, 120.0)]
    for number, seconds in enumerate(others):
        where = {"region": f"r{number}", "address": f"198.51.100.{number}:443"}
        holds += [idle(END, seconds, **where) if seconds else idle(HELD, 120.0, **where), kept(HELD, 120.0, **where)]
    conclusion = conclude(*holds, **more)[0]
    assert conclusion.region == "eu"
    assert conclusion.addressee is addressee
    if addressee:
        assert f"Ask {addressee}" in conclusion.sentence
