"""Print pages on A4 as Chromium does, and tell how far down a text is on a screen.

    print_pages.py FOLDER [WORDS]

Beside each PAGE.html of FOLDER a PAGE.pdf is written. A JSON object is printed: with WORDS, for each page and width of
window, where the first passage that has these words in it ends, in pixels from the top.
"""

from __future__ import annotations

import json
import pathlib
import sys

from look_at import ARGUMENTS, PHONE, WIDE
from playwright.sync_api import Page, sync_playwright

HEIGHT = 844  # of a phone's window; one on a desk is higher
ENDS = """words => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const at = texts.currentNode.data.indexOf(words);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(texts.currentNode, at);
        range.setEnd(texts.currentNode, at + words.length);
        return range.getBoundingClientRect().bottom;
    }
    return null;
}"""


def ends(page: Page, words: str) -> dict[int, float | None]:
    found = {}
    for width in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found[width] = page.evaluate(ENDS, words)
    return found


def main(folder: str, *words: str) -> None:
    told = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_page()
        for file in sorted(pathlib.Path(folder).glob("*.html")):
            page.goto(file.as_uri())
            told[file.stem] = ends(page, words[0]) if words else None
            page.pdf(path=file.with_suffix(".pdf"), format="A4")
        browser.close()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
