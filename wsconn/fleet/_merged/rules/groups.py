"""The rule about machines that have something in common: a site, a label, a system, a version of wsconn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wsconn._text import value
from wsconn.fleet._merged.facts import FEW, MOST, Fleet, Group, beginning, common
from wsconn.fleet._merged.findings import FindingKind, FleetFinding, Suspect
from wsconn.fleet._merged.records import moment
from wsconn.fleet._merged.rules.rule import Left, Rule
from wsconn.fleet._merged.rules.words import at, manner, names_of, regions_of
from wsconn.reports._quantities import counted

_FEWEST = 2  # machines in a group, and outside it
_SURE_ALL = 10  # of a group smaller than that all have to fail
_CHANCE = 0.01  # that some group of its kind would look like that if failures were spread by lot


def _alone(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    kinds = Counter(kind for kind, _ in fleet.groups)
    found = [(group, regions) for group in _touched(fleet, left) if (regions := _regions(fleet, left, group, kinds))]
    for group, _ in sorted(found, key=lambda one: -len(one[1]) * len(fleet.groups[one[0]])):
        if regions := _regions(fleet, left, group, kinds):  # a larger group may have explained it
            yield _told(fleet, left, group, regions)
            left.take(fleet.groups[group], regions)


def _touched(fleet: Fleet, left: Left) -> list[Group]:
    hosts = left.hosts
    return [group for group, members in fleet.groups.items() if len(members & hosts) >= _FEWEST]


def _regions(fleet: Fleet, left: Left, group: Group, kinds: Counter[str]) -> list[int]:
    """Return the regions in which nearly all of a group fail, and hardly any other."""
    members = fleet.groups[group]
    return [region for region in left.failing if left.failing[region] and _fits(left, region, members, kinds[group[0]])]


def _fits(left: Left, region: int, members: set[int], groups: int) -> bool:
    failing, known = left.failing[region], left.known[region]
    bad, of = len(failing & members), len(known & members)
    bad_outside, outside = len(failing) - bad, len(known) - of
    if of < _FEWEST or outside < _FEWEST or bad < of * (MOST if of >= _SURE_ALL else 1):
        return False
    rate = bad_outside / outside
    return rate <= FEW and rate**of * groups <= _CHANCE


def _told(fleet: Fleet, left: Left, group: Group, regions: list[int]) -> FleetFinding:
    members = fleet.groups[group]
    hosts = set().union(*(left.failing[region] & members for region in regions))
    elsewhere = set().union(*(left.failing[region] - members for region in regions))
    cells = [cell for region in regions for cell in fleet.some(left.failing[region] & members, region)]
    facts = common(cell.ending for cell in cells)
    timed = [cell for region in regions for cell in fleet.some(fleet.timed(left.failing[region] & members), region)]
    together, since = beginning(timed)
    when = f", since {at(since)}" if together and since is not None else ""
    kind, name = group
    count = f"{len(hosts)} of {counted(len(members), 'machine')}"
    who = (
        f"{_said(group)} {count} fail in {regions_of(fleet, regions)}"
        f" (elsewhere {len(elsewhere)} of {len(fleet.hosts) - len(members)})"
        if elsewhere
        else f"Only machines {_with(group)} fail in {regions_of(fleet, regions)} ({count})"
    )
    return FleetFinding(
        kind=FindingKind.GROUP_ALONE,
        suspect=Suspect.NETWORK if kind == "site" else Suspect.GROUP,
        hosts=names_of(fleet, hosts),
        of_hosts=len(members),
        sites=fleet.sites_of(hosts),
        regions=tuple(fleet.report.regions[region] for region in regions),
        group=group,
        elsewhere=len(elsewhere),
        since=moment(since) if when and since is not None else None,
        by_clocks=bool(when),
        marked=f"{who}{manner(facts)}{when}: "
        + (f"the network of site {value(name)}." if kind == "site" else f"what {value(name)} stands for."),
        **facts,  # type: ignore[arg-type]  # fields of a finding by their names
    )


def _said(group: Group) -> str:
    kind, name = group
    return f"Of the machines {_with(group)}" if kind != "site" else f"At site {value(name)}"


def _with(group: Group) -> str:
    kind, name = group
    match kind:
        case "site":
            return f"of site {value(name)}"
        case "system":
            return f"with the system {value(name)}"
        case "wsconn":
            return f"with wsconn {value(name)}"
        case _:
            return f"with {value(f'{kind}={name}')}"


ALONE = Rule(
    kinds=(FindingKind.GROUP_ALONE,),
    meaning="Of the machines of a site (or with a label, a system, a version) nearly all fail in a region, two at"
    " least, and of all others hardly any; and it would hardly be so by chance.",
    find=_alone,
)
