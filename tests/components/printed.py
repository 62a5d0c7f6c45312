"""Pages as they come out of a printer, and what is where on them."""

from __future__ import annotations

import json
import pathlib
import subprocess
from collections.abc import Mapping

from tests.components.programs import HOME

PRINT_PAGES = pathlib.Path(__file__).parent / "browser" / "print_pages.py"
BOUND_SECONDS = 120.0


def print_pages(folder: pathlib.Path, pages: Mapping[str, str], *words: str) -> dict[str, dict[str, float | None]]:
    """Write and print pages, and return where words end on them, for each width of window."""
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page, "utf-8")
    child = subprocess.run(
        [HOME / "browser" / "bin" / "python", PRINT_PAGES, folder, *words],
        capture_output=True,
        text=True,
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    told: dict[str, dict[str, float | None]] = json.loads(child.stdout)
    return told


def sheets(pdf: pathlib.Path) -> list[str]:
    """Return the text of each sheet."""
    child = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, timeout=30, check=True)
    return child.stdout.split("\f")[:-1]
