"""A table of states, drawn as SVG.

States stand in columns, by the most moves that lead to them, and in rows within a column, in the order of the table. A
move along a row is a straight arrow; a move to a lower row leaves its state below and enters the other from the left.
Colours are the page's own (`currentColor`), so that it can be read on light and on dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

WIDTH, HEIGHT = 132, 38  # of a state, in SVG's units
COLUMN, ROW = 222, 84  # from one to the next
MARGIN = 10
RADIUS = 9
BETWEEN = 9  # two lines into one state

Table = Mapping[str, Mapping[str, str]]


def picture(table: Table) -> str:
    """Return the table as an `<svg>` element."""
    where = places(table)
    width = max(x for x, _ in where.values()) + WIDTH + MARGIN
    height = max(y for _, y in where.values()) + HEIGHT + MARGIN
    drawn = "".join([*arrows(table, where), *(box(state, table, *at) for state, at in where.items())])
    said = "; ".join(f"{state}: {event} leads to {to}" for state, moves in table.items() for event, to in moves.items())
    size = f'viewBox="0 0 {width} {height}" width="{width}"'
    return (
        f'<figure class="states"><svg {size} role="img" aria-label="{escape(said)}">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0 L8 4 L0 8 z" fill="currentColor"/></marker></defs>{drawn}</svg></figure>'
    )


def places(table: Table) -> dict[str, tuple[int, int]]:
    """Return the upper left corner of each state."""
    columns = {state: column_of(state, table) for state in table}
    rows: dict[int, int] = {}
    where: dict[str, tuple[int, int]] = {}
    for state, column in columns.items():
        row = rows.setdefault(column, 0)
        rows[column] += 1
        where[state] = (MARGIN + column * COLUMN, MARGIN + row * ROW)
    return where


def column_of(state: str, table: Table, after: tuple[str, ...] = ()) -> int:
    """Return the most moves that lead to `state`; `after` are the states that it leads to."""
    if state in after:
        raise ValueError(f"moves lead from {state} back to it: this picture cannot show that")
    before = [origin for origin, moves in table.items() if state in moves.values()]
    return max((1 + column_of(origin, table, (*after, state)) for origin in before), default=0)


def box(state: str, table: Table, x: int, y: int) -> str:
    final = "" if table[state] else " final"
    return (
        f'<rect class="state{final}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        f'<text class="state" x="{x + WIDTH / 2}" y="{y + HEIGHT / 2}">{escape(state)}</text>'
    )


def arrows(table: Table, where: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    entered: dict[str, int] = {}
    for state, moves in table.items():
        x, y = where[state]
        lower = sorted((to for to in moves.values() if where[to][1] != y), key=lambda to: -where[to][1])
        for event, to in moves.items():
            to_x, to_y = where[to]
            middle = y + HEIGHT / 2
            if to_y == y:
                yield line(f"M{x + WIDTH} {middle} H{to_x}", event, (x + WIDTH + to_x) / 2, middle - 8, "middle")
                continue
            nth = entered[to] = entered.get(to, 0) + 1
            down = x + WIDTH * (1 + lower.index(to)) / (len(lower) + 1)
            end = to_y + HEIGHT / 2 + BETWEEN * (1 if nth % 2 else -1)
            bend = f"V{end - RADIUS} Q{down} {end} {down + RADIUS} {end}"
            yield line(f"M{down} {y + HEIGHT} {bend} H{to_x}", event, down + 5, y + HEIGHT + 20, "start")


def line(path: str, label: str, x: float, y: float, anchor: str) -> str:
    return (
        f'<path class="move" d="{path}" marker-end="url(#tip)"/>'
        f'<text class="move" x="{x}" y="{y}" text-anchor="{anchor}">{escape(label)}</text>'
    )
