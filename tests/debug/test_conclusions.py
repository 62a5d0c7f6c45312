"""The table of conclusions: each rule can be reached, is not shadowed, and says something."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import attrs
import pytest

from wsconn import Cause, Evidence, Experiment, Failure, Region, RegionOutcome, Stage, Status
from wsconn._debug.case import Case
from wsconn._debug.choice import CHOICES
from wsconn._debug.conclusions import FACTS, RULES, conclude, is_to_be_told, results_of, words
from wsconn._debug.conclusions.rule import Fact, Results, Rule
from wsconn._debug.experiments import TRIALS
from wsconn._debug.records import Certainty
from wsconn._probe.dialer import Dialer
from wsconn._probe.probe import Probe
from wsconn._probe.route import Route
from wsconn._probe.trust import Trust
from wsconn._proxies import Proxies
from wsconn._regions import split_url
from wsconn._stages.request import Request
from wsconn._stages.resolve import SYSTEM_LOOKUPS

each_rule = pytest.mark.parametrize(
    "rule", RULES, ids=[f"{number}-{rule.suspect}" for number, rule in enumerate(RULES)]
)
URL = "wss://eu.example/"
PROBE = Probe(Route(Dialer(SYSTEM_LOOKUPS, Proxies()), Trust.of_the_system()), Request(), True)


def case(stage: Stage, cause: Cause, *, passed: bool = False) -> Case:
    if passed:
        outcome = RegionOutcome(region="eu", url=URL, status=Status.PASSED)
        return Case(definition=Region("eu", URL), target=split_url(URL), outcome=outcome, probe=PROBE)
    seen = Evidence(stage=stage, host="eu.example", port=443, elapsed=1.0, clock=datetime(2026, 1, 1, tzinfo=UTC))
    failure = Failure(stage=stage, cause=cause, message="it was so", advice="Ask.", evidence=seen)
    outcome = RegionOutcome(region="eu", url=URL, status=Status.FAILED, failure=failure)
    return Case(definition=Region("eu", URL), target=split_url(URL), outcome=outcome, probe=PROBE)


def experiment(name: str, status: Status, variant: str = "") -> Experiment:
    return Experiment(
        region="eu", name=name, variant=variant, stage=Stage.UPGRADE, changed="", sent="", status=status,
        reached=Stage.UPGRADE, message="it was seen",
    )  # fmt: skip


def as_wanted(rule: Rule) -> list[Experiment]:
    """Return the experiments that a rule asks for, and no others."""
    passed, failed = ([*names] for names in (rule.passed, rule.failed))
    made = [experiment(name, Status.PASSED) for name in passed] + [experiment(name, Status.FAILED) for name in failed]
    for name in rule.partly:
        made += [experiment(name, status, variant) for variant, status in (("1", Status.PASSED), ("2", Status.FAILED))]
    return made


def facts_of(rule: Rule) -> Mapping[str, Fact]:
    return {name: Fact("", lambda *_, name=name: name in rule.facts) for name in FACTS}  # type: ignore[misc]  # a default


def causes(rule: Rule) -> Iterable[Cause]:
    return rule.causes or Cause


@each_rule
def test_a_rule_names_what_there_is(rule: Rule) -> None:
    """Its experiments and its facts are in their tables, and it rests on something."""
    assert set(rule.experiments) <= TRIALS.keys()
    assert set(rule.facts) <= FACTS.keys()
    assert rule.experiments or rule.suspect is None or "login_refused" in rule.facts
    assert not set(rule.passed) & set(rule.failed)


@each_rule
def test_a_rule_says_how_sure_it_is(rule: Rule) -> None:
    """Without a suspect nothing is claimed, and with one something is."""
    assert (rule.suspect is None) == (rule.certainty is Certainty.CANNOT_BE_TOLD)
    assert rule.addressee is not None or rule.suspect in (None, "passing")


@each_rule
def test_a_rule_says_something(rule: Rule) -> None:
    """Its sentence can be filled in, and ends as sentences do."""
    stage = rule.stages[0]
    found = conclude(case(stage, next(iter(causes(rule)))), [])
    assert found.sentence
    text = rule.sentence.format_map(words(case(stage, Cause.TIMEOUT), Results(as_wanted(rule))))
    assert text.endswith(".")
    assert "  " not in text
    assert "{" not in text
    assert "None" not in text


@each_rule
def test_what_a_rule_rests_on_is_made(rule: Rule) -> None:
    """For some stage and cause of it, the choice has all of its experiments."""
    made = {
        (choice.stage, cause): set()
        for choice in CHOICES
        for cause in (choice.causes or Cause)
    }  # fmt: skip
    for choice in CHOICES:
        for cause in choice.causes or Cause:
            made[choice.stage, cause] |= {"again", *choice.experiments}
    ends = itertools.product(rule.stages, causes(rule))
    assert any(set(rule.experiments) <= made.get(end, {"again"}) for end in ends)


@each_rule
def test_no_rule_is_hidden_by_another(rule: Rule) -> None:
    """Where nothing holds but what a rule asks for, that rule is the first one that holds."""
    results, facts = Results(as_wanted(rule)), facts_of(rule)
    ends = itertools.product(rule.stages, causes(rule))
    assert any(rule is first_of(case(*end, passed=rule.of_passed), results, facts) for end in ends)


def first_of(case: Case, results: Results, facts: Mapping[str, Fact]) -> Rule:
    return next(rule for rule in RULES if rule.holds(case, results, facts))


def test_without_experiments_nothing_is_claimed() -> None:
    """Whatever the failure: a check alone shows nobody."""
    for stage, cause in itertools.product(Stage, Cause):
        found = conclude(case(stage, cause), [])
        assert (found.suspect, found.certainty) == (None, Certainty.CANNOT_BE_TOLD)
        assert "cannot be told" in found.sentence


def test_of_what_passed_nothing_is_claimed_without_a_rule_for_it() -> None:
    """A rule about regions that failed never holds for one that passed, whatever the experiments say."""
    for status in (Status.PASSED, Status.FAILED):
        made = [attrs.evolve(experiment(name, status), is_control=True) for name in TRIALS]
        assert not is_to_be_told(case(Stage.FRAMES, Cause.NO_PONG, passed=True), made)


def test_what_wavers_shows_nothing() -> None:
    """An experiment that passed, and failed when it was made once more, is no ground for a conclusion."""
    once = [experiment("again", Status.FAILED, "1"), experiment("with_origin", Status.PASSED)]
    again = [*once, experiment("with_origin", Status.FAILED)]
    refused = case(Stage.UPGRADE, Cause.HTTP_STATUS)
    assert conclude(refused, once).suspect == "origin"
    assert conclude(refused, again).suspect is None


def test_what_ran_out_of_time_shows_nothing_where_there_was_an_answer() -> None:
    """A slow machine is no ground to say that a browser is refused as well."""
    failed = [experiment("again", Status.FAILED, "1"), experiment("browser_user_agent", Status.FAILED)]
    refused = case(Stage.UPGRADE, Cause.HTTP_STATUS)
    assert not results_of(refused, failed).failed("with_origin")
    assert results_of(refused, failed).failed("browser_user_agent")
    slow = [failed[0], attrs.evolve(failed[1], cause=Cause.TIMEOUT)]
    assert not results_of(refused, slow).failed("browser_user_agent")
    assert results_of(case(Stage.UPGRADE, Cause.TIMEOUT), slow).failed("browser_user_agent")


def test_what_comes_further_and_fails_there_has_not_passed() -> None:
    """A lookup that was slow once, before a server that refuses, is no trouble that has passed, nor a flaky way."""
    further = attrs.evolve(experiment("again", Status.PASSED, "1st"), cause=Cause.HTTP_STATUS, message="HTTP 404")
    slow = case(Stage.RESOLVE, Cause.TIMEOUT)
    for others in ([], [experiment("again", Status.FAILED, "2nd")]):
        found = conclude(slow, [further, *others])
        assert found.certainty is Certainty.CANNOT_BE_TOLD
        assert "HTTP 404" in found.sentence
    assert conclude(slow, [experiment("again", Status.PASSED, "1st")]).suspect == "passing"


def test_silence_here_and_there_is_a_poor_way() -> None:
    """Where each try ends at another stage, no one stage has the culprit."""
    ends = (Stage.TLS, Stage.UPGRADE, Stage.FRAMES)
    tries = [
        attrs.evolve(experiment("again", Status.FAILED, str(number)), cause=Cause.TIMEOUT, reached=reached)
        for number, reached in enumerate(ends)
    ]
    silent = case(Stage.FRAMES, Cause.NO_PONG)
    assert conclude(silent, tries).suspect == "poor_way"
    assert conclude(silent, tries[:1]).suspect is None


def test_others_experiments_and_controls_are_left_out() -> None:
    """Only experiments on the region itself are looked at."""
    shown = experiment("with_origin", Status.PASSED)
    failed = experiment("again", Status.FAILED, "1")
    refused = case(Stage.UPGRADE, Cause.HTTP_STATUS)
    for other in (attrs.evolve(shown, region="us"), attrs.evolve(shown, is_control=True)):
        assert conclude(refused, [failed, other]).suspect is None
