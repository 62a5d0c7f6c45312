"""The picture of a region's states in the documentation is drawn from the engine's own table, and has all of it."""

from __future__ import annotations

import pathlib
import runpy
import xml.etree.ElementTree as ET

import pytest

from wsconn._run.state import TABLE

DRAWING = pathlib.Path(__file__).parents[2] / "docs" / "_extensions" / "state_picture.py"

pytestmark = pytest.mark.skipif(not DRAWING.exists(), reason="needs the sources")


def test_every_state_and_every_move_is_drawn() -> None:
    """There is a box with the name of each state, and an arrow with the name of each move."""
    (svg,) = ET.fromstring(runpy.run_path(str(DRAWING))["picture"](TABLE))
    texts = [(text.get("class"), text.text) for text in svg.iter("text")]
    assert [text for kind, text in texts if kind == "state"] == list(TABLE)
    assert [text for kind, text in texts if kind == "move"] == [event for moves in TABLE.values() for event in moves]
    assert len([path for path in svg.iter("path") if path.get("class") == "move"]) == sum(map(len, TABLE.values()))


def test_a_way_back_is_refused() -> None:
    """What the picture cannot show must not be left out in silence."""
    with pytest.raises(ValueError, match="back to it"):
        runpy.run_path(str(DRAWING))["picture"]({"here": {"go": "there"}, "there": {"back": "here"}})
