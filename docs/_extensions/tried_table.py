"""The table of what was tried on which system: of the files in `docs/_tried`, which `tests/systems` writes."""

from __future__ import annotations

import json
import pathlib
from typing import Any

ROWS = pathlib.Path(__file__).parents[1] / "_tried"
COLUMNS = ("system", "Python", "when", "what ran", "passed", "left out, and why")


def tried() -> str:
    """Write a row for each system, by the name of its file."""
    rows = [json.loads(file.read_text("utf-8")) for file in sorted(ROWS.glob("*.json"))]
    return "\n".join([_row(COLUMNS), _row(["---"] * len(COLUMNS)), *(_row(_cells(row)) for row in rows)])


def _cells(row: dict[str, Any]) -> list[str]:
    passed = f"{row['passed']:,}" if "passed" in row else "all"
    why = [f"{reason} ({count})" if count else reason for reason, count in row["left_out"].items()]
    return [row["system"], row["python"], row["when"], row["ran"], passed, "<br>".join(map(_words, why)) or "nothing"]


def _words(text: str) -> str:
    for sign in "\\|*_<>[]":
        text = text.replace(sign, f"\\{sign}")
    return text


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
