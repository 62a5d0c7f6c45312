"""A precheck in a Qt window (PySide6), which can be stopped, begun again and closed.

    python qt_precheck.py regions.toml

Without a file: the catalogue "daily".
"""

import sys

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

import wsconn

SAYS = {
    "passed": "Every region can be reached by WebSocket.",
    "warning": "Some regions cannot be reached by WebSocket.",
    "failed": "No region can be reached by WebSocket.",
    "aborted": "The test was stopped.",
}


class Precheck(QWidget):
    """The window. wsconn's threads emit its signals; Qt runs the slots on its own."""

    settled = Signal(object)  # a wsconn.RegionOutcome
    done = Signal(object)  # a wsconn.ConnectivityTest

    def __init__(self, regions: tuple[wsconn.Region, ...]) -> None:
        super().__init__()
        self.regions = regions
        self.settled.connect(self.show_outcome)
        self.done.connect(self.end)
        self.table = QTableWidget(len(regions), 3)
        self.table.setHorizontalHeaderLabels(["Region", "Status", "Round trip"])
        self.table.horizontalHeader().setSectionResizeMode(
            QHeaderView.ResizeMode.Stretch
        )
        self.table.verticalHeader().hide()
        self.verdict = QLabel(wordWrap=True)
        self.button = QPushButton()
        self.button.clicked.connect(self.press)
        layout = QVBoxLayout(self)
        for widget in (self.table, self.verdict, self.button):
            layout.addWidget(widget)
        self.resize(480, 420)
        self.begin()

    def begin(self) -> None:
        for row, region in enumerate(self.regions):
            self.fill(row, region.name, "testing", "")
        self.setWindowTitle("Connection test: testing")
        self.verdict.setText(f"Testing {len(self.regions)} regions.")
        self.button.setText("Stop")
        self.test = wsconn.start(self.regions, timeout=10, on_outcome=self.settled.emit)
        self.test.add_done_callback(self.done.emit)

    def press(self) -> None:
        if self.test.done():
            self.begin()
        else:
            self.test.abort()

    def show_outcome(self, outcome: wsconn.RegionOutcome) -> None:
        row = [region.name for region in self.regions].index(outcome.region)
        round_trip = (
            "" if outcome.round_trip is None else f"{outcome.round_trip * 1000:.0f} ms"
        )
        self.fill(row, outcome.region, outcome.status, round_trip)

    def fill(self, row: int, *texts: str) -> None:
        for column, text in enumerate(texts):
            self.table.setItem(row, column, QTableWidgetItem(text))

    def end(self, test: wsconn.ConnectivityTest) -> None:
        result = test.result()
        said = [SAYS[result.result]]
        said += [
            f"{o.region}: {o.failure.message}\n{o.failure.advice}"
            for o in result.outcomes
            if o.failure
        ]
        self.setWindowTitle(f"Connection test: {result.result}")
        self.verdict.setText("\n\n".join(said))
        self.button.setText("Test again")

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """End the test too: else the process lives on until the last region is done."""
        self.test.abort()
        super().closeEvent(event)


def main() -> None:
    application = QApplication(sys.argv)
    window = Precheck(
        wsconn.load_regions(sys.argv[1] if len(sys.argv) > 1 else "daily")
    )
    window.show()
    sys.exit(application.exec())


if __name__ == "__main__":
    main()
