"""What a test tries with a program of others', and what wsconn must say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import pytest

import wsconn
from tests.components.conftest import Row, Unexpected

SECONDS = 5.0


@attrs.frozen(kw_only=True)
class Case:
    """One way to ask a program, and what should be seen and said.

    `fact` must be in the message, `first` among the first things that the advice says to do. `options` go to
    `wsconn.check`. `xfail` is why the case is known to fail.
    """

    name: str
    target: str = "/"
    expected: str = "passed"
    fact: str = ""
    first: str = ""
    close_code: int | None = None
    seconds: float = SECONDS
    options: Mapping[str, Any] = {}
    xfail: str = ""

    def note(self, row: Row, component: str, outcome: wsconn.RegionOutcome) -> None:
        """Note what was seen, and assert that it is what was expected."""
        row(component, self.name, self.expected, outcome, fact=self.fact, first=self.first)
        if outcome.close_code != self.close_code:
            raise Unexpected(f"closed with {outcome.close_code}")
        if self.expected == "passed" and not self.close_code and outcome.round_trip is None:
            raise Unexpected("the round trip was not measured")


def each(cases: Mapping[str, Sequence[Case]]) -> pytest.MarkDecorator:
    """Parametrise a test with every case of every component."""
    return pytest.mark.parametrize(("component", "case"), list(_params(cases)))


def _params(cases: Mapping[str, Sequence[Case]]) -> Iterator[Any]:  # pytest's ParameterSet is not public
    for component, its in cases.items():
        for case in its:
            known = pytest.mark.xfail(strict=True, raises=Unexpected, reason=case.xfail)
            yield pytest.param(component, case, id=f"{component}: {case.name}", marks=[known] if case.xfail else [])
