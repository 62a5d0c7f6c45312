"""A small program with a window, to be packed into one file: it tests regions of its own, and prints what it showed.

What is imported late or read as data must be found in that file: the catalogue, websocket-client, python-socks for a
proxy, Jinja2 and a template for the page.
"""

from __future__ import annotations

import queue
import socket
import threading
import tkinter as tk

import wsconn
from wsconn import RegionOutcome, reports
from wsconn.lab import Lab

LOOK_MS = 20


class Window:
    """Shows a line for each region as it settles, and closes when all have."""

    def __init__(self, lab: Lab, proxy: str) -> None:
        self.root = tk.Tk()
        self.shown = tk.Listbox(self.root)
        self.shown.pack()
        self.outcomes: queue.SimpleQueue[RegionOutcome] = queue.SimpleQueue()
        self.tests = [
            wsconn.start(lab.regions, timeout=5, proxy=None, on_outcome=self.outcomes.put),
            wsconn.start({"denied": "ws://denied.example/"}, timeout=5, proxy=proxy, on_outcome=self.outcomes.put),
        ]
        self.left = len(lab.regions) + 1
        self.root.after(LOOK_MS, self.look)

    def look(self) -> None:
        while not self.outcomes.empty():
            outcome = self.outcomes.get()
            self.shown.insert("end", f"{outcome.region} {outcome.status}")
            self.left -= 1
        if self.left:
            self.root.after(LOOK_MS, self.look)
        else:
            self.root.destroy()


def deny(listener: socket.socket) -> None:
    """Be a SOCKS 5 proxy whose rules allow nothing (RFC 1928, section 6)."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(262)
        connection.sendall(b"\x05\x00")
        connection.recv(262)
        connection.sendall(b"\x05\x02\x00\x01" + bytes(6))


def main() -> None:
    print(len(wsconn.load_regions("daily")), "regions in the catalogue daily")
    with Lab() as lab, socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=deny, args=(listener,), daemon=True).start()
        lab.add("healthy")
        lab.add("shut", fault="refused")
        window = Window(lab, f"socks5h://127.0.0.1:{listener.getsockname()[1]}")
        window.root.mainloop()
    results = [test.result() for test in window.tests]
    for outcome in (outcome for result in results for outcome in result.outcomes):
        print(outcome.region, outcome.status, *([outcome.failure.cause] if outcome.failure else []))
    print("a page of HTML" if "healthy" in reports.to_html(results[0]) else "no page")
    print(results[0].result)


if __name__ == "__main__":
    main()
