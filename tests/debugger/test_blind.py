"""Networks with one culprit each, which the debugger does not know: its conclusion is right, or "cannot be told"."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping

import pytest

from tests.debugger import more_talk, more_ways, networks
from tests.debugger.lab import made, missing
from tests.debugger.making import NETWORKS
from wsconn import DebugReport
from wsconn._debug.records import Certainty

pytestmark = pytest.mark.components

SEEDS = {1: more_ways, 2: more_talk}  # names, addresses and ports differ, and what is made beside the first networks
FEWEST_FOUND = 0.9
FEWEST_NETWORKS = 80
Found = Mapping[str, tuple[frozenset[str], DebugReport]]  # the culprit's names and what was said, by network


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed-{seed}")
def reports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Found:
    if why := missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no network namespaces here: {why}")
    folder: pathlib.Path = tmp_path_factory.mktemp("debugger")
    modules = (networks.__name__, SEEDS[request.param].__name__)
    makers = {name: make for name, make in NETWORKS.items() if make.__module__ in modules}
    with made(request.param, folder, makers) as lab:
        return {name: (lab.networks[name].suspects, report) for name, report in lab.reports().items()}


def suspected(report: DebugReport) -> tuple[str | None, str]:
    """Return who is suspected, and what is said; nobody is where the fault has not struck and the region passed."""
    about = (one for one in report.conclusions if one.region == "bad" or "bad" in one.like_it)
    return next(((one.suspect, one.sentence) for one in about), (None, "it passed"))


def test_no_conclusion_is_wrong(reports: Found) -> None:
    """Whom a conclusion names is the culprit."""
    said = {name: (suspected(report), suspects) for name, (suspects, report) in reports.items()}
    assert {name: found for name, (found, suspects) in said.items() if found[0] not in {None, *suspects}} == {}


def test_nearly_all_culprits_are_found(reports: Found) -> None:
    """Where a culprit can be told from the others, it mostly is."""
    findable = {name: report for name, (suspects, report) in reports.items() if suspects}
    unknown = [name for name, report in findable.items() if suspected(report)[0] is None]
    assert len(unknown) <= (1 - FEWEST_FOUND) * len(findable), unknown
    assert len(reports) > FEWEST_NETWORKS


def test_a_conclusion_that_cannot_be_told_says_so(
    reports: Found,
) -> None:
    """Without a suspect the certainty is "cannot be told", and with one it is another."""
    for _, report in reports.values():
        for found in report.conclusions:
            assert (found.suspect is None) == (found.certainty is Certainty.CANNOT_BE_TOLD)
