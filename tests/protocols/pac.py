"""How the tests ask a PAC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from tests.pac_cases import NAMES
from wsconn._protocols.pac import PacFailed, available, decode, evaluate

needs_pac = pytest.mark.skipif(not available(), reason="needs the extra pac")
NOW = datetime(2026, 11, 28, 12, 30, 15, tzinfo=UTC)


def ask(
    script: str | bytes,
    url: str = "wss://h.test/",
    *,
    look_up: Callable[[str], Sequence[str]] = lambda name: NAMES.get(name, []),
    own: Callable[[], Sequence[str]] = lambda: ["10.9.9.9"],
    now: datetime = NOW,
    remaining: float = 60.0,
    run: Callable[[Callable[[], str]], str] = lambda work: work(),
) -> str:
    text = script if isinstance(script, str) else decode(script)
    return evaluate(text, url, look_up, own, now=now, remaining=lambda: remaining, run=run)


def fault(script: str | bytes, **given: object) -> str:
    with pytest.raises(PacFailed) as failed:
        ask(script, **given)
    assert str(failed.value) == failed.value.detail
    return failed.value.detail
