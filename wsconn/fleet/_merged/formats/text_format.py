"""A fleet as text for a person: the findings; sites, regions and machines that fail; what could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from wsconn._result import Verdict
from wsconn.fleet._merged.records import FleetReport
from wsconn.fleet._merged.summary import SiteLine, Summary
from wsconn.reports._columns import padded, wide
from wsconn.reports._labels import labelled, wrapped
from wsconn.reports._printable import printable
from wsconn.reports._quantities import counted
from wsconn.reports._signs import SIGNS, Signs

_MOST_SITES = 20
_MOST_LEFT_OUT = 10
_MOST_COLUMNS = 32  # of a name


def to_text(report: FleetReport, *, width: int = 80, signs: Signs = SIGNS) -> str:
    """Return a fleet's report as lines of text, wrapped to `width` columns, the findings first."""
    return text(Summary(report), width=width, signs=signs)


def text(summary: Summary, *, width: int = 80, signs: Signs = SIGNS) -> str:
    """Write it."""
    lines = [*_findings(summary, width), ""]
    if len(summary.sites) > 1:
        lines += [*_sites(summary, signs), ""]
    if summary.regions:
        lines += [*_regions(summary, signs), ""]
    lines += _left_out(summary, width)
    lines += _closing(summary, width, signs)
    return "".join(f"{printable(line)}\n" for line in lines)


def _findings(summary: Summary, width: int) -> Iterator[str]:
    label = "finding"
    for finding in summary.findings:
        yield from labelled(label, finding.sentence, width)
        label = ""


def _sites(summary: Summary, signs: Signs) -> Iterator[str]:
    shown = summary.sites[:_MOST_SITES]
    names = max(map(wide, ["site", *(_cut(site.title) for site in shown)]))
    yield f"  {padded('site', names)}  machines    fail  regions that fail"
    for site in shown:
        sign = signs.of(Verdict.PASSED if not site.failing else Verdict.FAILED)
        regions = _failing_regions(summary, site)
        yield f"{sign} {padded(_cut(site.title), names)}  {len(site.hosts):8}  {site.failing:6}  {regions}".rstrip()
    if others := summary.sites[_MOST_SITES:]:
        failing = sum(site.failing for site in others)
        yield f"  and {counted(len(others), 'more site')} with {counted(failing, 'machine')} that fail"


def _failing_regions(summary: Summary, site: SiteLine) -> str:
    found = [summary.report.regions[place] for place, (failing, _) in enumerate(site.regions) if failing]
    if len(found) == len(summary.report.regions) > 1:
        return "all"
    return ", ".join(map(_cut, found)) if len(found) <= 2 else f"{len(found)} of {len(summary.report.regions)}"


def _regions(summary: Summary, signs: Signs) -> Iterator[str]:
    names = max(map(wide, ["region", *(_cut(line.name) for line in summary.regions)]))
    yield f"  {padded('region', names)}  machines    fail    loss  round trip"
    for line in summary.regions:
        sign = signs.of(line.status or Verdict.ABORTED)
        yield (
            f"{sign} {padded(_cut(line.name), names)}  {line.known:8}  {line.failing:6}  {line.loss_told:>6}"
            f"  {line.round_trip_told:>10}"
        )


def _left_out(summary: Summary, width: int) -> Iterator[str]:
    shown = summary.report.left_out[:_MOST_LEFT_OUT]
    label = "left out"
    for one in shown:
        yield from wrapped(f"  {label:8} ", f"{one.place}: {one.why}", width)
        label = ""
    if (more := summary.left_out - len(shown)) > 0:
        yield f"{'':11}and {counted(more, 'more report')} that cannot be read"
    if shown:
        yield ""


def _closing(summary: Summary, width: int, signs: Signs) -> Iterator[str]:
    word = summary.verdict or Verdict.ABORTED
    yield from wrapped(f"{signs.of(word)} {word if summary.verdict else 'unknown':8} ", f"{summary.counts}.", width)
    yield from wrapped(" " * 11, f"Reports are of {summary.when}, by the machines' own clocks.", width)


def _cut(name: str) -> str:
    name = printable(name)
    return name if len(name) <= _MOST_COLUMNS else f"{name[: _MOST_COLUMNS - 1]}…"
