"""Fixtures and a marker for tests of programs that use wsconn, and the report of a result on which an assertion failed.

pytest loads this module wherever wsconn is installed, for tests of anything. So it stands beside the package, and
imports nothing of it until a test asks for that.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wsconn import ConnectivityResult
    from wsconn.lab import Lab

MARKER = "wsconn_regions"
_MOST_REPORTS = 3  # of one failed test
_COLUMNS = 100


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker means."""
    config.addinivalue_line(
        "markers",
        f'{MARKER}(eu="healthy", us="http-503"): serve these regions while the test runs, each with a fault of'
        " wsconn.lab, and have WSCONN_REGIONS name them",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Serve the regions of a marker for a test that does not ask for the lab itself."""
    names: list[str] | None = getattr(item, "fixturenames", None)
    if names is not None and "wsconn_lab" not in names and item.get_closest_marker(MARKER):
        names.append("wsconn_lab")


@pytest.fixture
def wsconn_lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A lab with the regions of the marker, which `WSCONN_REGIONS` names, with all that the test adds."""
    from wsconn.lab import served

    with served(_regions(request.node.get_closest_marker(MARKER))) as lab:
        yield lab


@pytest.fixture(scope="session")
def wsconn_lab_session() -> Iterator[Lab]:
    """A lab for all tests of the session, to which a fixture of your own adds regions. No variable names them."""
    from wsconn.lab import Lab

    with Lab() as lab:
        yield lab


def _regions(marker: pytest.Mark | None) -> dict[str, Any]:
    """Return what a marker says: as keywords, or as one mapping where a name is no keyword."""
    if marker is None:
        return {}
    if len(marker.args) > 1 or not all(isinstance(given, Mapping) for given in marker.args):
        raise pytest.UsageError(f"{MARKER} takes regions as keywords, or one mapping of names to faults")
    return {**dict(*marker.args), **marker.kwargs}


@pytest.hookimpl(hookwrapper=True)  # the new style wants pytest 8
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """Add the report of each result that the failed test had at hand."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    if call.excinfo is None or not report.failed or "wsconn" not in sys.modules:
        return
    for result in _results(call.excinfo):
        from wsconn.reports import to_text

        report.sections.append(("wsconn report", to_text(result, width=_COLUMNS)))


def _results(raised: pytest.ExceptionInfo[BaseException]) -> list[ConnectivityResult]:
    """Return the results in the frames of a traceback, the last frame's first.

    pytest keeps the parts of an assertion in variables of the frame, so that one without a name is found as well.
    """
    from wsconn import ConnectivityResult, ConnectivityTest

    held = [held for entry in reversed(raised.traceback) for held in entry.frame.raw.f_locals.values()]
    ended = [one.result(timeout=0) if isinstance(one, ConnectivityTest) and one.done() else one for one in held]
    results = {id(one): one for one in ended if isinstance(one, ConnectivityResult)}
    return list(results.values())[:_MOST_REPORTS]
