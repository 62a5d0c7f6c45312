"""The rule that turns outcomes into one word, and what a result tells beside it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import attrs
import hypothesis
import pytest
from hypothesis import strategies as st

from wsconn import ConnectivityResult, RegionOutcome, Status, Timings, Verdict
from wsconn._result import verdict

names = st.text(min_size=1, max_size=12)
seconds = st.floats(min_value=0, max_value=1e5, allow_nan=False)


@st.composite
def results(draw: st.DrawFn) -> ConnectivityResult:
    """Results of any number of regions, each settled in any way."""
    outcomes = tuple(
        RegionOutcome(
            region=name,
            url="wss://h.example/",
            status=draw(st.sampled_from(Status)),
            round_trip=draw(st.none() | seconds),
            timings=Timings(upgrade=draw(st.none() | seconds)),
        )
        for name in draw(st.lists(names, unique=True, max_size=8))
    )
    return result_of(*outcomes)


def result_of(*outcomes: RegionOutcome) -> ConnectivityResult:
    return ConnectivityResult(outcomes=outcomes, started_at=datetime(2026, 1, 1, tzinfo=UTC), duration=1.0)


def outcome(name: str, status: Status = Status.PASSED, *, pong: float | None, upgrade: float | None) -> RegionOutcome:
    return RegionOutcome(
        region=name, url="wss://h.example/", status=status, round_trip=pong, timings=Timings(upgrade=upgrade)
    )


P, F, A = Status.PASSED, Status.FAILED, Status.ABORTED


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([P], Verdict.PASSED),
        ([P, P], Verdict.PASSED),
        ([P, F], Verdict.WARNING),
        ([F, P, F], Verdict.WARNING),
        ([F], Verdict.FAILED),
        ([F, F], Verdict.FAILED),
        ([], Verdict.FAILED),
        ([A], Verdict.ABORTED),
        ([P, A], Verdict.ABORTED),
        ([F, A], Verdict.ABORTED),
        ([P, F, A], Verdict.ABORTED),
    ],
    ids=lambda value: value if isinstance(value, Verdict) else "-".join(value) or "none",
)
def test_the_rule_by_example(statuses: list[Status], expected: Verdict) -> None:
    """The contract's four lines, each with its edges."""
    assert verdict(statuses) is expected


@hypothesis.given(st.lists(st.sampled_from(Status)))
def test_the_rule(statuses: list[Status]) -> None:
    """Each word stands when its own condition holds, and exactly one does."""
    aborted = A in statuses
    conditions = {
        Verdict.PASSED: bool(statuses) and all(status is P for status in statuses),
        Verdict.WARNING: not aborted and P in statuses and F in statuses,
        Verdict.FAILED: not aborted and P not in statuses,
        Verdict.ABORTED: aborted,
    }
    assert [word for word, holds in conditions.items() if holds] == [verdict(statuses)]


@hypothesis.given(st.lists(st.sampled_from(Status)), st.randoms())
def test_the_rule_knows_no_order(statuses: list[Status], random: object) -> None:
    """The verdict does not depend on the order of the regions, nor on how often a status comes."""
    shuffled = [*statuses, *statuses]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert verdict(shuffled) is verdict(statuses)


@hypothesis.given(results())
def test_the_lists_part_the_regions(result: ConnectivityResult) -> None:
    """Every region is in exactly one of the three lists, and each list is in input order."""
    order = [one.region for one in result.outcomes]
    lists = {P: result.passed_regions, F: result.failed_regions, A: result.aborted_regions}
    assert sorted(name for some in lists.values() for name in some) == sorted(order)
    for status, some in lists.items():
        assert isinstance(some, tuple)
        assert list(some) == [name for name in order if result.outcome(name).status is status]
    assert result.result is verdict(one.status for one in result.outcomes)


@hypothesis.given(results())
def test_to_dict_is_daily_js_object(result: ConnectivityResult) -> None:
    """`to_dict` has daily-js' four keys in its order, plain strings and lists in them, and goes through JSON."""
    told = result.to_dict()
    assert list(told) == ["result", "passedRegions", "failedRegions", "abortedRegions"]
    assert type(told["result"]) is str
    for key in list(told)[1:]:
        assert type(told[key]) is list
        assert all(type(name) is str for name in told[key])
    assert told["result"] == result.result
    assert (told["passedRegions"], told["failedRegions"]) == (list(result.passed_regions), list(result.failed_regions))
    assert json.loads(json.dumps(told)) == told
    assert result.to_dict() is not told


@hypothesis.given(results())
def test_outcomes_are_found_by_name(result: ConnectivityResult) -> None:
    """`outcome(name)` gives that region's, by a name that is equal and need not be the same object."""
    assert all(result.outcome("".join([*one.region])) is one for one in result.outcomes)


NINE = [outcome(f"r{number}", F, pong=None, upgrade=None) for number in range(9)]


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        ([outcome("eu", P, pong=1.0, upgrade=1.0)], "passed: 1 of 1 region passed"),
        (
            [outcome("eu", P, pong=1.0, upgrade=1.0), outcome("us", F, pong=None, upgrade=None)],
            "warning: 1 of 2 regions passed, 1 failed (us)",
        ),
        (
            [outcome("eu", F, pong=None, upgrade=None), outcome("u\x1bs", A, pong=None, upgrade=None)],
            "aborted: 0 of 2 regions passed, 1 failed (eu), 1 aborted (u\\x1bs)",
        ),
        (NINE, "failed: 0 of 9 regions passed, 9 failed (r0, r1, r2, r3, r4 and 4 more)"),
    ],
    ids=["passed", "warning", "aborted", "many"],
)
def test_a_result_is_told_in_a_line(outcomes: list[RegionOutcome], told: str) -> None:
    """`print(result)` says the verdict, how many regions passed, and which did not; `repr` has every field."""
    result = result_of(*outcomes)
    assert (str(result), f"{result}") == (told, told)
    assert repr(result).startswith("ConnectivityResult(outcomes=(RegionOutcome(")


def test_an_unknown_name_is_a_key_error() -> None:
    """`outcome` of a region that was not asked for raises KeyError with its name, and those that there are."""
    with pytest.raises(KeyError, match="there is no region 'mars'; there are 'earth'"):
        result_of(outcome("earth", pong=1.0, upgrade=1.0)).outcome("mars")


@hypothesis.given(results())
def test_the_fastest_has_passed_and_none_is_faster(result: ConnectivityResult) -> None:
    """`fastest` is a passed region with the least round trip; without any, with the least upgrade; or `None`."""
    passed = [one for one in result.outcomes if one.status is P]
    trips = [one.round_trip for one in passed if one.round_trip is not None]
    upgrades = [one.timings.upgrade for one in passed if one.timings.upgrade is not None]
    fastest = result.fastest()
    if fastest is None:
        assert not trips
        assert not upgrades
    else:
        assert fastest in passed
        assert (fastest.round_trip == min(trips)) if trips else (fastest.timings.upgrade == min(upgrades))


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([outcome("far", pong=0.2, upgrade=0.1), outcome("near", pong=0.1, upgrade=0.2)], "near"),
        ([outcome("zero", pong=0.0, upgrade=0.2), outcome("near", pong=0.1, upgrade=0.1)], "zero"),
        ([outcome("failed", F, pong=0.0, upgrade=0.0), outcome("near", pong=0.1, upgrade=0.1)], "near"),
        ([outcome("far", pong=None, upgrade=0.2), outcome("near", pong=None, upgrade=0.1)], "near"),
        ([outcome("mute", pong=None, upgrade=0.0), outcome("near", pong=0.1, upgrade=0.2)], "near"),
        ([outcome("one", pong=0.1, upgrade=0.2), outcome("two", pong=0.1, upgrade=0.2)], "one"),
        ([outcome("aborted", A, pong=0.1, upgrade=0.1)], None),
        ([], None),
    ],
    ids=["least", "zero", "failed", "no frames", "a round trip beats none", "a tie", "aborted", "nobody"],
)
def test_the_fastest_by_example(outcomes: list[RegionOutcome], expected: str | None) -> None:
    """Failed and aborted regions do not count, a round trip of zero does, and of two alike the first is given."""
    fastest = result_of(*outcomes).fastest()
    assert (fastest and fastest.region) == expected


def test_a_result_derives_what_it_tells() -> None:
    """Verdict and lists follow from the outcomes: a result with others tells otherwise."""
    result = result_of(outcome("a", pong=0.1, upgrade=0.1))
    changed = attrs.evolve(result, outcomes=(outcome("a", F, pong=None, upgrade=None),))
    assert (result.result, changed.result) == (Verdict.PASSED, Verdict.FAILED)
