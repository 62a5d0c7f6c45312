"""Ask Chromium which route PAC files choose, and print it as JSON: `ask_routes.py < cases.json`.

It reads `{"cases": {name: {"script": base64, "charset": ..., "url": ...}}, "names": "MAP ..."}`, and needs nothing but
playwright. An extension gives the browser one file after the other, and the browser's own log says what came of each.
Everything stays on loopback.
"""

from __future__ import annotations

import base64
import http.server
import json
import pathlib
import re
import sys
import threading
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import sync_playwright

ARGUMENTS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-quic"),
    *("--disable-background-networking", "--disable-component-update"),
]
EXTENSION = {
    "manifest_version": 3,
    "name": "routes",
    "version": "1",
    "permissions": ["proxy"],
    "background": {"service_worker": "worker.js"},
}
NUMBER = re.compile(r"[?&]case=(\d+)$")
SET = """url => new Promise(done => chrome.proxy.settings.set(
    {value: {mode: "pac_script", pacScript: {url, mandatory: false}}}, done))"""
OPEN = """url => new Promise(done => {
    setTimeout(done, 3000);
    if (url.startsWith("ws")) new WebSocket(url).onclose = done;
    else fetch(url, {mode: "no-cors"}).then(done, done);
})"""


def server_of(files: Mapping[str, dict[str, Any]]) -> http.server.ThreadingHTTPServer:
    class Files(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = files.get(self.path.removeprefix("/"), {"script": "", "charset": None})
            body = base64.b64decode(file["script"])
            kind = "application/x-ns-proxy-autoconfig" if body else "text/html"
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset={file['charset']}" if file["charset"] else kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files)


def ask(cases: dict[str, dict[str, Any]], names: str, here: str, home: pathlib.Path) -> None:
    extension = home / "extension"
    extension.mkdir()
    (extension / "manifest.json").write_text(json.dumps(EXTENSION))
    (extension / "worker.js").write_text("")
    arguments = [
        *ARGUMENTS,
        f"--host-resolver-rules={names}",
        f"--log-net-log={home / 'log.json'}",
        f"--load-extension={extension}",
        f"--disable-extensions-except={extension}",
    ]
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch_persistent_context(
            str(home / "profile"), executable_path="/usr/bin/chromium", headless=False, args=arguments
        ) as browser,
    ):
        worker = browser.service_workers[0] if browser.service_workers else browser.wait_for_event("serviceworker")
        page = browser.new_page()
        page.goto(here)
        for number, case in enumerate(cases.values()):
            worker.evaluate(SET, f"{here}{number}")
            page.evaluate(OPEN, f"{case['url']}{'&' if '?' in case['url'] else '?'}case={number}")


def routes(log: Any) -> dict[int, str]:
    """Return the route of each numbered URL that is in Chromium's log."""
    kinds = {number: kind for kind, number in log["constants"]["logEventTypes"].items()}
    asked: dict[int, int] = {}
    found: dict[int, str] = {}
    for event in log["events"]:
        source, given = event["source"]["id"], event.get("params", {})
        if number := NUMBER.search(given.get("url", "")):
            asked.setdefault(source, int(number[1]))
        if kinds[event["type"]] == "PROXY_RESOLUTION_SERVICE_RESOLVED_PROXY_LIST" and source in asked:
            # A script that fails is an error here, after which a browser goes the direct way.
            found.setdefault(asked[source], given.get("proxy_info", "DIRECT"))
    return found


def main() -> None:
    asked = json.load(sys.stdin)
    cases = asked["cases"]
    home = pathlib.Path.cwd()
    with server_of({str(number): case for number, case in enumerate(cases.values())}) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        ask(cases, asked["names"], f"http://127.0.0.1:{server.server_port}/", home)
        server.shutdown()
        thread.join()
    found = routes(json.loads((home / "log.json").read_text()))
    json.dump({name: found.get(number) for number, name in enumerate(cases)}, sys.stdout)


if __name__ == "__main__":
    main()
