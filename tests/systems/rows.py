"""What was tried on a system, in a file each: the manual's table is made of them (`docs/_extensions/tried_table.py`).

A suite that runs with every change writes no date and counts no tests: its file must come out the same each time, until
something else is left out.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from tests.systems.target import ROOT, Counts

ROWS = ROOT / "docs" / "_tried"


def write(name: str, *, system: str, python: str, ran: str, counts: Counts, with_every_change: bool = False) -> None:
    """Write down that these tests passed here today, and which were left out."""
    row: dict[str, Any] = {"system": system, "python": python, "ran": ran}
    if with_every_change:
        row |= {"when": "with every change", "left_out": dict.fromkeys(counts.left_out)}
    else:
        row |= {"when": f"{dt.date.today():%-d %B %Y}", "passed": counts.passed, "left_out": counts.left_out}
    ROWS.mkdir(exist_ok=True)
    (ROWS / f"{name}.json").write_text(json.dumps(row, indent=2, ensure_ascii=False) + "\n", "utf-8")
