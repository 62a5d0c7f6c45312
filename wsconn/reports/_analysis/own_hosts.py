"""Advice names one server. Where it holds for several regions, each with its own, those of the others are named too."""

from __future__ import annotations

from wsconn._text import value
from wsconn.reports._analysis.groups import Advice, Group
from wsconn.reports._analysis.led import destination_in

_MOST_HOSTS = 6  # that a person reads in a sentence


def own_hosts(advice: Advice, group: Group) -> str | None:
    """Say which hosts an advice is about beside the one that it names, or `None` where it names no other."""
    if advice.is_for_all:
        return None
    first, *others = advice.regions
    hosts = [_host(region, group) for region in others]
    if len(hosts) >= _MOST_HOSTS or None in hosts:
        return f"The host is that of {value(first)}; the other regions have their own."
    *before, last = dict.fromkeys(map(value, hosts))
    named = f"{', '.join(before)} and {last}" if before else last
    return f"The same goes for {named}."


def _host(region: str, group: Group) -> str | None:
    outcome = next((outcome for outcome in group.regions if outcome.region == region), None)
    destination = outcome and destination_in(outcome, outcome.url)
    return str(destination) if destination else None
