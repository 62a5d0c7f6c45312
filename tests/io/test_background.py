"""Work in the background: what a test did not need may be needed by the next, as after a check by the debugger."""

from __future__ import annotations

import pytest

from wsconn._io import background
from wsconn._io.background import Lazy, NotNeededError


def test_what_was_not_needed_is_done_when_it_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The debugger goes on with what its check has shared, which may have ended before the work began."""
    monkeypatch.setattr(background, "_SOON_SECONDS", 10)
    work = Lazy(lambda: "roots", "test-work")
    unneeded = work.begin()
    work.join()
    with pytest.raises(NotNeededError):
        unneeded.result(10)
    needed = work.begin()
    work.hurry()
    assert needed.result(10) == "roots"
    work.join()
