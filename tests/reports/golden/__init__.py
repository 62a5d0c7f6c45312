"""What each format makes of one result, to see a change in: `python -m tests.reports.golden` writes the files."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping

from tests.factories import EVERYTHING
from wsconn import __version__, reports

FOLDER = pathlib.Path(__file__).parent
MACHINE = reports.Machine(
    wsconn="1.2.3", python="CPython 3.11.7", openssl="OpenSSL 3.0.15 3 Sep 2024", system="Linux 6.1.0 (x86_64)"
)


def _text() -> str:
    return reports.to_text(EVERYTHING).replace(f"wsconn {__version__}", f"wsconn {MACHINE.wsconn}")


FILES: Mapping[str, Callable[[], str]] = {
    "report.txt": _text,
    "report.md": lambda: reports.to_markdown(EVERYTHING, machine=MACHINE),
    "report.json": lambda: reports.to_json(EVERYTHING, machine=MACHINE),
    "report.html": lambda: reports.to_html(EVERYTHING, machine=MACHINE),
    "report.prom": lambda: reports.to_prometheus(EVERYTHING),
}
