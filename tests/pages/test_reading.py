"""The manual can be read as Markdown too, in a checkout or on a code host, where no directive is carried out."""

from __future__ import annotations

import pathlib
import re

import pytest

from tests.pages.signatures import BLOCK, PAGE, signatures
from tests.pages.snippets import PAGES, README, ROOT, snippets

MANUAL = [page for page in PAGES if page != README]
INDEXES = [page for page in MANUAL if page.name == "index.md" and page.parent != ROOT / "docs"]
IN_A_CHECKOUT = re.compile(r"^# .*\n\n<!-- in a checkout -->\n> .*?^<!-- end -->\n", re.MULTILINE | re.DOTALL)
SILENT = {"{toctree}", "{warning}"}  # what they hold can be read as it is, or is for the navigation

pytestmark = pytest.mark.skipif(not MANUAL, reason="needs the sources")


def by_path(pages: list[pathlib.Path]) -> list[object]:
    return [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in pages]


def directives(page: pathlib.Path) -> list[tuple[str, str]]:
    """Return the directives of a page that put something in: a name and an argument, which may be empty."""
    written = [snippet.language.partition(" ") for snippet in snippets(page) if snippet.language.startswith("{")]
    return [(name, argument) for name, _, argument in written if name not in SILENT]


@pytest.mark.parametrize("page", by_path(MANUAL))
def test_a_page_says_what_it_lacks(page: pathlib.Path) -> None:
    """Where something is put in when the manual is built, the page says so at its top, and how to build it."""
    stands_in = IN_A_CHECKOUT.findall(page.read_text("utf-8"))
    assert len(stands_in) == bool(directives(page))
    assert all("python -m sphinx docs docs/_build/html" in text for text in stands_in)


@pytest.mark.parametrize("page", by_path(MANUAL))
def test_a_program_that_is_put_in_is_linked(page: pathlib.Path) -> None:
    """Who reads the source gets to the program by a link, and the file is there."""
    for program in {argument for name, argument in directives(page) if name == "{literalinclude}"}:
        assert f"]({program})" in page.read_text("utf-8")
        assert (page.parent / program).is_file()


@pytest.mark.parametrize("page", by_path(INDEXES))
def test_an_index_links_to_each_of_its_pages(page: pathlib.Path) -> None:
    """Its links are the pages of its folder in the navigation, in the same order."""
    (toctree,) = [snippet.code for snippet in snippets(page) if snippet.language == "{toctree}"]
    navigation = [f"{name}.md" for name in toctree.splitlines() if name and not name.startswith(":")]
    assert re.findall(r"^- \[.*\]\((.*)\): ", page.read_text("utf-8"), re.MULTILINE) == navigation


def test_signatures_are_those_of_the_code() -> None:
    """The page of the API has each public name, as it is: `python -m tests.pages.signatures` writes them anew."""
    (written,) = BLOCK.findall(PAGE.read_text("utf-8"))
    assert written == signatures()


def test_headings_are_told_apart() -> None:
    """No page has a heading twice, and no two pages have the same title."""
    headings = {page: headings_of(page) for page in MANUAL}
    for page, found in headings.items():
        assert sorted(set(found)) == sorted(found), page
    titles = [found[0] for found in headings.values()]
    assert sorted(set(titles)) == sorted(titles)


def headings_of(page: pathlib.Path) -> list[str]:
    without_code = re.sub(r"^ *```.*?^ *```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ (.*)$", without_code, re.MULTILINE)
