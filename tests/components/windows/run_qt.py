"""Run examples/qt_precheck.py's `main`, and close its window: when the test is done, or after some milliseconds.

    run_qt.py REGIONS [MILLISECONDS]

There is no window manager, so the close comes from Qt's own loop; it is the same event. Prints the window's title and
rows at that moment, and the threads that are left. Runs in .components/examples.
"""

import sys

import qt_precheck
from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from run import left_after_a_while

close_after_ms = int(sys.argv.pop()) if len(sys.argv) > 2 else None


class Closing(qt_precheck.Precheck):
    """The example's window, which its user closes."""

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        if close_after_ms is not None:
            QTimer.singleShot(close_after_ms, self.print_and_close)
        else:
            self.windowTitleChanged.connect(lambda _title: QTimer.singleShot(0, self.print_and_close))

    def print_and_close(self) -> None:
        print(self.windowTitle())
        for row in range(self.table.rowCount()):
            print(*(self.table.item(row, column).text() for column in range(2)))
        print("closing", flush=True)
        self.close()


qt_precheck.Precheck = Closing
try:
    qt_precheck.main()
finally:
    print(f"threads left: {left_after_a_while()}", flush=True)
