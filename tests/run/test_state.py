"""The states of a region: their table, and that each state is left once, however many threads race to leave it."""

from __future__ import annotations

import itertools
import threading

import pytest

from wsconn._run.state import TABLE, Event, RegionState, State

RACERS = 8
ROUNDS = 200
EVENTS = {  # that lead to each state
    State.WAITING: [],
    State.RUNNING: [Event.BEGIN],
    State.PASSED: [Event.BEGIN, Event.PASS],
    State.FAILED: [Event.BEGIN, Event.FAIL],
    State.ABORTED: [Event.BEGIN, Event.ABORT],
}
SETTLED = (State.PASSED, State.FAILED, State.ABORTED)


def region_in(state: State) -> RegionState[str]:
    region: RegionState[str] = RegionState()
    for event in EVENTS[state]:
        assert region.process_event(event, f"first {event}")
    assert region.state is state
    return region


def test_the_table_is_the_contracts() -> None:
    """A region is begun, fails or is aborted while it waits; it passes only from running; the end is the end."""
    moves = {(here, event, there) for here, row in TABLE.items() for event, there in row.items()}
    assert moves == {
        (State.WAITING, Event.BEGIN, State.RUNNING),
        (State.WAITING, Event.FAIL, State.FAILED),
        (State.WAITING, Event.ABORT, State.ABORTED),
        (State.RUNNING, Event.PASS, State.PASSED),
        (State.RUNNING, Event.FAIL, State.FAILED),
        (State.RUNNING, Event.ABORT, State.ABORTED),
    }
    assert set(TABLE) == set(State)


@pytest.mark.parametrize("state", State, ids=str)
@pytest.mark.parametrize("event", Event, ids=str)
def test_all_pairs(state: State, event: Event) -> None:
    """In each state each event does what the table says; one that it does not list changes nothing."""
    region = region_in(state)
    before = region.outcome
    there = TABLE[state].get(event)
    assert region.process_event(event, "late") is (there is not None)
    assert region.state is (there or state)
    assert region.outcome == ("late" if there is not None else before)


def test_a_region_begins_waiting_and_without_an_outcome() -> None:
    """Before its first event, nothing is known of a region."""
    region: RegionState[str] = RegionState()
    assert (region.state, region.outcome) == (State.WAITING, None)


@pytest.mark.parametrize("state", SETTLED, ids=str)
def test_what_settled_stays_settled(state: State) -> None:
    """No series of events moves a region that has settled, nor changes what it settled with."""
    region = region_in(state)
    outcome = region.outcome
    assert outcome is not None
    for events in itertools.product(Event, repeat=3):
        assert not any(region.process_event(event, "late") for event in events)
    assert (region.state, region.outcome) == (state, outcome)


def race(state: State, events: list[Event]) -> list[tuple[RegionState[str], list[str]]]:
    """Let a thread per event try it on the same regions at the same moments; return each region with its winners."""
    rounds = [(region_in(state), []) for _ in range(ROUNDS)]
    line = threading.Barrier(len(events), timeout=30)

    def run(name: str, event: Event) -> None:
        for region, winners in rounds:
            line.wait()
            if region.process_event(event, name):
                winners.append(name)

    racers = [
        threading.Thread(target=run, args=(f"{number} {event}", event), name=f"racer-{number}")
        for number, event in enumerate(events)
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert not line.broken
    assert not [racer for racer in racers if racer.is_alive()]
    return rounds


@pytest.mark.parametrize(
    "events",
    [[Event.ABORT] * RACERS, [Event.FAIL, Event.ABORT] * (RACERS // 2), [Event.PASS, Event.ABORT] * (RACERS // 2)],
    ids=["all abort", "fail or abort", "pass or abort"],
)
def test_one_claim_wins_a_race(events: list[Event]) -> None:
    """Of eight threads that settle a running region at once exactly one does, and its outcome is the region's."""
    for region, winners in race(State.RUNNING, events):
        assert len(winners) == 1
        assert region.outcome == winners[0]
        assert region.state is TABLE[State.RUNNING][Event(winners[0].split()[1])]


def test_a_region_is_begun_once() -> None:
    """Of eight threads that begin a region exactly one may run it."""
    for region, winners in race(State.WAITING, [Event.BEGIN] * RACERS):
        assert len(winners) == 1
        assert (region.state, region.outcome) == (State.RUNNING, winners[0])


def test_an_abort_races_with_a_beginning() -> None:
    """Whether a region is begun before it is aborted or never, the abort is its end, and one abort wins."""
    for region, winners in race(State.WAITING, [Event.BEGIN, Event.ABORT] * (RACERS // 2)):
        aborts = [winner for winner in winners if winner.endswith(Event.ABORT)]
        assert len(aborts) == 1
        assert len(winners) - len(aborts) <= 1
        assert (region.state, region.outcome) == (State.ABORTED, aborts[0])
