"""Reports for people, in each of their formats, as one line without markup."""

from __future__ import annotations

import re

import pytest

from tests.factories import result
from tests.reports.golden import MACHINE
from wsconn import RegionOutcome, reports

FORMATS = {
    "text": lambda told: reports.to_text(told, width=120),
    "markdown": lambda told: reports.to_markdown(told, machine=MACHINE),
    "html": lambda told: reports.to_html(told, machine=MACHINE).partition("</style>")[2],
}
each_format = pytest.mark.parametrize("name", FORMATS)


def written(name: str, *outcomes: RegionOutcome) -> str:
    """Return a report as one line, without what is markup in its format."""
    report = FORMATS[name](result(*outcomes))
    return " ".join(re.sub(r"<[^>]*>|[`|]", " ", report).replace("&#39;", "'").split())
