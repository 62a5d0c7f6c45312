"""The debugger's tables in the manual: they name what the code has."""

from __future__ import annotations

import pathlib
import runpy

import pytest

from wsconn._debug.choice import CHOICES

TABLES = pathlib.Path(__file__).parents[2] / "docs" / "_extensions" / "debugger_tables.py"

pytestmark = pytest.mark.skipif(not TABLES.exists(), reason="needs the sources")


def test_every_experiment_is_named() -> None:
    """However many there are in a row, "any" stands for none of them."""
    rows = runpy.run_path(str(TABLES))["choices"]().splitlines()[2:]
    named = [row.split("|")[-2].strip() for row in rows]
    assert named == [", ".join(f"`{name}`" for name in choice.experiments) for choice in CHOICES]
