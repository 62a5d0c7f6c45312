"""Open WebSockets in Chromium, each behind a proxy, and print what a page saw, as JSON: `open_behind.py < cases.json`.

It reads `{"cases": {name: [url, proxy]}, "page_first": false}`; an empty proxy is none. One Chromium has a context of
its own for each; the page itself is fetched directly. With `page_first` another page is fetched through the proxy
first: a login in its URL is typed there, and known to Chromium from then on.
"""

from __future__ import annotations

import http.server
import json
import sys
import threading
from typing import Any
from urllib.parse import unquote, urlsplit

from open_all import ARGUMENTS, OPEN_ALL, OPEN_SECONDS, Page
from playwright.sync_api import sync_playwright

VISIT = "url => fetch(url, {mode: 'no-cors', signal: AbortSignal.timeout(4000)}).then(() => null, () => null)"


def open_behind(cases: dict[str, tuple[str, str]], port: int, *, page_first: bool) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS) as browser,
    ):
        for name, (url, proxy) in cases.items():
            context = browser.new_context(proxy=settings(proxy, port) if proxy else None)
            page = context.new_page()
            page.goto(f"http://127.0.0.1:{port}/")
            if page_first:
                page.evaluate(VISIT, url.replace("ws", "http", 1))
            seen |= page.evaluate(OPEN_ALL, [{name: url}, 1, OPEN_SECONDS * 1000, 0])
            context.close()
    return seen


def settings(proxy: str, port: int) -> dict[str, str]:
    parts = urlsplit(proxy)
    login = {"username": unquote(parts.username), "password": unquote(parts.password or "")} if parts.username else {}
    server = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return {"server": server, "bypass": f"127.0.0.1:{port}", **login}


def main() -> None:
    given = json.load(sys.stdin)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        told = open_behind(given["cases"], server.server_port, page_first=given["page_first"])
        server.shutdown()
        thread.join()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
