"""What pytest does for programs that use wsconn: seen in a pytest of its own, which runs tests as users write them."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import textwrap

import pytest

from tests.pages.snippets import ROOT, snippets

BOUND_SECONDS = 60
TESTS = """
import os
import sys
import unittest

import pytest

BEFORE = {name: os.environ.get(name) for name in ("WSCONN_REGIONS", "SSL_CERT_FILE", "no_proxy")}
LOADED_AT_START = sorted(name for name in sys.modules if name == "wsconn" or name.startswith("wsconn."))

import wsconn


@pytest.mark.wsconn_regions(eu="healthy", us="http-503")
def test_marker(wsconn_lab):
    assert wsconn.check().failed_regions == ("us",)
    assert list(wsconn_lab.regions) == ["eu", "us"]


@pytest.mark.wsconn_regions({"eu-central-1": "expired", "x": {"tls": True, "latency": 0.01}}, us="refused")
def test_mapping_and_tls():
    failures = [outcome.failure for outcome in wsconn.check().outcomes]
    assert [failure and failure.cause for failure in failures] == ["tls_expired", None, "refused"]


def test_added(wsconn_lab):
    wsconn_lab.add("eu")
    wsconn_lab.add("us", tls=True)
    assert wsconn.check().passed_regions == ("eu", "us")


@pytest.mark.wsconn_regions(eu="healthy")
class TestClass(unittest.TestCase):
    def test_unittest(self):
        self.assertEqual(wsconn.check().passed_regions, ("eu",))


@pytest.fixture(scope="session")
def eu(wsconn_lab_session):
    return wsconn_lab_session.add("eu")


@pytest.mark.parametrize("number", [1, 2])
def test_session(eu, number):
    assert wsconn.check({"eu": eu}, proxy=None).result == "passed"


def test_environment_is_as_before():
    assert {name: os.environ.get(name) for name in BEFORE} == BEFORE


def test_nothing_was_loaded_at_start():
    assert LOADED_AT_START == []


@pytest.mark.wsconn_regions(eu="http-503")
def test_fails_with_a_report():
    assert wsconn.check().passed_regions == ("eu",)


@pytest.mark.wsconn_regions(eu="http-418")
def test_fails_with_the_handles_report():
    with wsconn.start() as handle:
        handle.result()
    assert handle.aborted()


def test_fails_without_a_result():
    assert 1 + 1 == 3


@pytest.mark.wsconn_regions(eu="htp-503")
def test_misspelt(): ...


@pytest.mark.wsconn_regions("eu")
def test_marker_of_a_text(): ...


@pytest.mark.wsconn_regions({"eu": "healthy"}, eu="expired")
def test_marker_twice(): ...
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Run the tests once, and return what pytest says."""
    file = tmp_path_factory.mktemp("users") / "test_program.py"
    file.write_text(TESTS)
    return run_pytest(file, "-rA")


def run_pytest(file: pathlib.Path, *options: str) -> str:
    # The plugin is named, since a checkout need not be installed; what is installed has it by its entry point.
    plugins = ["-p", "pytest_wsconn", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--strict-markers", *plugins, *options, file.name],
        check=False,
        capture_output=True,
        cwd=file.parent,
        encoding="utf-8",
        env=kept | {"PYTHONPATH": str(ROOT), "COLUMNS": "120"},
        timeout=BOUND_SECONDS,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


PASSED = (
    *("test_marker", "test_mapping_and_tls", "test_added", "TestClass::test_unittest", "test_session[1]"),
    *("test_session[2]", "test_environment_is_as_before", "test_nothing_was_loaded_at_start"),
)


@pytest.mark.parametrize("name", PASSED)
def test_users_test_passes(told: str, name: str) -> None:
    """Fixtures, marker and environment are there while a test runs, and gone after it."""
    assert f"PASSED test_program.py::{name}\n" in told


def section_of(told: str, name: str) -> str:
    """Return what pytest says of a test that failed."""
    return re.split(r"\n_{3,} ", told.partition(f" {name} ___")[2])[0].partition("= short test summary")[0]


@pytest.mark.parametrize(
    ("name", "status"), [("test_fails_with_a_report", 503), ("test_fails_with_the_handles_report", 418)]
)
def test_failed_assertion_shows_the_report(told: str, name: str, status: int) -> None:
    """A result that an assertion was about, by a name or without one, is shown as a report, once."""
    section = section_of(told, name)
    assert section.count("- wsconn report -") == 1
    assert f"The region eu fails at the upgrade: the answer is HTTP {status}." in section


def test_failure_of_something_else_has_no_report(told: str) -> None:
    """A test that fails for a reason of its own is told as ever."""
    assert "assert (1 + 1) == 3" in section_of(told, "test_fails_without_a_result")
    assert "wsconn report" not in section_of(told, "test_fails_without_a_result")


def test_misspelt_marker_says_what_to_write(told: str) -> None:
    """An unknown fault and a marker that names no regions are errors of these tests alone."""
    assert "region 'eu': there is no fault 'htp-503'; try http-503" in told
    assert "region 'eu' is given twice, in the mapping and as a keyword" in told
    assert "wsconn_regions takes regions as keywords, or one mapping of names to faults" in told


def test_page_of_the_manual(tmp_path: pathlib.Path) -> None:
    """What the manual shows runs under pytest, the tests for unittest among it."""
    page = ROOT / "docs" / "how-to" / "pytest.md"
    file = tmp_path / "test_page.py"
    file.write_text("\n".join(snippet.code for snippet in snippets(page) if snippet.language == "python"))
    assert "8 passed" in run_pytest(file)


def test_marker_is_documented(tmp_path: pathlib.Path) -> None:
    """`pytest --markers` explains it."""
    file = tmp_path / "test_nothing.py"
    file.write_text("")
    assert '@pytest.mark.wsconn_regions(eu="healthy", us="http-503"): serve these regions' in run_pytest(
        file, "--markers"
    )


def test_without_the_extra_the_fixture_says_what_to_install(tmp_path: pathlib.Path) -> None:
    """The plugin is there without the lab; what needs that names the command."""
    file = tmp_path / "test_lab.py"
    file.write_text(
        textwrap.dedent("""
            import sys
            sys.modules["trustme"] = None

            def test_lab(wsconn_lab): ...
        """)
    )
    assert 'wsconn.lab needs trustme: pip install "wsconn[lab]"' in run_pytest(file)
