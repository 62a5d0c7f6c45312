"""A precheck in a Tk window, which can be stopped, begun again and closed at any time.

    python tk_precheck.py regions.toml

Without a file: the catalogue "daily".
"""

import sys
import tkinter as tk
from queue import Empty, SimpleQueue
from tkinter import ttk

import wsconn

Event = wsconn.RegionOutcome | wsconn.ConnectivityTest

READ_EVERY_MS = 50
SAYS = {
    "passed": "Every region can be reached by WebSocket.",
    "warning": "Some regions cannot be reached by WebSocket.",
    "failed": "No region can be reached by WebSocket.",
    "aborted": "The test was stopped.",
}


class Precheck:
    """The window's content. It runs on Tk's thread alone: others only fill a queue."""

    def __init__(self, root: tk.Tk, regions: tuple[wsconn.Region, ...]) -> None:
        self.root = root
        self.regions = regions
        self.build()
        self.begin()

    def build(self) -> None:
        self.table = ttk.Treeview(
            self.root, columns=("status", "round trip"), height=len(self.regions)
        )
        for column, title, width in (
            ("#0", "Region", 160),
            ("status", "Status", 90),
            ("round trip", "Round trip", 90),
        ):
            self.table.heading(column, text=title, anchor="w")
            self.table.column(column, width=width, anchor="w")
        self.table.pack(fill="both", expand=True, padx=12, pady=(12, 6))
        self.verdict = ttk.Label(self.root, wraplength=340)
        self.verdict.pack(fill="x", padx=12)
        self.button = ttk.Button(self.root)
        self.button.pack(anchor="e", padx=12, pady=12)
        self.root.protocol("WM_DELETE_WINDOW", self.close)

    def begin(self) -> None:
        self.table.delete(*self.table.get_children())
        for region in self.regions:
            self.table.insert(
                "", "end", iid=region.name, text=region.name, values=("testing", "")
            )
        self.root.title("Connection test: testing")
        self.verdict.configure(text=f"Testing {len(self.regions)} regions.")
        # One queue a test: the last words of one that was stopped are not this one's.
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.test = wsconn.start(self.regions, timeout=10, on_outcome=self.events.put)
        self.test.add_done_callback(self.events.put)
        self.button.configure(text="Stop", command=self.test.abort)
        self.read()

    def read(self) -> None:
        """Show what has come from wsconn's threads, and look again later."""
        try:
            while True:
                event = self.events.get_nowait()
                if isinstance(event, wsconn.ConnectivityTest):
                    self.end(event.result())
                    return
                self.show(event)
        except Empty:
            self.root.after(READ_EVERY_MS, self.read)

    def show(self, outcome: wsconn.RegionOutcome) -> None:
        round_trip = (
            "" if outcome.round_trip is None else f"{outcome.round_trip * 1000:.0f} ms"
        )
        self.table.item(outcome.region, values=(outcome.status, round_trip))

    def end(self, result: wsconn.ConnectivityResult) -> None:
        said = [SAYS[result.result]]
        said += [
            f"{o.region}: {o.failure.message}\n{o.failure.advice}"
            for o in result.outcomes
            if o.failure
        ]
        self.root.title(f"Connection test: {result.result}")
        self.verdict.configure(text="\n\n".join(said))
        self.button.configure(text="Test again", command=self.begin)

    def close(self) -> None:
        """End the test too: else the process lives on until the last region is done."""
        self.test.abort()
        self.root.destroy()


def main() -> None:
    root = tk.Tk()
    Precheck(root, wsconn.load_regions(sys.argv[1] if len(sys.argv) > 1 else "daily"))
    root.mainloop()


if __name__ == "__main__":
    main()
