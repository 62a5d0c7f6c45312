"""A region that passed only by an alternate: the finding, its row and its totals say so."""

from __future__ import annotations

import pytest

from tests.factories import attempt, failed, passed, result
from tests.reports.golden import MACHINE
from wsconn import Attempt, Cause, ConnectivityResult, RegionOutcome, Stage, reports

FIRST, SECOND, THIRD = "wss://eu.example.org/", "wss://eu.example.net/", "wss://eu.example.com/"
DISCOVERY = "https://gs.example.org/eu"
REFUSED = attempt("192.0.2.1:443", Cause.REFUSED, url=FIRST, duration=1.5)
OUTRUN = attempt("[2001:db8::1]:443", Cause.OUTRUN, url=FIRST, duration=0.1)
SILENT = attempt("192.0.2.2:443", Cause.TIMEOUT, url=SECOND, duration=5.0)
UNTOLD = attempt("192.0.2.80:443", Cause.BAD_DISCOVERY, Stage.DISCOVERY, url=DISCOVERY, duration=0.2)
TOLD = attempt("192.0.2.80:443", stage=Stage.DISCOVERY, url=DISCOVERY)
FORMATS = {
    "text": reports.to_text,
    "markdown": lambda told: reports.to_markdown(told, machine=MACHINE),
    "html": lambda told: reports.to_html(told, machine=MACHINE),
}
each_format = pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)


def by(url: str, *attempts: Attempt, name: str = "eu") -> RegionOutcome:
    works = attempt("192.0.2.9:443", stage=Stage.FRAMES, url=url)
    return passed(name, url=url, attempts=(*attempts, works), duration=1.56)


NOTES = {
    "second": (by(SECOND, REFUSED), "passed by its 2nd URL; the first: refused after 1500 ms"),
    "third": (
        by(THIRD, REFUSED, SILENT),
        "passed by its 3rd URL; the URLs before: refused after 1500 ms, timeout after 5000 ms",
    ),
    "several addresses": (by(SECOND, REFUSED, OUTRUN), "passed by its 2nd URL; the first: refused after 1500 ms"),
    "no discovery": (by(SECOND, UNTOLD), "passed by its 2nd URL; the first: bad_discovery after 200 ms"),
    "discovery": (by(SECOND, TOLD), None),
    "first": (by(FIRST, REFUSED), None),
    "failed": (failed("eu", Stage.CONNECT, Cause.TIMEOUT, url=SECOND, attempts=(REFUSED, SILENT)), None),
}


@each_format
@pytest.mark.parametrize(("outcome", "note"), NOTES.values(), ids=NOTES)
def test_row_says_so(write: object, outcome: RegionOutcome, note: str | None) -> None:
    """Beside the region stand the number of its URL, and how the ones before ended; not where it is the first."""
    assert callable(write)
    report = " ".join(write(result(outcome)).split())
    assert ("URL; the" in report) is bool(note)
    assert (note or "") in report


FINDINGS = {
    "the only region": ((by(SECOND, REFUSED),), "The region eu passed by its 2nd URL; the first: refused."),
    "one of two": (
        (by(SECOND, REFUSED), passed("us")),
        "eu (1 of 2 regions) passed by its 2nd URL; the first: refused.",
    ),
    "alike": (
        (by(SECOND, REFUSED), by(SECOND, REFUSED, name="us")),
        "Both regions passed by their 2nd URL; the first: refused.",
    ),
    "in several ways": (
        (by(SECOND, REFUSED), by(THIRD, REFUSED, SILENT, name="us")),
        "Both regions passed by an alternate URL; the URLs before: refused, timeout.",
    ),
}


@pytest.mark.parametrize(("outcomes", "finding"), FINDINGS.values(), ids=FINDINGS)
def test_finding_says_so(outcomes: tuple[RegionOutcome, ...], finding: str) -> None:
    """Who reads the findings alone learns it too."""
    assert finding in reports.findings(result(*outcomes))


@pytest.mark.parametrize("number", [2, 3, 4, 11, 12, 13, 21, 22])
def test_ordinals(number: int) -> None:
    """Numbers of URLs are written as English has it."""
    before = [attempt("192.0.2.1:443", Cause.REFUSED, url=f"wss://eu-{one}.example.org/") for one in range(1, number)]
    told: ConnectivityResult = result(by(THIRD, *before))
    suffix = {2: "nd", 3: "rd", 21: "st", 22: "nd"}.get(number, "th")
    assert f"passed by its {number}{suffix} URL" in reports.to_text(told)
