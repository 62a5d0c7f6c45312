"""The parts of sentences about machines and regions. Values in them are marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from wsconn._outcome import Stage
from wsconn._text import value
from wsconn.fleet._merged.facts import Fleet
from wsconn.fleet._merged.records import moment
from wsconn.reports._analysis.phrases import AT
from wsconn.reports._quantities import counted

FEW_NAMES = 3


def listed(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    shown = [*map(value, names[:FEW_NAMES])]
    if len(names) > FEW_NAMES:
        return f"{', '.join(shown)} and {len(names) - FEW_NAMES} more"
    *first, last = shown or [""]
    return f"{', '.join(first)} and {last}" if first else last


def regions_of(fleet: Fleet, regions: Iterable[int]) -> str:
    """Name some regions, or say that they are all."""
    names = [fleet.report.regions[region] for region in regions]
    total = len(fleet.report.regions)
    if len(names) == total > 1:
        return f"all {total} regions"
    return listed(names) if len(names) <= FEW_NAMES else f"{len(names)} of {counted(total)}"


def manner(facts: Mapping[str, object], *, count: int = 2) -> str:
    """Say how so many fail, with the comma before it."""
    if not facts.get("cause"):
        return ", in different ways"
    stage, cause = facts["stage"], facts["cause"]
    where = AT[Stage(str(stage))] if stage in [*Stage] else f"at {stage}"
    share = "mostly " if facts.get("mostly") else "all " if count > 1 else ""
    told = f", {share}{where} ({cause})"
    if facts.get("http_status") and cause == "http_status":
        told += f", answered with {_status(facts)}"
    if facts.get("signer") and stage == Stage.TLS:
        told += f", signed by {value(facts['signer'])}"
    if facts.get("proxy"):
        told += f", through the proxy {value(facts['proxy'])}"
    if facts.get("name_server"):
        told += f", with the name server {value(facts['name_server'])}"
    return told


def _status(facts: Mapping[str, object]) -> str:
    return value(f"HTTP {facts['http_status']}")


def at(seconds: float) -> str:
    """Return a time, and that it is by the machines' own clocks."""
    return f"{moment(seconds):%Y-%m-%d %H:%M} UTC by their clocks"


def names_of(fleet: Fleet, hosts: Iterable[int]) -> tuple[str, ...]:
    """Return what some machines are called."""
    return tuple(fleet.names[number] for number in sorted(hosts))


def machines(count: int, total: int) -> str:
    """Count some machines of a number of them."""
    if count == total:
        return f"all {total} machines" if total > 1 else "the only machine"
    return f"{count} of {counted(total, 'machine')}"
