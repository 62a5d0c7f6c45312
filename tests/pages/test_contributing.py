"""What CONTRIBUTING.md says about adding something is so: its files are there, and no others have to be touched."""

from __future__ import annotations

import ast
import pathlib
import re
from collections.abc import Iterator

import pytest

from tests.pages.snippets import ROOT
from wsconn import Cause, start
from wsconn._cli.start_options import START_OPTIONS
from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn._proxies import SCHEMES
from wsconn.lab import FAULTS
from wsconn.lab.faults import Handshake, Reachability

PAGE = ROOT / "CONTRIBUTING.md"
PACKAGE = ROOT / "wsconn"
KINDS = (*Reachability, *Handshake)  # what a fault may be made from, under names like the faults' own
WORDS_OF_OTHERS = {
    PACKAGE / "_protocols" / "pac" / "answer.py",  # what PAC files call kinds of proxies
    # A fleet's report has formats of its own, under the same names.
    PACKAGE / "_cli" / "fleet_formats.py",
    PACKAGE / "fleet" / "_merged" / "formats" / "__init__.py",
}
MOST_FILES = {
    "A cause": 3,
    "A proxy scheme": 2,
    "A way to log in to a proxy": 2,
    "A fault of the lab": 1,
    "A report format": 2,
    "A command": 2,
    "An option": 3,
    "An experiment of the debugger": 2,
    "A conclusion of the debugger": 1,
    "A finding across machines": 2,
}

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="needs the sources")


def rows(section: str) -> list[tuple[list[pathlib.Path], str]]:
    """Return the rows of a section's table: the files that a row leaves to choose from, and what to write there."""
    (text,) = re.findall(rf"^### {section}\n(.*?)(?=^##|\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    cells = re.findall(r"^\| (`wsconn/.*?) \| (.*) \|$", text, re.MULTILINE)
    return [(list(files(names)), what) for names, what in cells]


def files(cell: str) -> Iterator[pathlib.Path]:
    """Yield the files that a cell names: one, those of a folder, or the other new ones of their kind."""
    first, *others = re.findall(r"`(.+?)`", cell)
    if others:
        yield from (ROOT / first / name for name in others)
    elif first.endswith("/") or "NAME" in first:
        yield from (ROOT / first).parent.glob("*.py") if "NAME" in first else (ROOT / first).glob("*.py")
    else:
        yield ROOT / first


def named_in(section: str) -> set[pathlib.Path]:
    return {file for found, _ in rows(section) for file in found}


@pytest.mark.parametrize("section", MOST_FILES)
def test_few_files_are_touched(section: str) -> None:
    """Each file is there, holds each name that the page says it holds, and there are no more than that."""
    found = rows(section)
    assert 1 <= len(found) <= MOST_FILES[section]
    for choices, what in found:
        assert [file for file in choices if not file.is_file()] == []
        for name in re.findall(r"`(\w+)`", what):
            assert any(re.search(rf"\b{name}\b", file.read_text("utf-8")) for file in choices), name


def test_every_cause_has_a_row_and_begins_somewhere() -> None:
    """The table has all causes, and its files are those that the page leaves to choose from."""
    assert set(EXPLANATIONS) == set(Cause)
    (_, (tables, _), _) = rows("A cause")
    assert {file for file in tables[0].parent.glob("*.py") if defines(file, "CAUSES")} == set(tables)
    for cause in Cause:
        assert len([file for file in tables if f"    Cause.{cause.name}: " in file.read_text("utf-8")]) == 1, cause


def defines(file: pathlib.Path, name: str) -> bool:
    return bool(re.search(rf"^{name}\b.* = ", file.read_text("utf-8"), re.MULTILINE))


def test_every_option_is_an_argument() -> None:
    """Each row of the table is one of the arguments of `start`, and its default is written down there alone."""
    assert {option.argument for option in START_OPTIONS} <= set(start.__kwdefaults__)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("A fault of the lab", {name for name in FAULTS if "-" in name} - {kind.value for kind in KINDS}),
        ("A proxy scheme", {*SCHEMES} - {"http", "https"}),  # which are a URL's too
        ("A report format", {"markdown"}),  # the others' names are words that are used for other things too
    ],
    ids=["fault", "scheme", "format"],
)
def test_a_name_is_written_where_the_page_says(section: str, words: set[str]) -> None:
    """No other source file has such a name as a string, so that no other has to be touched for a new one."""
    others = set(PACKAGE.rglob("*.py")) - named_in(section) - WORDS_OF_OTHERS
    assert {file.name: found for file in others if (found := words & strings(file))} == {}


def strings(file: pathlib.Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
