"""The manual's page on browsers: where a browser and wsconn differ, as the suite has seen it."""

from __future__ import annotations

import collections
import pathlib
from collections.abc import Iterable, Sequence

import attrs

from tests.browser.cases import Case
from tests.browser.chromium import Seen
from wsconn import RegionOutcome, Status

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "explanation" / "browsers.md"
TEMPLATE = pathlib.Path(__file__).parent / "browsers.md"


@attrs.frozen
class Compared:
    """One server, as Chromium saw it, and wsconn with its defaults and without frames."""

    case: Case
    browser: Seen
    default: RegionOutcome
    opening: RegionOutcome

    @property
    def agreements(self) -> int:
        """In how many of the two ways of asking they agree."""
        opens = self.browser.opened == _passed(self.opening)
        stays = self.browser.stayed == _passed(self.default)
        return opens + stays

    @property
    def verdicts(self) -> tuple[str, str, str]:
        """What each of them says, for the table."""
        return _seen(self.browser), _told(self.default), _told(self.opening)


def page(compared: Sequence[Compared], reasons: dict[str, str]) -> str:
    """Write the page."""
    agreements = sum(one.agreements for one in compared)
    order = list(reasons)
    differ = sorted(
        (one for one in compared if one.agreements < 2 and one.case.server in reasons),
        key=lambda one: order.index(one.case.server),
    )
    return TEMPLATE.read_text().format(
        servers=len({one.case.server for one in compared}),
        comparisons=2 * len(compared),
        agreements=agreements,
        disagreements=2 * len(compared) - agreements,
        rows="\n".join(_rows(differ, reasons)),
    )


def _rows(differ: Iterable[Compared], reasons: dict[str, str]) -> Iterable[str]:
    """Write a row for each server that is told in one way; ws and wss share it where they can."""
    schemes: dict[tuple[str, ...], list[str]] = collections.defaultdict(list)
    for one in differ:
        reason = reasons[one.case.server]
        schemes[one.case.summary, *one.verdicts, reason].append(one.case.scheme)
    for (summary, browser, default, opening, reason), over in schemes.items():
        yield f"| {summary} | {', '.join(dict.fromkeys(over))} | {browser} | {default} | {opening} | {reason} |"


def _seen(seen: Seen) -> str:
    if not seen.opened:
        return "does not open"
    if seen.clean is None:
        return "opens"
    return f"opens, closed: {seen.code}"


def _told(outcome: RegionOutcome) -> str:
    return f"{outcome.failure.stage} / {outcome.failure.cause}" if outcome.failure else "passed"


def _passed(outcome: RegionOutcome) -> bool:
    return outcome.status is Status.PASSED
