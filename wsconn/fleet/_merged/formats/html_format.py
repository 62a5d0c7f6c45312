"""A fleet as one HTML page that needs nothing else: no script, no request, no font. Needs Jinja2 (the extra `html`).

Jinja2 escapes whatever is put into the template, and a policy in the page lets nothing run or load. A machine takes one
row of letters only where it is like no other of its site, so that 10,000 machines with 25 regions stay below 2 MB.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import itertools
from typing import TYPE_CHECKING

import attrs

from wsconn._outcome import Stage, Status
from wsconn._version import __version__
from wsconn.fleet._merged.aws import AWS_REGIONS
from wsconn.fleet._merged.over_time import edges_of, spans_of, strips
from wsconn.fleet._merged.records import FleetReport, moment
from wsconn.fleet._merged.summary import PASSED, STAGE_LETTERS, UNKNOWN, SiteLine, Summary
from wsconn.fleet._merged.world import NORTH, SOUTH, outline
from wsconn.fleet._merged.world_map import dots
from wsconn.reports._analysis.phrases import AT
from wsconn.reports._printable import printable
from wsconn.reports._quantities import counted, some
from wsconn.reports._signs import SIGNS

if TYPE_CHECKING:
    import jinja2

_MOST_SITES = 100  # with a row and a list each; the machines of the others are in one list
_MOST_LETTERS = 60  # regions whose names stand above the letters
_MOST_NAME = 40  # characters of a machine's name
_MOST_CAUSES = 3


@attrs.frozen
class Alike:
    """Machines of which the same is seen: letters in runs of passes and failures, names, causes."""

    letters: tuple[tuple[bool, str], ...]
    names: tuple[str, ...]
    causes: str


@attrs.frozen
class SitePart:
    """A site's machines, those that fail first."""

    title: str
    anchor: str
    count: int
    failing: int
    regions: tuple[tuple[int, int], ...]
    alike: tuple[Alike, ...]


def to_html(report: FleetReport) -> str:
    """Return a fleet's report as an HTML page: the findings, then sites, regions over time, machines, and a map.

    Raises:
        ImportError: Without Jinja2.
    """
    return page(Summary(report))


def page(summary: Summary) -> str:
    """Write it."""
    report = summary.report
    style = _resource("wsconn.reports", "report.css") + _resource("wsconn.fleet._merged", "fleet.css")
    return _template().render(
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        summary=summary,
        report=report,
        findings=summary.findings,
        verdict=summary.verdict,
        parts=_parts(summary),
        more_sites=summary.sites[_MOST_SITES:],
        strips=strips(summary.fleet),
        spans=spans_of(summary.fleet),
        edges=[f"{moment(edge):%Y-%m-%d %H:%M} UTC" for edge in edges_of(summary.fleet) or ()],
        has_heads=len(report.regions) <= _MOST_LETTERS,
        letters={letter: AT[Stage(stage)] for stage, letter in STAGE_LETTERS.items()},
        passed=PASSED,
        unknown=UNKNOWN,
        outline=outline(),
        top=-NORTH,
        height=NORTH - SOUTH,
        dots=dots(summary.regions),
        places={name: place.name for name, place in AWS_REGIONS.items()},
        version=__version__,
    )


def _parts(summary: Summary) -> list[SitePart]:
    shown, others = summary.sites[:_MOST_SITES], summary.sites[_MOST_SITES:]
    parts = [_part(summary, site, f"site-{number}") for number, site in enumerate(shown)]
    if others:
        together = SiteLine(
            name=f"{len(others)} more sites",
            hosts=tuple(number for site in others for number in site.hosts),
            failing=sum(site.failing for site in others),
            regions=tuple(
                (sum(failing for failing, _ in column), sum(known for _, known in column))
                for column in zip(*(site.regions for site in others), strict=True)
            ),
        )
        parts.append(_part(summary, together, "more-sites"))
    return parts


def _part(summary: Summary, site: SiteLine, anchor: str) -> SitePart:
    alike = [
        Alike(
            letters=tuple(
                (fails, "".join(run)) for fails, run in itertools.groupby(letters, key=lambda sign: sign.isupper())
            ),
            names=tuple(_cut(summary.report.hosts[number].name) for number in hosts),
            causes=_causes(summary, hosts),
        )
        for letters, hosts in summary.alike(site.hosts)
    ]
    return SitePart(site.title, anchor, len(site.hosts), site.failing, site.regions, tuple(alike))


def _causes(summary: Summary, hosts: list[int]) -> str:
    found = dict.fromkeys(
        cell.ending.cause or ""
        for number in hosts
        for cell in summary.fleet.cells[number]
        if cell and cell.ending.status is Status.FAILED
    )
    more = " and others" if len(found) > _MOST_CAUSES else ""
    return f"{', '.join([*found][:_MOST_CAUSES])}{more}"


def _cut(name: str) -> str:
    name = printable(name)
    return name if len(name) <= _MOST_NAME else f"{name[: _MOST_NAME - 1]}…"


def _template() -> jinja2.Template:
    try:
        import jinja2  # here: it is an extra
    except ImportError as exc:
        raise ImportError(f'an HTML report needs {exc.name}: pip install "wsconn[html]"', name=exc.name) from exc
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda shown: printable(shown) if type(shown) is str else shown,
    )
    environment.globals.update(counted=counted, some=some, sign=SIGNS.of)
    return environment.from_string(_resource("wsconn.fleet._merged", "fleet.html.j2"))


def _resource(package: str, name: str) -> str:
    return importlib.resources.files(package).joinpath("templates", name).read_text("utf-8")
