"""Components that others wrote: each case states what it expects, and the suite writes expected beside seen.

The table goes into docs/components.md when the whole suite has run, so that a part of it does not overwrite the rest.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import signal
from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from tests.components.certificates import Certificates, write_certificates
from wsconn import RegionOutcome, Status

TABLE = pathlib.Path(__file__).parents[2] / "docs" / "components.md"
ROWS = pytest.StashKey[list[tuple[str, ...]]]()
FILES = pytest.StashKey[set[str]]()
HEADER = """# Expected and seen

Each row is a case of the suite in `tests/components`: a program that others wrote, or a fault made with packets, what
the contract expects wsconn to say of it, what the advice must name among the first things to do, and what it said.
"Other advice" is known, and still to be mended. The suite writes this page.

| component | case | expected | first to do | seen |
|---|---|---|---|---|
"""

TEST_SECONDS = 60  # far more than any needs: what takes longer hangs
LEAVE_SECONDS = 5.0  # for the children of a program to follow it

_BEGINNING = 2  # sentences: what was most likely, and what to do about it
_NOT_BEFORE = ("network's administrator", "firewall")  # whom advice must not suspect before it says what to do


class Unexpected(AssertionError):
    """What was seen or said is not what the contract expects; the program itself ran."""


class Row(Protocol):
    """Notes a case and asserts that what was expected was seen."""

    def __call__(
        self, component: str, case: str, expected: str, outcome: RegionOutcome, *, fact: str = "", first: str = ""
    ) -> None:
        """Expect "passed" or "stage/cause", `fact` in the message, and `first` at the beginning of the advice."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Row:
    """Note a case for the table."""

    def note(
        component: str, case: str, expected: str, outcome: RegionOutcome, *, fact: str = "", first: str = ""
    ) -> None:
        seen = str(outcome.status)
        failure = outcome.failure
        if outcome.status is Status.FAILED and failure:
            seen = f"{failure.stage}/{failure.cause}"
        advised = _begins_with(first, failure.advice if failure else "")
        told = seen if advised else f"{seen}, other advice"
        request.config.stash[ROWS].append((component, case, expected, first, told))
        if seen != expected or not advised or fact not in (failure.message if failure else ""):
            raise Unexpected(outcome)

    return note


def _begins_with(first: str, advice: str) -> bool:
    """Say whether advice begins with what is to be done first, and sends nobody elsewhere before."""
    beginning = ". ".join(advice.split(". ")[:_BEGINNING]).casefold()
    at = beginning.find(first.casefold())
    return at >= 0 and not any(word in beginning[:at] for word in _NOT_BEFORE)


@pytest.fixture(autouse=True)
def _bounded(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that hangs; a module may say how long its own take."""
    seconds = getattr(request.module, "TEST_SECONDS", TEST_SECONDS)

    def give_up(*_: object) -> None:
        raise TimeoutError(f"the test was not over after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module", autouse=True)
def _no_process_left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail a module that leaves a program running: all of them run in folders of pytest's."""
    yield
    folder = tmp_path_factory.getbasetemp()
    left = [name for pid, name, at in _processes() if at.is_relative_to(folder) and not _ends(pid)]
    assert not left, f"left running: {left}"


def _processes() -> Iterator[tuple[int, str, pathlib.Path]]:
    """Find what runs, as what, and in which folder."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended, or is not ours to look at
            yield int(process.name), (process / "comm").read_text().strip(), (process / "cwd").readlink()


def _ends(pid: int) -> bool:
    """Wait for a process that was told to end, and say whether it did."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], LEAVE_SECONDS)[0])
    finally:
        os.close(descriptor)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Write the files of an authority of the suite's own and of a certificate for 127.0.0.1."""
    return write_certificates(tmp_path_factory.mktemp("certificates"))


def pytest_collection_finish(session: pytest.Session) -> None:
    session.config.stash[FILES] = {str(item.path) for item in session.items}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker of pytest-xdist noted."""
    told = getattr(node, "workeroutput", {})
    node.config.stash[ROWS] += [tuple(row) for row in told.get("components", [])]
    node.config.stash.setdefault(FILES, set()).update(told.get("component_files", []))


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    rows, files = config.stash[ROWS], config.stash.get(FILES, set())
    if (output := getattr(config, "workeroutput", None)) is not None:
        output.update(components=rows, component_files=sorted(files))
        return
    modules = {str(path) for path in pathlib.Path(__file__).parent.glob("test_*.py")}
    if files >= modules and rows and not config.option.keyword:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(HEADER + "".join(f"| {' | '.join(row)} |\n" for row in sorted(rows)))
