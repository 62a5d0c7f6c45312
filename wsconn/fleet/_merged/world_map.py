"""The regions on a map of the world: a dot for each that AWS names, and beside it the least round trip, or the loss."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import attrs

from wsconn._result import Verdict
from wsconn.fleet._merged.aws import AWS_REGIONS
from wsconn.fleet._merged.summary import RegionLine
from wsconn.fleet._merged.world import NORTH, SOUTH

_CHARACTER, _HEIGHT = 2.2, 4.0  # of a label, in degrees
_DOT = 2.0  # around a dot, in degrees
_AWAY = (3.0, 6.0, 10.0, 14.0, 19.0, 25.0)  # how far a label may be from its dot


@attrs.frozen(kw_only=True)
class Dot:
    """A region on the map: its place, its label and where that begins, and whether a line leads there."""

    line: RegionLine
    place: str
    x: float
    y: float
    label: str
    label_x: float
    label_y: float
    has_leader: bool

    @property
    def status(self) -> str:
        """The class of its colour."""
        return str(self.line.status or Verdict.ABORTED)

    @property
    def told(self) -> str:
        """All of it, in words."""
        return (
            f"{self.line.name}, {self.place}: fails on {self.line.failing} of {self.line.known} machines,"
            f" loss {self.line.loss_told}, least round trip {self.line.round_trip_told}"
        )


_Box = tuple[float, float, float, float]


def dots(lines: Sequence[RegionLine]) -> tuple[Dot, ...]:
    """Return the regions that have a place, with labels that do not cover each other where there is room for that."""
    placed = [line for line in lines if line.name in AWS_REGIONS and line.known]
    taken: list[_Box] = [
        (spot.east - _DOT, -spot.north - _DOT, spot.east + _DOT, -spot.north + _DOT)
        for line in placed
        for spot in [AWS_REGIONS[line.name]]
    ]
    return tuple(_dot(line, taken) for line in placed)


def _dot(line: RegionLine, taken: list[_Box]) -> Dot:
    spot = AWS_REGIONS[line.name]
    label = f"{line.loss:.0%} lost" if line.failing == line.known else line.round_trip_told
    x, y, away = _free(spot.east, -spot.north, len(label) * _CHARACTER, taken)
    return Dot(
        line=line,
        place=spot.name,
        x=spot.east,
        y=-spot.north,
        label=label,
        label_x=round(x, 1),
        label_y=round(y, 1),
        has_leader=away > _AWAY[1],
    )


def _free(x: float, y: float, width: float, taken: list[_Box]) -> tuple[float, float, float]:
    """Return the middle of a label that covers nothing, and how far it is from its dot; the last tried if none does."""
    box: _Box = (x, y, x, y)
    found = (x, y, 0.0)
    for away, middle_x, middle_y in _around(x, y, width):
        box = (middle_x - width / 2, middle_y - _HEIGHT / 2, middle_x + width / 2, middle_y + _HEIGHT / 2)
        found = (middle_x, middle_y, away)
        if _is_inside(box) and not any(_overlap(box, other) for other in taken):
            break
    taken.append(box)
    return found


def _around(x: float, y: float, width: float) -> Iterator[tuple[float, float, float]]:
    for away in _AWAY:
        for step in range(16):
            angle = step * math.pi / 8
            across, down = math.cos(angle), math.sin(angle)
            yield away, x + across * (away + width / 2), y + down * (away + _HEIGHT / 2)


def _is_inside(box: _Box) -> bool:
    return box[0] >= -180 and box[2] <= 180 and box[1] >= -NORTH and box[3] <= -SOUTH


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
