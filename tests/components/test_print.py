"""The page of a report on paper: what belongs together stays together, wherever a sheet ends."""

from __future__ import annotations

import re

import pytest

from tests.components.printed import print_pages, sheets
from tests.components.programs import HOME
from tests.factories import attempt, failed, passed, result
from wsconn import Cause, RegionOutcome, Stage, reports

pytestmark = [
    pytest.mark.components,
    pytest.mark.skipif(not (HOME / "browser").exists(), reason="tests/components/install has not run"),
]
CAUSES = (Cause.REFUSED, Cause.LOCAL_LIMIT, Cause.TIMEOUT, Cause.CLOSED, Cause.BLOCKED_LOCALLY)
ADVICE = "Ask the network's administrator about it. " * 6 + "That is all."
HEADING = re.compile(r"^\s*(\w+) at connect\s+\d regions?$", re.MULTILINE)
PLACES = range(24)  # a sheet ends at another place after each further region


def outcomes(healthy: int) -> list[RegionOutcome]:
    ways = [failed(f"bad-{cause}", Stage.CONNECT, cause, advice=f"{cause}: {ADVICE}") for cause in CAUSES]
    return [*(passed(f"good-{number}", attempts=(attempt("192.0.2.1:443"),)) for number in range(healthy)), *ways]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[str]]:
    """Print a page for each number of healthy regions, and return its sheets."""
    folder = tmp_path_factory.mktemp("pages")
    print_pages(folder, {f"{number}": reports.to_html(result(*outcomes(number))) for number in PLACES})
    return {number: sheets(folder / f"{number}.pdf") for number in PLACES}


def test_heading_stays_with_what_to_do(printed: dict[int, list[str]]) -> None:
    """On the sheet on which a cause is named there is what to do about it too, from the first word to the last."""
    for found in printed.values():
        whole = [(cause, sheet) for sheet in found for cause in HEADING.findall(sheet)]
        assert len(whole) == len(CAUSES)
        for cause, sheet in whole:
            advice = " ".join(sheet.split()).partition(f"What to do {cause}: Ask")[2]
            assert "That is all." in advice, sheet


def test_no_heading_ends_a_sheet(printed: dict[int, list[str]]) -> None:
    """Below each heading there is something that it is the heading of."""
    headings = {"Regions", "What failed, and what to do", "For the network's administrator", "Certificates", "Proxy"}
    last = {sheet.strip().splitlines()[-1].strip() for found in printed.values() for sheet in found}
    assert not [line for line in last if line in headings or line.startswith("Hosts and ports") or HEADING.match(line)]


def test_attempts_are_for_the_screen(printed: dict[int, list[str]]) -> None:
    """Nobody unfolds anything on paper: a summary without what it sums up is not printed."""
    assert "attempt" not in "".join(printed[1])
