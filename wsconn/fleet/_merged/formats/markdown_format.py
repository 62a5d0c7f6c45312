"""A fleet as Markdown, for a ticket or a chat."""

from __future__ import annotations

from collections.abc import Iterator

from wsconn._result import Verdict
from wsconn.fleet._merged.records import FleetReport
from wsconn.fleet._merged.summary import SiteLine, Summary
from wsconn.reports._markup import cell, code, prose
from wsconn.reports._quantities import counted, some
from wsconn.reports._signs import SIGNS

_MOST_SITES = 50
_MOST_LEFT_OUT = 20


def to_markdown(report: FleetReport) -> str:
    """Return a fleet's report as Markdown, the findings first."""
    return markdown(Summary(report))


def markdown(summary: Summary) -> str:
    """Write it."""
    first, *others = [prose(finding.marked) for finding in summary.findings] or ["Nothing was found."]
    word = summary.verdict
    sign = f"{SIGNS.of(word)} {word}" if word else "unknown"
    blocks = [
        f"**{first}**",
        *others,
        f"{sign}: {summary.counts}.",
        *(["\n".join(_sites(summary))] if len(summary.sites) > 1 else []),
        *(["\n".join(_regions(summary))] if summary.regions else []),
        *(["\n".join(_left_out(summary))] if summary.left_out else []),
        f"Reports are of {summary.when}, by the machines' own clocks.",
    ]
    return "\n\n".join(blocks) + "\n"


def _sites(summary: Summary) -> Iterator[str]:
    yield "### Sites\n"
    yield "| | site | machines | fail | regions that fail |"
    yield "|---|---|--:|--:|---|"
    for site in summary.sites[:_MOST_SITES]:
        sign = SIGNS.of(Verdict.FAILED if site.failing else Verdict.PASSED)
        yield f"| {sign} | {cell(site.title)} | {len(site.hosts)} | {site.failing} | {_failing(summary, site)} |"
    if others := summary.sites[_MOST_SITES:]:
        failing = sum(site.failing for site in others)
        yield f"\nAnd {counted(len(others), 'more site')} with {counted(failing, 'machine')} that fail."


def _failing(summary: Summary, site: SiteLine) -> str:
    found = [summary.report.regions[place] for place, (failing, _) in enumerate(site.regions) if failing]
    return f"all {len(found)}" if len(found) == len(summary.report.regions) > 1 else some(found, cell)


def _regions(summary: Summary) -> Iterator[str]:
    yield "### Regions\n"
    yield "| | region | machines | fail | loss | least round trip |"
    yield "|---|---|--:|--:|--:|--:|"
    for line in summary.regions:
        sign = SIGNS.of(line.status or Verdict.ABORTED)
        counts = f"{line.known} | {line.failing} | {line.loss_told} | {line.round_trip_told}"
        yield f"| {sign} | {cell(line.name)} | {counts} |"


def _left_out(summary: Summary) -> Iterator[str]:
    yield f"### Left out: {counted(summary.left_out, 'report')}\n"
    for one in summary.report.left_out[:_MOST_LEFT_OUT]:
        yield f"- {code(one.place)}: {code(one.why)}"
    if (more := summary.left_out - _MOST_LEFT_OUT) > 0:
        yield f"- and {more} more"
