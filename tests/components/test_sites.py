"""What an administrator gets from three sites: an inspecting proxy, a firewall that drops two regions, a portal."""

from __future__ import annotations

import functools
import pathlib
import textwrap

import pytest

from tests.components.printed import print_pages, sheets
from tests.components.programs import HOME
from tests.components.sites import FOLDER, NAMES, SITES, visit, written
from wsconn import Cause, ConnectivityResult, Stage, reports

pytestmark = pytest.mark.components

SCREEN_LINES, SCREEN_COLUMNS = 24, 80  # of a terminal
SCREEN_PIXELS = 844  # of a phone; a window on a desk is higher
WHOM = "administrator"
FAILS = {
    "inspected": (NAMES, (Stage.TLS, Cause.TLS_UNTRUSTED)),
    "firewall": (("ap-southeast-1", "eu-west-2"), (Stage.CONNECT, Cause.TIMEOUT)),
    "portal": (NAMES, (Stage.TLS, Cause.TLS_HOSTNAME_MISMATCH)),
}
each_site = pytest.mark.parametrize("name", SITES)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> functools.partial[ConnectivityResult]:
    """Return what visits a site, once for all tests."""
    return functools.partial(_visited, folder=tmp_path_factory.mktemp("sites"))


@functools.cache
def _visited(name: str, folder: pathlib.Path) -> ConnectivityResult:
    (folder / name).mkdir()
    return visit(name, folder / name)


@each_site
def test_fails_as_such_a_site_does(name: str, found: functools.partial[ConnectivityResult]) -> None:
    """The regions that fail are those that the site keeps away, each at the stage and for the cause that are right."""
    result = found(name)
    regions, where = FAILS[name]
    assert result.failed_regions == regions
    assert {(o.failure.stage, o.failure.cause) for o in result.outcomes if o.failure} == {where}


@each_site
@pytest.mark.parametrize("suffix", ["txt", "md", "html"])
def test_golden_files(name: str, suffix: str, found: functools.partial[ConnectivityResult]) -> None:
    """Each report is what it was; after a change on purpose `python -m tests.components.sites` writes them anew."""
    assert written(found(name))[suffix] == (FOLDER / f"{name}.{suffix}").read_text("utf-8")


def test_inspecting_proxy_is_named(found: functools.partial[ConnectivityResult]) -> None:
    """Though it shows another certificate to every connection, the report says who made them."""
    result = found("inspected")
    for outcome in result.outcomes:
        assert outcome.failure
        assert "signed by O=Zscaler Inc., CN=Zscaler Intermediate Root CA" in outcome.failure.message
        assert "Zscaler opens and re-signs TLS" in outcome.failure.advice
    assert "Zscaler" in reports.findings(result)[0]


@each_site
def test_terminal_names_whom_to_call_on_its_first_screen(
    name: str, found: functools.partial[ConnectivityResult]
) -> None:
    """Neither the text nor the Markdown must be scrolled for it."""
    result = found(name)
    for report in (reports.to_text(result, width=SCREEN_COLUMNS), reports.to_markdown(result)):
        lines = [part for line in report.splitlines() for part in textwrap.wrap(line, SCREEN_COLUMNS) or [""]]
        assert WHOM in " ".join(lines[:SCREEN_LINES])


@pytest.mark.skipif(not (HOME / "browser").exists(), reason="tests/components/install has not run")
def test_page_names_whom_to_call_on_its_first_screen(
    found: functools.partial[ConnectivityResult], tmp_path: pathlib.Path
) -> None:
    """On a desk and on a phone it is seen without scrolling, and on paper it is on the first sheet."""
    ends = print_pages(tmp_path, {name: reports.to_html(found(name)) for name in SITES}, WHOM)
    for name in SITES:
        assert all(end and end < SCREEN_PIXELS for end in ends[name].values()), ends
        assert WHOM in sheets(tmp_path / f"{name}.pdf")[0]
