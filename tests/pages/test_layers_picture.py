"""The picture of the layers in the documentation is drawn from the imports of the package, and has all of them."""

from __future__ import annotations

import pathlib
import runpy
import xml.etree.ElementTree as ET
from collections.abc import Mapping

import pytest

from tests.layers import LAYERS, by_layer

DRAWING = pathlib.Path(__file__).parents[2] / "docs" / "_extensions" / "layers_picture.py"

pytestmark = pytest.mark.skipif(not DRAWING.exists(), reason="needs the sources")


def drawn(layers: Mapping[str, set[str]], imports: Mapping[str, set[str]]) -> ET.Element:
    (svg,) = ET.fromstring(runpy.run_path(str(DRAWING))["picture"](layers, imports))
    return svg


def test_every_layer_and_every_import_is_drawn() -> None:
    """There is a box with the names of each layer, the highest on top, and a dot for each import."""
    layers, imports = by_layer()
    svg = drawn(layers, imports)
    shown = [text.text for text in svg.iter("text") if text.get("class") == "layer"]
    assert [layer for layer in shown if layer in LAYERS] == [layer for layer in reversed(LAYERS) if layer in shown]
    assert {name for layer in shown if layer for name in layers[layer]} == {
        name for text in svg.iter("text") if text.get("class") == "names" for name in (text.text or "").split()
    }
    assert len(list(svg.iter("circle"))) == sum(map(len, imports.values()))


def test_a_line_ends_at_the_layer_that_is_imported() -> None:
    """Who is imported by two has one arrow, that both join; a layer that nobody uses is left out."""
    imports = {"low": set[str](), "middle": {"low"}, "high": {"low", "middle"}, "alone": set[str]()}
    svg = drawn({layer: {f"{layer}/"} for layer in imports}, imports)
    texts = [text.text for text in svg.iter("text")]
    assert texts == ["high", "high/", "middle", "middle/", "low", "low/"]
    assert len([path for path in svg.iter("path") if path.get("class") == "tip"]) == 2
    assert len(list(svg.iter("circle"))) == 3
