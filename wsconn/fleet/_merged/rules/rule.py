"""What a rule across machines is, and what is left for it to explain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import attrs

from wsconn.fleet._merged.facts import Cells, Fleet
from wsconn.fleet._merged.findings import FindingKind, FleetFinding


class Left:
    """The failures that no rule has explained yet."""

    def __init__(self, fleet: Fleet) -> None:
        self.failing: Cells = {region: set(hosts) for region, hosts in fleet.failing.items()}
        self.known: Cells = {region: set(hosts) for region, hosts in fleet.known.items()}

    def take(self, hosts: Iterable[int], regions: Iterable[int]) -> None:
        """Leave out the failures of some machines in some regions: they are explained, and show nothing else."""
        hosts = set(hosts)
        for region in regions:
            self.known[region] -= self.failing[region] & hosts
            self.failing[region] -= hosts

    def of(self, host: int) -> list[int]:
        """Return the regions in which a machine's failure is not explained."""
        return [region for region, hosts in self.failing.items() if host in hosts]

    @property
    def hosts(self) -> set[int]:
        """The machines with such failures."""
        return set().union(*self.failing.values())


@attrs.frozen(kw_only=True)
class Rule:
    """A row of the table of rules.

    Attributes:
        kinds: What it may find.
        meaning: What machines have to show for that.
        find: Yields the findings, and takes from what is left the failures that they explain.
    """

    kinds: tuple[FindingKind, ...]
    meaning: str
    find: Callable[[Fleet, Left], Iterator[FleetFinding]]
