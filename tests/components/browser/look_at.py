"""Open a page in Chromium as people would, and print what was seen of it, as JSON: `look_at.py URL AXE`.

The page is opened in light and in dark, on a wide screen, on a phone and on paper. AXE is the file of axe-core, which
takes a second look at the page: the first is under its own policy, which would not let it run.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

WIDE, PHONE = 1200, 390
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# What reaches beyond the right edge, and is neither inside a drawing nor meant to.
BEYOND = """() => [...document.querySelectorAll("body *")]
    .filter(it => !it.ownerSVGElement && it.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map(it => it.outerHTML.slice(0, 200))"""


def look(browser: Browser, url: str, axe: str) -> dict[str, Any]:
    seen: dict[str, Any] = {"requests": [], "console": [], "dialogs": [], "violations": [], "wide": {}, "beyond": {}}
    for scheme in ("light", "dark"):
        for width in (WIDE, PHONE):
            page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
            _watch(page, seen)
            page.goto(url, wait_until="networkidle")
            seen["wide"][f"{scheme} {width}"] = page.evaluate("document.documentElement.scrollWidth")
            seen["beyond"][f"{scheme} {width}"] = page.evaluate(BEYOND)
            seen["ground"] = [*seen.get("ground", []), page.evaluate("getComputedStyle(document.body).backgroundColor")]
            page.close()
            seen["violations"] += _violations(browser, url, axe, scheme, width)
    seen["pages"], seen["text"] = _paper(browser, url)
    return seen


def _watch(page: Page, seen: dict[str, Any]) -> None:
    page.on("request", lambda request: seen["requests"].append(request.url))
    page.on("console", lambda message: seen["console"].append(message.text))
    page.on("pageerror", lambda error: seen["console"].append(str(error)))

    def dismiss(dialog: Any) -> None:
        seen["dialogs"].append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)


def _violations(browser: Browser, url: str, axe: str, scheme: str, width: int) -> list[str]:
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    page.goto(url)
    page.add_script_tag(path=axe)
    report = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    page.close()
    assert len(report["passes"]) > 20, "axe looked at next to nothing"
    return [
        f"{scheme} {width}: {violation['id']}: {node['html']}: {node['failureSummary']}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]


def _paper(browser: Browser, url: str) -> tuple[int, str]:
    """Print the page on A4, and return how many sheets it takes, and the text that is seen there."""
    page = browser.new_page()
    page.goto(url)
    page.emulate_media(media="print")
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    text = page.inner_text("body")
    page.close()
    return sheets, text


if __name__ == "__main__":
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        sys.stdout.write(json.dumps(look(browser, *sys.argv[1:])))
        browser.close()
