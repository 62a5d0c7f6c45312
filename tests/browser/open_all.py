"""Open WebSockets in Chromium, and print what a page saw of each, as JSON: `open_all.py < cases.json`.

It reads `{"urls": {name: url}, "names": "MAP ...", "arguments": [...]}`, and needs nothing but playwright. Everything
stays on loopback.
"""

from __future__ import annotations

import http.server
import json
import sys
import threading
from typing import Any

from playwright.sync_api import sync_playwright

OPEN_SECONDS = 4.0
STAY_SECONDS = 1.0
# Chromium delays each handshake of a page that has n pending by up to 5 s * 2**n / 65536, and by more after failures.
PENDING = 10
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-quic"),
    *("--disable-background-networking", "--disable-component-update"),
]
OPEN_ALL = """async ([urls, pending, openMs, stayMs]) => {
    const seen = {};
    const staying = [];
    const left = Object.entries(urls);
    const one = (name, url) => new Promise(handshakeOver => {
        const began = performance.now();
        const told = seen[name] = {opened: false, clean: null, code: null, seconds: null};
        const socket = new WebSocket(url);
        const over = setTimeout(() => { handshakeOver(); socket.close(); }, openMs);
        const ends = new Promise(resolve => socket.onclose = resolve);
        const stay = async () => {
            const event = await Promise.race([ends, new Promise(resolve => setTimeout(resolve, stayMs))]);
            if (event) { told.clean = event.wasClean; told.code = event.code; }
            socket.onclose = null;
            socket.close();
        };
        socket.onopen = () => {
            told.opened = true;
            told.seconds = (performance.now() - began) / 1000;
            clearTimeout(over);
            staying.push(stay());
            handshakeOver();
        };
        ends.then(event => {
            if (told.opened) return;
            told.clean = event.wasClean;
            told.code = event.code;
            told.seconds = (performance.now() - began) / 1000;
            clearTimeout(over);
            handshakeOver();
        });
    });
    const worker = async () => { while (left.length) await one(...left.shift()); };
    await Promise.all(Array.from({length: pending}, worker));
    await Promise.all(staying);
    return seen;
}"""


class Page(http.server.BaseHTTPRequestHandler):
    """An empty page: an origin of loopback, as local network access asks for."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def open_all(urls: dict[str, str], names: str, page_url: str, more: list[str]) -> dict[str, Any]:
    with sync_playwright() as playwright:
        arguments = [*ARGUMENTS, f"--host-resolver-rules={names}", *more]
        with playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments) as browser:
            page = browser.new_page()
            page.goto(page_url)
            seen: dict[str, Any] = page.evaluate(OPEN_ALL, [urls, PENDING, OPEN_SECONDS * 1000, STAY_SECONDS * 1000])
            return seen


def main() -> None:
    asked = json.load(sys.stdin)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        told = open_all(asked["urls"], asked["names"], f"http://127.0.0.1:{server.server_port}/", asked["arguments"])
        server.shutdown()
        thread.join()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
