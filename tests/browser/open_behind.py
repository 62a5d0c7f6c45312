"""Open WebSockets in Chromium, each behind a proxy, and print what a page saw, as JSON: `open_behind.py < cases.json`.

It reads `{name: [url, proxy]}`; an empty proxy is none. One Chromium has a context of its own for each; the page itself
is fetched directly.
"""

from __future__ import annotations

import http.server
import json
import sys
import threading
from typing import Any

from open_all import ARGUMENTS, OPEN_ALL, OPEN_SECONDS, Page
from playwright.sync_api import sync_playwright


def open_behind(cases: dict[str, tuple[str, str]], port: int) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS) as browser,
    ):
        for name, (url, proxy) in cases.items():
            settings = {"server": proxy, "bypass": f"127.0.0.1:{port}"} if proxy else None
            context = browser.new_context(proxy=settings)
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{port}/")
            seen |= page.evaluate(OPEN_ALL, [{name: url}, 1, OPEN_SECONDS * 1000, 0])
            context.close()
    return seen


def main() -> None:
    cases = json.load(sys.stdin)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        told = open_behind(cases, server.server_port)
        server.shutdown()
        thread.join()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
