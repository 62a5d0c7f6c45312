"""Advice names one server. Where it holds for several regions, each with its own, those of the others are named too."""

from __future__ import annotations

from wsconn._text import value
from wsconn.reports._analysis.destinations import destination_of
from wsconn.reports._analysis.groups import Advice, Group

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
    urls = (outcome.url for outcome in group.regions if outcome.region == region)
    destination = destination_of(next(urls, None))
    return str(destination) if destination else None
