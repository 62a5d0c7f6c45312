"""What the operator of a service says that a firewall has to let through: it goes beyond what a test has tried."""

from __future__ import annotations

from typing import NamedTuple

from wsconn._outcome import Status
from wsconn._result import ConnectivityResult

TITLE = "Hosts and ports to allow, as the service's operator lists them"


class OperatorList(NamedTuple):
    """What is to be allowed, the page that says so, and the regions that it is for. `fails`: one of these does."""

    allow: tuple[str, ...]
    help: str | None
    regions: tuple[str, ...]
    fails: bool


def operator_lists_of(result: ConnectivityResult) -> tuple[OperatorList, ...]:
    """Return the lists that regions name, each once."""
    found: dict[tuple[tuple[str, ...], str | None], OperatorList] = {}
    for outcome in result.outcomes:
        key = (outcome.allow, outcome.help)
        if any(key):
            known = found.get(key) or OperatorList(*key, (), fails=False)
            fails = known.fails or outcome.status is Status.FAILED
            found[key] = known._replace(regions=(*known.regions, outcome.region), fails=fails)
    return tuple(found.values())
