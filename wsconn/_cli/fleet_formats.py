"""The formats of a fleet's report, and how many rounds it has: the parser needs no more, and loads no fleet for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

LAST = 100  # as `wsconn.fleet.merge` has it, which a test holds


class FleetFormat(NamedTuple):
    """One format. `title` is its name in a sentence, `extra` what must be installed for it."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    extra: str | None = None


_ALL = (
    FleetFormat(name="text", title="a text report", suffixes=(".txt",)),
    FleetFormat(name="json", title="a JSON report", suffixes=(".json",)),
    FleetFormat(name="markdown", title="a Markdown report", suffixes=(".md", ".markdown")),
    FleetFormat(name="html", title="an HTML report", suffixes=(".html", ".htm"), extra="html"),
    FleetFormat(name="csv", title="a table", suffixes=(".csv",)),
    FleetFormat(name="prometheus", title="a Prometheus report", suffixes=(".prom",)),
)
FLEET_FORMATS: Mapping[str, FleetFormat] = {form.name: form for form in _ALL}  # the first is the default


def fleet_format_of(file: str) -> FleetFormat | None:
    """Return the format that a file's suffix means, or `None`."""
    name = file.lower()
    return next((form for form in _ALL if name.endswith(form.suffixes)), None)
