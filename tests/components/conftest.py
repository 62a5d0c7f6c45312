"""Components that others wrote: each case states what it expects, and the suite writes expected beside seen.

The table goes into docs/components.md when the whole suite has run, so that a part of it does not overwrite the rest.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import pytest

from tests.components.certificates import Certificates, write_certificates
from wsconn import RegionOutcome, Status

TABLE = pathlib.Path(__file__).parents[2] / "docs" / "components.md"
ROWS = pytest.StashKey[list[tuple[str, str, str, str]]]()
HEADER = """# Expected and seen

Each row is a case of the suite in `tests/components`: a program that others wrote, or a fault made with packets, what
the contract expects wsconn to say of it, and what it said. The suite writes this page.

| component | case | expected | seen |
|---|---|---|---|
"""

Row = Callable[[str, str, str, RegionOutcome], None]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Row:
    """Note a case and assert that what was expected ("passed", or "stage/cause") was seen."""

    def note(component: str, case: str, expected: str, outcome: RegionOutcome) -> None:
        seen = str(outcome.status)
        if outcome.status is Status.FAILED and outcome.failure:
            seen = f"{outcome.failure.stage}/{outcome.failure.cause}"
        request.config.stash[ROWS].append((component, case, expected, seen))
        assert seen == expected, outcome

    return note


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Write the files of an authority of the suite's own and of a certificate for 127.0.0.1."""
    return write_certificates(tmp_path_factory.mktemp("certificates"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    rows = session.config.stash[ROWS]
    files = {item.path for item in session.items}
    if files >= set(pathlib.Path(__file__).parent.glob("test_*.py")) and rows:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(HEADER + "".join(f"| {' | '.join(row)} |\n" for row in sorted(rows)))
