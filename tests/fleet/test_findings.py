"""Findings across machines: each rule in a fleet where it holds, and in one where it must not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.fleet.fleets import OK, bad, found, intercepted, kinds, report, rounds
from wsconn.fleet import FindingKind, Suspect
from wsconn.fleet._merged.rules import RULES

REGIONS = ("eu", "us", "sa")
ALL_OK = dict.fromkeys(REGIONS, OK)
SA_FAILS = {**ALL_OK, "sa": bad()}
ALL_FAIL = dict.fromkeys(REGIONS, bad())
BEHIND = dict.fromkeys(REGIONS, intercepted())
EXPIRED = dict.fromkeys(REGIONS, bad("tls", "tls_expired"))
EARLY = dict.fromkeys(REGIONS, bad("tls", "tls_not_yet_valid"))
Ends = Mapping[str, Mapping[str, Any]]


def machines(count: int, ends: Ends = ALL_OK, *, name: str = "k", **more: Any) -> list[str]:
    """Return a report of each of some machines."""
    return [report(f"{name}-{number}", ends, **more) for number in range(count)]


def histories(count: int, *history: Ends, name: str = "k", **more: Any) -> list[str]:
    """Return several rounds of each of some machines, which begin some seconds apart."""
    return [one for number in range(count) for one in rounds(f"{name}-{number}", *history, first=number / 10, **more)]


def sites(**counts: int) -> list[str]:
    """Return healthy machines at sites."""
    return [one for site, count in counts.items() for one in machines(count, site=site, name=site)]


Made = Callable[[], list[str]]
HOLDS: dict[str, tuple[FindingKind, Made]] = {
    "nothing": (FindingKind.NOTHING, lambda: machines(1, {region: {"status": "aborted"} for region in REGIONS})),
    "clock": (FindingKind.CLOCK, lambda: [*machines(9), report("k-17", EARLY, minute=-60 * 24 * 365)]),
    "clocks of several": (FindingKind.CLOCK, lambda: [*machines(20), *machines(5, EXPIRED, name="c")]),
    "clock ahead": (FindingKind.CLOCK_AHEAD, lambda: [*machines(9), report("k-17", ALL_OK, minute=60 * 24 * 365)]),
    "region since": (FindingKind.REGION_SINCE, lambda: histories(6, ALL_OK, ALL_OK, SA_FAILS, SA_FAILS)),
    "region since, one machine late": (
        FindingKind.REGION_SINCE,
        lambda: [*histories(9, ALL_OK, SA_FAILS), *rounds("new", SA_FAILS, first=6)],
    ),
    "region always": (FindingKind.REGION_ALWAYS, lambda: machines(5, SA_FAILS)),
    "region everywhere": (
        FindingKind.REGION_EVERYWHERE,
        lambda: [
            one
            for number in range(6)
            for one in rounds(f"k-{number}", *[ALL_OK] * (number + 1), *[SA_FAILS] * (7 - number))
        ],
    ),
    "site": (FindingKind.GROUP_ALONE, lambda: [*sites(Graz=3, Linz=3), *machines(3, BEHIND, site="Vienna", name="v")]),
    "site, one machine elsewhere": (
        FindingKind.GROUP_ALONE,
        lambda: [
            *sites(Graz=20, Linz=20),
            *machines(5, BEHIND, site="Vienna", name="v"),
            report("x", SA_FAILS, site="Graz"),
        ],
    ),
    "label": (
        FindingKind.GROUP_ALONE,
        lambda: [*machines(6, labels={"os": "10"}), *machines(3, ALL_FAIL, labels={"os": "7"}, name="old")],
    ),
    "system": (
        FindingKind.GROUP_ALONE,
        lambda: [*machines(6, system="Linux"), *machines(3, ALL_FAIL, system="Windows", name="w")],
    ),
    "host": (FindingKind.HOST_ALONE, lambda: [*machines(9), report("k-17", ALL_FAIL)]),
    "hosts": (FindingKind.HOST_ALONE, lambda: [*machines(40), *machines(6, ALL_FAIL, name="x")]),
    "partly": (FindingKind.REGION_PARTLY, lambda: [*machines(10), *machines(5, SA_FAILS, name="x")]),
    "scattered": (FindingKind.SCATTERED, lambda: [*machines(100), report("x", SA_FAILS), report("y", SA_FAILS)]),
    "silent": (
        FindingKind.SILENT,
        lambda: [*histories(5, *[ALL_OK] * 12), *rounds("gone", *[ALL_OK] * 4)],
    ),
    "silent site": (
        FindingKind.SILENT_SITE,
        lambda: [*histories(5, *[ALL_OK] * 12), *histories(2, *[ALL_OK] * 4, name="g", site="Graz")],
    ),
    "recovered": (FindingKind.RECOVERED, lambda: histories(5, SA_FAILS, SA_FAILS, ALL_OK)),
    "at times": (
        FindingKind.AT_TIMES,
        lambda: [
            one
            for number in range(4)
            for one in rounds(f"k-{number}", *[SA_FAILS if turn == number else ALL_OK for turn in range(6)])
        ],
    ),
    "passed": (FindingKind.PASSED, lambda: machines(5)),
}
HOLDS_NOT: dict[str, tuple[FindingKind, Made]] = {
    "nothing, of one passed": (FindingKind.NOTHING, lambda: machines(1)),
    "clock, where another certificate is valid": (
        FindingKind.CLOCK,
        lambda: [*machines(9), report("k-17", {**ALL_OK, "sa": bad("tls", "tls_expired")})],
    ),
    "clock, where all machines see it": (FindingKind.CLOCK, lambda: machines(9, EXPIRED)),
    "clock ahead, by some minutes": (
        FindingKind.CLOCK_AHEAD,
        lambda: [*machines(9), report("k-17", ALL_OK, minute=20)],
    ),
    "clock ahead, of half of them": (
        FindingKind.CLOCK_AHEAD,
        lambda: [*machines(9), *machines(9, minute=60 * 24, name="new")],
    ),
    "region since, of two machines": (FindingKind.REGION_SINCE, lambda: histories(2, ALL_OK, SA_FAILS)),
    "region since, at different times": (
        FindingKind.REGION_SINCE,
        lambda: HOLDS["region everywhere"][1](),
    ),
    "region since, one saw it begin": (
        FindingKind.REGION_SINCE,
        lambda: [*machines(9, SA_FAILS, minute=10), *rounds("x", ALL_OK, SA_FAILS)],
    ),
    "region always, of half of them": (
        FindingKind.REGION_ALWAYS,
        lambda: [*machines(5), *machines(5, SA_FAILS, name="x")],
    ),
    "region everywhere, since one time": (
        FindingKind.REGION_EVERYWHERE,
        lambda: histories(6, ALL_OK, SA_FAILS),
    ),
    "site, of one machine": (
        FindingKind.GROUP_ALONE,
        lambda: [*sites(Graz=3, Linz=3), report("v", BEHIND, site="Vienna")],
    ),
    "site, the only one": (FindingKind.GROUP_ALONE, lambda: machines(4, BEHIND, site="Vienna")),
    "site, half of it": (
        FindingKind.GROUP_ALONE,
        lambda: [*sites(Graz=4, Vienna=2), *machines(2, BEHIND, site="Vienna", name="v")],
    ),
    "site, as others too": (
        FindingKind.GROUP_ALONE,
        lambda: [*sites(Graz=4), *machines(2, SA_FAILS, site="Vienna", name="v"), report("x", SA_FAILS, site="Graz")],
    ),
    "site of two, among many pairs": (
        FindingKind.GROUP_ALONE,
        lambda: [
            report(
                f"k-{number}", SA_FAILS if number in (0, 1, 4, 8, 12, 16, 20, 24) else ALL_OK, site=f"s{number // 2}"
            )
            for number in range(200)
        ],
    ),
    "host, two of a hundred by chance": (
        FindingKind.HOST_ALONE,
        lambda: [*machines(100), report("x", SA_FAILS), report("y", {**ALL_OK, "eu": bad()})],
    ),
    "host, in one region of three": (
        FindingKind.HOST_ALONE,
        lambda: [*histories(5, *[ALL_OK] * 4), *rounds("x", *[SA_FAILS] * 4)],
    ),
    "host, where others fail too": (FindingKind.HOST_ALONE, lambda: machines(2, ALL_FAIL)),
    "host, the only one": (FindingKind.HOST_ALONE, lambda: machines(1, ALL_FAIL)),
    "partly, at one site": (
        FindingKind.REGION_PARTLY,
        lambda: [*sites(Graz=6, Linz=6), *machines(3, SA_FAILS, site="Graz", name="x")],
    ),
    "scattered, where a rule holds": (FindingKind.SCATTERED, lambda: machines(5, SA_FAILS)),
    "silent, of single reports": (FindingKind.SILENT, lambda: [*machines(9), report("x", ALL_OK, minute=-600)]),
    "silent, a round late": (
        FindingKind.SILENT,
        lambda: [*histories(5, *[ALL_OK] * 12), *rounds("late", *[ALL_OK] * 11)],
    ),
    "silent site, of one machine": (
        FindingKind.SILENT_SITE,
        lambda: [*histories(5, *[ALL_OK] * 12), *rounds("g", *[ALL_OK] * 4, site="Graz")],
    ),
    "recovered, at different times": (
        FindingKind.RECOVERED,
        lambda: [
            one
            for number in range(6)
            for one in rounds(f"k-{number}", *[SA_FAILS] * (number + 1), *[ALL_OK] * (7 - number))
        ],
    ),
    "recovered, which failed on one": (
        FindingKind.RECOVERED,
        lambda: [*histories(5, ALL_OK, ALL_OK), *rounds("x", SA_FAILS, ALL_OK)],
    ),
    "at times, on one machine": (
        FindingKind.AT_TIMES,
        lambda: [*histories(5, *[ALL_OK] * 6), *rounds("x", *[SA_FAILS, ALL_OK] * 3)],
    ),
    "at times, which is back": (FindingKind.AT_TIMES, lambda: histories(5, *[SA_FAILS] * 3, *[ALL_OK] * 3)),
    "passed, where one fails": (FindingKind.PASSED, lambda: [*machines(5), report("x", SA_FAILS)]),
}


@pytest.mark.parametrize(("kind", "made"), HOLDS.values(), ids=HOLDS)
def test_a_rule_finds_what_it_is_for(kind: FindingKind, made: Made) -> None:
    """Each has a fleet in which it holds, and says so."""
    assert kind in kinds(made())


@pytest.mark.parametrize(("kind", "made"), HOLDS_NOT.values(), ids=HOLDS_NOT)
def test_a_rule_finds_nothing_else(kind: FindingKind, made: Made) -> None:
    """Each has a fleet that is nearly like it, in which it must keep silent; something is always said."""
    told = kinds(made())
    assert kind not in told
    assert told


def test_every_rule_is_tried() -> None:
    """A rule that is new has both tests; every kind is one rule's."""
    of_rules = [kind for rule in RULES for kind in rule.kinds]
    assert len(of_rules) == len({*of_rules})
    assert {kind for kind, _ in HOLDS.values()} == {kind for kind, _ in HOLDS_NOT.values()} == {*of_rules}
    assert {*of_rules} == {*FindingKind}


def test_a_site_is_told_whole() -> None:
    """Facts are fields; the sentence is made from them."""
    finding, *others = found(HOLDS["site"][1]())
    assert others == []
    assert (finding.suspect, finding.group) == (Suspect.NETWORK, ("site", "Vienna"))
    assert (finding.hosts, finding.sites) == (("v-0", "v-1", "v-2"), ("Vienna",))
    assert (finding.stage, finding.cause, finding.signer) == ("tls", "tls_untrusted", "Fortinet")
    assert finding.sentence == (
        "Only machines of site Vienna fail in all 3 regions (3 of 3 machines), all at TLS (tls_untrusted), signed by"
        " Fortinet: the network of site Vienna."
    )


def test_a_machine_by_itself_is_told_so() -> None:
    """With nobody to compare it to, nothing more can be said."""
    (finding,) = found([report("k-17", SA_FAILS)])
    assert finding.sentence == (
        "The only machine (k-17) fails in sa, at connect (timeout), and nothing known about it explains why;"
        " there are too few machines to compare."
    )


def test_a_region_is_told_since_when() -> None:
    """The first failure that anybody saw; that the time is the machines' own is said."""
    (finding,) = found(HOLDS["region since"][1]())
    assert (finding.suspect, finding.regions, finding.by_clocks) == (Suspect.SERVICE, ("sa",), True)
    assert finding.since is not None
    assert f"{finding.since:%H:%M}" == "12:10"
    assert finding.sentence == (
        "sa fails everywhere since 2026-03-01 12:10 UTC by their clocks (all 6 machines), all at connect (timeout):"
        " the service."
    )


def test_a_clock_is_told_with_its_time() -> None:
    """What it said is in the sentence, and no time of it counts elsewhere."""
    (finding,) = found(HOLDS["clock"][1]())
    assert (finding.suspect, finding.hosts) == (Suspect.CLOCK, ("k-17",))
    assert "k-17 alone finds" in finding.sentence
    assert "its clock, which said 2025-03-01 12:00 UTC" in finding.sentence


def test_one_failure_does_not_hide_the_other() -> None:
    """A region that is down, a site behind a device and a dead machine are told one by one, the weightiest first."""
    behind = {**BEHIND, "sa": intercepted()}
    reports = [
        *(one for site in ("Graz", "Linz") for one in histories(5, ALL_OK, SA_FAILS, name=site, site=site)),
        *histories(5, behind, behind, name="v", site="Vienna"),
        *histories(1, ALL_FAIL, ALL_FAIL, name="dead", site="Linz"),
    ]
    assert kinds(reports) == ["region_since", "group_alone", "host_alone"]


def test_what_only_one_site_has_may_be_that_site() -> None:
    """Where all machines stand at one place, the service and its network cannot be told apart."""
    (finding,) = found(machines(5, SA_FAILS, site="Vienna"))
    assert finding.suspect is None
    assert "the service, or the network of site Vienna" in finding.sentence


def test_machines_of_one_name_are_told_apart() -> None:
    """Two kiosks from one image have one name; the site stands beside it."""
    reports = [*machines(4), report("pi", ALL_FAIL, site="Graz"), report("pi", ALL_OK, site="Linz")]
    (finding,) = [one for one in found(reports) if one.kind is FindingKind.HOST_ALONE]
    assert finding.hosts == ("pi (Graz)",)


def test_a_wrong_clock_moves_no_time() -> None:
    """A machine whose clock is ahead does not make the others silent, nor an outage begin later."""
    reports = [
        *histories(12, *[ALL_OK] * 3, SA_FAILS, SA_FAILS),
        *rounds("ahead", ALL_OK, SA_FAILS, first=60 * 24 * 90),
    ]
    told = found(reports)
    assert [finding.kind for finding in told] == [FindingKind.REGION_SINCE, FindingKind.CLOCK_AHEAD]
    assert f"{told[0].since:%Y-%m-%d %H:%M}" == "2026-03-01 12:15"
