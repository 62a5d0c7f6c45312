"""Chromium opens what wsconn checks, and each disagreement has its reason in the manual."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
from collections.abc import Iterator

import attrs
import pytest

from tests.browser.cases import NAMES, serving
from tests.browser.certificates import authority_pem
from tests.browser.chromium import PYTHON, open_in_chromium
from tests.browser.page import PAGE, Compared, page
from tests.browser.reasons import REASONS
from tests.engine import start_in
from wsconn import ConnectivityResult
from wsconn.lab import Lab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (PYTHON.exists() and shutil.which("certutil")), reason="tests/components/install has not run"
    ),
]

TIMEOUT_SECONDS = 3.0
FEWEST = 300  # what there are now, and some: a suite that sees nothing agrees with everybody


@attrs.frozen
class Suite:
    """What all saw, and the folder that Chromium had for its home."""

    compared: list[Compared]
    home: pathlib.Path


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """Open everything in Chromium and in wsconn, once."""
    keys, home = tmp_path_factory.mktemp("keys"), tmp_path_factory.mktemp("home")
    with serving(keys) as (lab, cases):
        urls = {name: case.url for name, case in cases.items()}
        opening, default = _checked(lab, urls, verify_frames=False), _checked(lab, urls, verify_frames=True)
        # Those that open come first: the more handshakes have failed, the longer Chromium delays each of a page's.
        in_order = {name: urls[name] for name in (*opening.passed_regions, *opening.failed_regions)}
        seen = open_in_chromium(in_order, names=NAMES, authority=authority_pem(lab), home=home)
    return Suite(
        [Compared(case, seen[name], default.outcome(name), opening.outcome(name)) for name, case in cases.items()], home
    )


def _checked(lab: Lab, urls: dict[str, str], *, verify_frames: bool) -> ConnectivityResult:
    test = start_in(lab, urls, timeout=TIMEOUT_SECONDS, verify_frames=verify_frames)
    return test.result(timeout=60)


def test_each_disagreement_has_its_reason(suite: Suite) -> None:
    """Where they differ, the manual says why, and it gives no reason where they agree; the page is written here."""
    PAGE.write_text(page(suite.compared, REASONS))
    differ = {one.case.server: one.verdicts for one in suite.compared if one.agreements < 2}
    assert {server: verdicts for server, verdicts in differ.items() if server not in REASONS} == {}
    assert set(REASONS) - set(differ) == set()


def test_much_was_compared(suite: Suite) -> None:
    """There are many servers, of which Chromium opens some and not others, a healthy one over TLS among the first."""
    opened = {(one.case.server, one.case.scheme): one.browser.opened for one in suite.compared}
    assert len(opened) >= FEWEST
    assert opened["healthy", "wss"]
    assert not opened["untrusted", "wss"]


def test_nothing_is_left(suite: Suite) -> None:
    """Chromium has ended, and what drove it too."""
    assert [name for name, at in _processes() if at.is_relative_to(suite.home)] == []


def _processes() -> Iterator[tuple[str, pathlib.Path]]:
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended, or is not ours to look at
            yield (process / "comm").read_text().strip(), (process / "cwd").readlink()
