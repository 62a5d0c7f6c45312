"""What a watch counts: pure records and lines of text."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsconn import Cause, Failure, RegionOutcome, Stage, Status, Timings, Verdict
from wsconn._cli.display.sparkline import sparkline
from wsconn._cli.display.statistics import MOST_RECENT, Statistics, verdict
from wsconn._cli.display.watch_text import head, layout, row, summary
from wsconn.reports import ASCII_SIGNS, SIGNS


def passed(round_trip: float | None = 0.02, **changes: object) -> RegionOutcome:
    return RegionOutcome(region="eu", url="ws://h/", status=Status.PASSED, round_trip=round_trip, **changes)


def failed(cause: Cause = Cause.REFUSED) -> RegionOutcome:
    failure = Failure(stage=Stage.CONNECT, cause=cause, message="no", advice="ask")
    return RegionOutcome(region="eu", url="ws://h/", status=Status.FAILED, failure=failure)


ABORTED = RegionOutcome(region="eu", url="ws://h/", status=Status.ABORTED)


def after(*outcomes: RegionOutcome, region: str = "eu") -> Statistics:
    known = Statistics(region=region)
    for outcome in outcomes:
        known = known.after(outcome)
    return known


# --- counting ------------------------------------------------------------------------------------------------------


def test_nothing_is_known_at_first() -> None:
    """No number is made up where there was no round."""
    known = Statistics(region="eu")
    assert known.rounds == 0
    assert {known.loss, known.last, known.least, known.mean, known.most, known.deviation, known.cause} == {None}


@given(st.lists(st.floats(0, 60), min_size=2, max_size=200))
def test_numbers_are_those_of_the_whole_list(seconds: list[float]) -> None:
    """What is kept from round to round is what the statistics of all rounds together say."""
    known = after(*map(passed, seconds))
    assert (known.rounds, known.lost, known.measured) == (len(seconds), 0, len(seconds))
    assert (known.last, known.least, known.most) == (seconds[-1], min(seconds), max(seconds))
    assert known.mean == pytest.approx(statistics.fmean(seconds), abs=1e-9)
    assert known.deviation == pytest.approx(statistics.stdev(seconds), abs=1e-6)


def test_deviation_takes_two() -> None:
    """Of a single value nothing is known about how it varies."""
    assert after(passed()).deviation is None


def test_loss_and_the_last_cause() -> None:
    """A cause stays told after the region has passed again: that is what a person looks for in the morning."""
    known = after(passed(), failed(Cause.TIMEOUT), failed(), passed())
    assert (known.rounds, known.lost, known.loss, known.cause) == (4, 2, 0.5, Cause.REFUSED)
    assert known.recent == (0.02, None, None, 0.02)


def test_aborted_round_does_not_count() -> None:
    """Ctrl-C is no loss."""
    assert after(passed(), ABORTED) == after(passed())


def test_without_frames_the_upgrade_is_measured() -> None:
    """As `fastest()` has it; a pass that has neither is a round without a number."""
    assert after(passed(None, timings=Timings(upgrade=0.3))).mean == 0.3
    assert after(passed(None)).rounds == 1
    assert after(passed(None)).mean is None


def test_what_is_kept_is_bounded() -> None:
    """A watch may run for months."""
    known = after(*[passed(float(number)) for number in range(3 * MOST_RECENT)])
    assert len(known.recent) == MOST_RECENT
    assert known.recent[-1] == 3 * MOST_RECENT - 1
    assert known.least == 0


@pytest.mark.parametrize(
    ("regions", "word"),
    [
        ([after(passed())], Verdict.PASSED),
        ([after(passed(), failed())], Verdict.WARNING),
        ([after(passed()), after(failed())], Verdict.WARNING),
        ([after(failed()), after(failed())], Verdict.FAILED),
        ([Statistics(region="eu")], Verdict.ABORTED),
        ([after(passed()), after(failed()), after(ABORTED)], Verdict.ABORTED),
    ],
    ids=["passed", "in-one-round", "of-one-region", "failed", "nothing", "nothing-of-one"],
)
def test_verdict_on_all_rounds(regions: list[Statistics], word: Verdict) -> None:
    """One loss is a warning; a failure is when nothing ever passed; who never settled was aborted."""
    assert verdict(regions) is word


# --- bars ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ((), ""),
        ((0.0, 0.0), "▁▁"),
        ((1.0, 1.0), "██"),
        ((0.1, None, 0.8), "▂✗█"),
        ((None,), "✗"),
    ],
)
def test_sparkline(values: tuple[float | None, ...], bars: str) -> None:
    """A bar a value on a scale from zero, a cross for a loss."""
    assert sparkline(values) == bars


def test_small_differences_look_small() -> None:
    """A scale that began at the least value would make a storm of a millisecond."""
    assert set(sparkline([0.100, 0.101, 0.099])) == {"█"}


@given(st.lists(st.none() | st.floats(0, 100), max_size=50))
def test_sparkline_has_a_sign_for_each_value(values: list[float | None]) -> None:
    """In ASCII too, where there are as many levels."""
    assert len(sparkline(values)) == len(sparkline(values, ascii_only=True)) == len(values)
    assert sparkline(values, ascii_only=True).isascii()


# --- rows ----------------------------------------------------------------------------------------------------------

HISTORY = [
    after(*[passed(0.0123)] * 9, failed(Cause.TLS_UNTRUSTED), region="ap-northeast-1"),
    after(*[passed(1.5)] * 4, region="ap-northeast-2"),
    after(failed(), failed(), region="sa-east-1"),
]


@given(st.integers(40, 200), st.booleans())
def test_rows_fit_the_width(width: int, ascii_only: bool) -> None:
    """At any width names are whole, and nothing is wider than there is room."""
    fit = layout(HISTORY, width)
    lines = [head(fit), *(row(region, fit, ascii_only=ascii_only) for region in HISTORY)]
    assert max(map(len, lines)) <= width
    assert [line.split()[0] for line in lines[1:]] == [region.region for region in HISTORY]
    assert {"region", "loss", "mean"} <= set(lines[0].split())


def test_rows_at_80_columns() -> None:
    """Numbers stand under each other; losses are never rounded away."""
    fit = layout(HISTORY, 80)
    assert [head(fit), *(row(region, fit) for region in HISTORY)] == [
        "region          loss  last least  mean  most   dev  recent      last cause",
        "ap-northeast-1   10%        12.3  12.3  12.3   0.0  █████████✗  tls_untrusted",
        "ap-northeast-2    0%  1500  1500  1500  1500   0.0  ████",
        "sa-east-1       100%                                ✗✗          refused",
    ]


@pytest.mark.parametrize(
    ("lost", "of", "told"), [(0, 1000, "0%"), (1, 1000, "<1%"), (999, 1000, ">99%"), (3, 3, "100%")]
)
def test_loss_is_not_rounded_away(lost: int, of: int, told: str) -> None:
    """Only none is 0 %, and only all is 100 %."""
    region = Statistics(region="eu", rounds=of, lost=lost)
    assert row(region, layout([region], 80)).split()[1] == told


def test_loss_of_no_round_is_no_number() -> None:
    """A region that never settled has lost nothing, and has passed in nothing."""
    region = after(ABORTED)
    assert row(region, layout([region], 80)).split() == ["eu", "-"]


def test_summary() -> None:
    """After the rows there is a verdict in a word and a sentence, and how long it took."""
    *rows, blank, word, rest = summary(HISTORY, rounds=10, seconds=61.4, width=80, signs=SIGNS).splitlines()
    assert (len(rows), blank) == (4, "")
    assert word == "! warning  1 of 3 regions never passed, 1 did not pass in every round."
    assert rest == "           10 rounds in 61 s; round trips in ms."


def test_summary_in_ascii() -> None:
    """Where the signs cannot be shown there are others."""
    report = summary(HISTORY, rounds=1, seconds=1, width=80, signs=ASCII_SIGNS)
    assert report.isascii()
    assert "         1 round in 1 s" in report


@pytest.mark.parametrize(
    ("regions", "said"),
    [
        ([after(passed())], "✓ passed   No round was lost."),
        ([after(passed(), failed())], "! warning  The region did not pass in every round."),
        ([after(passed()), after(passed(), failed())], "! warning  1 of 2 regions did not pass in every round."),
        ([after(passed()), after(failed())], "! warning  1 of 2 regions never passed."),
        ([after(failed())], "✗ failed   No region ever passed."),
        ([after(failed()), after(failed())], "✗ failed   No region ever passed."),
        ([after(ABORTED)], "○ aborted  Interrupted before anything was known."),
        (
            [after(passed()), after(ABORTED)],
            "○ aborted  Interrupted: nothing is known of 1 of 2 regions.",
        ),
    ],
)
def test_summary_says_what_is_known(regions: list[Statistics], said: str) -> None:
    """The sentence fits the verdict."""
    assert f"{said}\n" in summary(regions, rounds=1, seconds=1, width=80, signs=SIGNS)


@pytest.mark.parametrize(
    ("rounds", "cut_short", "said"),
    [
        (1, False, "1 round in 3 s;"),
        (2, False, "2 rounds in 3 s;"),
        (2, True, "2 rounds and one that was cut short in 3 s;"),
        (0, True, "No whole round in 3 s;"),
    ],
)
def test_summary_counts_whole_rounds(rounds: int, cut_short: bool, said: str) -> None:
    """One that was interrupted is told apart."""
    report = summary(HISTORY, rounds=rounds, cut_short=cut_short, seconds=3, width=80, signs=SIGNS)
    assert report.splitlines()[-1].strip().startswith(said)


def test_hostile_names_are_escaped_and_wide_ones_keep_their_columns() -> None:
    """A row is one line whatever a name holds."""
    regions = [after(passed(), region="東京"), after(passed(), region="a\x1b[31m\nb")]
    fit = layout(regions, 80)
    tokyo, hostile = (row(region, fit) for region in regions)
    assert hostile.startswith(r"a\x1b[31m\nb")
    assert tokyo.index("0%") + 2 == hostile.index("0%")
