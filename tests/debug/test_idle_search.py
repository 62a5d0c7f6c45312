"""When a silent cut came: other idle connections, each sent its one ping at another time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsconn._debug.idle_search import RESOLUTION_SECONDS, IdleSearch


def test_times_lie_between() -> None:
    """No more than are allowed, and none closer than a second."""
    assert list(IdleSearch(120.0, 4).times(120.0)) == [24, 48, 72, 96]
    assert list(IdleSearch(5.0, 4).times(5.0)) == [1, 2, 3, 4]
    assert list(IdleSearch(2.0, 4).times(2.0)) == [1]
    assert list(IdleSearch(1.0, 4).times(1.0)) == []
    assert list(IdleSearch(120.0, 0).times(120.0)) == []


def test_no_time_is_beyond_what_is_left() -> None:
    """A search that goes on ends with the hold."""
    search = IdleSearch(120.0, 4)
    assert search.note(48.0, answered=False)
    assert not search.note(24.0, answered=True)
    assert list(search.times(40.0)) == pytest.approx([28.8, 33.6, 38.4])


def test_what_contradicts_itself_is_not_trusted() -> None:
    """One that was silent before another that answered may have met a loss: then nothing is known from below."""
    search = IdleSearch(10.0, 4)
    search.note(6.0, answered=True)
    search.note(4.0, answered=False)
    assert (search.answered, search.silent) == (0.0, 4.0)


@given(st.floats(1.0, 600.0), st.floats(0.0, 1.0), st.integers(1, 8))
def test_the_moment_is_found(seconds: float, share: float, most: int) -> None:
    """With time enough any moment is found within a second."""
    truth = seconds * share
    search = IdleSearch(seconds, most)
    for _ in range(60):
        for time in search.times(seconds):
            search.note(time, answered=time <= truth)
    assert search.answered <= truth <= search.silent
    assert search.silent - search.answered <= RESOLUTION_SECONDS + 1e-6
