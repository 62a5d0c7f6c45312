"""Draws the layers of the package, and which of them imports which, as SVG.

Each layer is a row, the highest on top. Right of the rows each imported layer has a line of its own, which everyone who
imports it joins (a dot) and which ends in an arrow into its box. Colours are the page's own (`currentColor`), so that
it can be read on light and on dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import NamedTuple

LEFT, WIDTH = 10, 320  # of the boxes, in SVG's units
ROW, LINE, PADDING = 20, 17, 8  # between two boxes; of text in them
LANE = 19  # from one line to the next
OUT, INTO = 6, -6  # where lines leave and enter a box, above and below its middle
PER_LINE = 3  # names in a line of a box
DOT, TIP = 2.6, 8


class Row(NamedTuple):
    """A layer as it is drawn: what it is for, the names in it, and where its box begins and ends."""

    layer: str
    names: list[str]
    top: int
    bottom: int

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def picture(layers: Mapping[str, set[str]], imports: Mapping[str, set[str]]) -> str:
    """Return `layers`, given from the lowest up as names of folders, and who imports whom, as an `<svg>` element."""
    rows = place(layers, imports)
    lanes = {layer: nth for nth, layer in enumerate(row.layer for row in rows if row.layer in imported(imports))}
    width = LEFT + WIDTH + LANE * (len(lanes) + 1)
    height = max(row.bottom for row in rows) + ROW // 2
    drawn = "".join([*lines(rows, lanes, imports), *map(box, rows)])
    told = "; ".join(f"{row.layer}: imports {', '.join(sorted(imports[row.layer])) or 'nothing'}" for row in rows)
    return (
        f'<figure class="layers"><svg viewBox="0 0 {width} {height}" width="{width}" role="img"'
        f' aria-label="{escape(told)}">{drawn}</svg></figure>'
    )


def imported(imports: Mapping[str, set[str]]) -> set[str]:
    return set().union(*imports.values())


def place(layers: Mapping[str, set[str]], imports: Mapping[str, set[str]]) -> list[Row]:
    """Return the rows from the top. A layer that imports nothing and is imported by nobody is left out."""
    rows: list[Row] = []
    top = ROW // 2
    for layer, names in reversed(list(layers.items())):
        if imports[layer] or layer in imported(imports):
            written = sorted(names)
            bottom = top + 2 * PADDING + LINE * (1 + -(-len(written) // PER_LINE))
            rows.append(Row(layer, written, top, bottom))
            top = bottom + ROW
    return rows


def lines(rows: list[Row], lanes: Mapping[str, int], imports: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield a line for each layer that is imported, and one from each that imports to the farthest of these."""
    edge = LEFT + WIDTH
    for row in rows:
        if row.layer in lanes:
            x = edge + LANE * (1 + lanes[row.layer])
            first = min(other.middle for other in rows if row.layer in imports[other.layer])
            end = row.middle + INTO
            yield f'<path class="import" d="M{x} {first + OUT} V{end} H{edge + TIP}"/>'
            yield f'<path class="tip" d="M{edge} {end} l{TIP} -4 v8 z"/>'
        joined = [edge + LANE * (1 + lanes[layer]) for layer in imports[row.layer]]
        if joined:
            yield f'<path class="import" d="M{edge} {row.middle + OUT} H{max(joined)}"/>'
        yield from (f'<circle cx="{x}" cy="{row.middle + OUT}" r="{DOT}"/>' for x in joined)


def box(row: Row) -> str:
    rect = f'<rect x="{LEFT}" y="{row.top}" width="{WIDTH}" height="{row.bottom - row.top}" rx="6"/>'
    said = [text("layer", row.layer, row.top + PADDING + LINE - 5)]
    for nth in range(0, len(row.names), PER_LINE):
        y = row.top + PADDING + LINE * (2 + nth // PER_LINE) - 4
        said.append(text("names", "  ".join(row.names[nth : nth + PER_LINE]), y))
    return "".join([rect, *said])


def text(kind: str, said: str, y: float) -> str:
    return f'<text class="{kind}" x="{LEFT + 12}" y="{y}" xml:space="preserve">{escape(said)}</text>'
