"""The way between the two network namespaces: `python -m benchmarks.delays NEAR_DESCRIPTOR DEVICE TABLE`

Every packet waits for half the round trip of the address that it goes to or comes from, or is dropped. The near TUN
device is open when this starts (in the other namespace, where it was made); the far one is opened here.
"""

from __future__ import annotations

import heapq
import itertools
import json
import os
import select
import sys
import time

from benchmarks.answering import is_ready
from benchmarks.tun import open_tun

_SOURCE, _DESTINATION = slice(12, 16), slice(16, 20)  # RFC 791, section 3.1
_PACKET_BYTES = 65_536


class Way:
    """Packets under way, by the time at which they are due."""

    def __init__(self, near: int, far: int, one_way_seconds: dict[int, float | None]) -> None:
        self._others = {near: far, far: near}
        self._regions = {near: _DESTINATION, far: _SOURCE}
        self._one_way_seconds = one_way_seconds  # by the address' last byte; `None`: dropped
        self._under_way: list[tuple[float, int, int, bytes]] = []
        self._order = itertools.count()
        self._delivered, self._late, self._latest = 0, 0.0, 0.0

    def run(self) -> None:
        while True:
            # Not a poll: its timeouts are whole milliseconds.
            wait = max(0.0, self._under_way[0][0] - time.monotonic()) if self._under_way else None
            for device in select.select(list(self._others), [], [], wait)[0]:
                self._take(device)
            self._deliver()

    def figures(self) -> dict[str, float]:
        """Return how late packets were, on the average and at worst, since the last time that somebody asked."""
        seen = {"late": self._late / max(1, self._delivered), "latest": self._latest}
        self._delivered, self._late, self._latest = 0, 0.0, 0.0
        return seen

    def _take(self, device: int) -> None:
        while True:
            try:
                packet = os.read(device, _PACKET_BYTES)
            except BlockingIOError:
                return
            seconds = self._one_way_seconds.get(packet[self._regions[device]][-1]) if packet[0] >> 4 == 4 else None
            if seconds is not None:
                due = time.monotonic() + seconds
                heapq.heappush(self._under_way, (due, next(self._order), self._others[device], packet))

    def _deliver(self) -> None:
        while self._under_way and self._under_way[0][0] <= time.monotonic():
            due, _, device, packet = heapq.heappop(self._under_way)
            os.write(device, packet)
            late = time.monotonic() - due
            self._delivered += 1
            self._late += late
            self._latest = max(self._latest, late)


def main() -> None:
    """Carry packets until stdin ends; the table is JSON: round trips in seconds by the last byte of an address."""
    near, device, table = int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    way = Way(near, open_tun(device), {int(byte): seconds / 2 for byte, seconds in table.items()})
    is_ready({}, way.figures)
    way.run()


if __name__ == "__main__":
    main()
