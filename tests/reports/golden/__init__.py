"""What each format makes of one result, to see a change in: `python -m tests.reports.golden` writes the files."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping

from tests.factories import EVERYTHING
from tests.reports.diagnosed import DIAGNOSED
from wsconn import ConnectivityResult, DebugReport, __version__, reports

FOLDER = pathlib.Path(__file__).parent
MACHINE = reports.Machine(
    wsconn="1.2.3", python="CPython 3.11.7", openssl="OpenSSL 3.0.15 3 Sep 2024", system="Linux 6.1.0 (x86_64)"
)


def _text(told: ConnectivityResult | DebugReport) -> str:
    return reports.to_text(told).replace(f"wsconn {__version__}", f"wsconn {MACHINE.wsconn}")


FILES: Mapping[str, Callable[[], str]] = {
    "report.txt": lambda: _text(EVERYTHING),
    "report.md": lambda: reports.to_markdown(EVERYTHING, machine=MACHINE),
    "report.json": lambda: reports.to_json(EVERYTHING, machine=MACHINE),
    "report.html": lambda: reports.to_html(EVERYTHING, machine=MACHINE),
    "report.prom": lambda: reports.to_prometheus(EVERYTHING),
    "debug.txt": lambda: _text(DIAGNOSED),
    "debug.md": lambda: reports.to_markdown(DIAGNOSED, machine=MACHINE),
    "debug.json": lambda: reports.to_json(DIAGNOSED, machine=MACHINE),
    "debug.html": lambda: reports.to_html(DIAGNOSED, machine=MACHINE),
}
