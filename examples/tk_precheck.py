"""A precheck in a Tk window, which can be stopped, begun again and closed at any time.

    python tk_precheck.py regions.toml

Without a file: the catalogue "daily".
"""

import sys
import tkinter as tk
from queue import Empty, SimpleQueue
from tkinter import ttk
from tkinter.scrolledtext import ScrolledText

import wsconn

Event = wsconn.RegionOutcome | wsconn.ConnectivityTest

READ_EVERY_MS = 50
MOST_ROWS = 12  # of the table; the others are scrolled to
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
        rows = min(len(self.regions), MOST_ROWS)
        self.table = ttk.Treeview(
            self.root, columns=("status", "round trip"), height=rows
        )
        for column, title, width in (
            ("#0", "Region", 200),
            ("status", "Status", 90),
            ("round trip", "Round trip", 90),
        ):
            self.table.heading(column, text=title, anchor="w")
            self.table.column(column, width=width, anchor="w")
        self.button = ttk.Button(self.root)
        self.text = ScrolledText(
            self.root, width=50, height=12, wrap="word", font="TkDefaultFont"
        )
        # What is packed first keeps its place in a small window: the button.
        self.button.pack(side="bottom", anchor="e", padx=12, pady=12)
        self.table.pack(fill="both", expand=True, padx=12, pady=(12, 6))
        self.text.pack(fill="both", expand=True, padx=12)
        self.root.protocol("WM_DELETE_WINDOW", self.close)

    def begin(self) -> None:
        self.table.delete(*self.table.get_children())
        for region in self.regions:
            self.table.insert(
                "", "end", iid=region.name, text=region.name, values=("testing", "")
            )
        self.root.title("Connection test: testing")
        self.say(f"Testing {len(self.regions)} regions.")
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
        self.root.title(f"Connection test: {result.result}")
        self.say("\n\n".join([SAYS[result.result], *advice(result)]))
        self.button.configure(text="Test again", command=self.begin)

    def say(self, said: str) -> None:
        """Show a text that scrolls, and that can be copied but not written."""
        self.text.configure(state="normal")
        self.text.replace("1.0", "end", said)
        self.text.configure(state="disabled")

    def close(self) -> None:
        """End the test too: else the process lives on until the last region is done."""
        self.test.abort()
        self.root.destroy()


def advice(result: wsconn.ConnectivityResult) -> list[str]:
    """Say once what to do about all the regions that failed alike."""
    alike: dict[tuple[str, str], dict[str, wsconn.Failure]] = {}
    for outcome in result.outcomes:
        if failure := outcome.failure:
            group = alike.setdefault((failure.stage, failure.cause), {})
            group[outcome.region] = failure
    said = []
    for (stage, cause), failures in alike.items():
        first = next(iter(failures.values()))
        seen = f"{', '.join(failures)}: {cause} at {stage}"
        said.append(f"{seen}\n{first.message}\n{first.advice}")
    return said


def main() -> None:
    root = tk.Tk()
    Precheck(root, wsconn.load_regions(sys.argv[1] if len(sys.argv) > 1 else "daily"))
    root.mainloop()


if __name__ == "__main__":
    main()
