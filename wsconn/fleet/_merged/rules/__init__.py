"""Findings across machines: one table of rules, in the order in which they look. `FindingKind` has that of the telling.

Each looks at what the rules before it have not explained. What is wrong with a clock comes first, since times rest on
it; then what fails everywhere, since a site's machines fail there too; then sites and other groups, single machines,
and what is left. Rules about the past come last.
"""

from __future__ import annotations

from collections.abc import Iterator

from wsconn.fleet._merged.facts import Fleet
from wsconn.fleet._merged.findings import FindingKind, FleetFinding
from wsconn.fleet._merged.records import FleetReport
from wsconn.fleet._merged.rules import clocks, groups, history, machines, regions
from wsconn.fleet._merged.rules.rule import Left, Rule
from wsconn.reports._quantities import counted


def _nothing(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    if not any(fleet.known.values()):
        why = "No report could be read" if not fleet.hosts else "No region was tested to its end"
        yield FleetFinding(kind=FindingKind.NOTHING, marked=f"{why}: nothing is known.")


def _passed(fleet: Fleet, left: Left) -> Iterator[FleetFinding]:
    if any(fleet.failing.values()) or not any(fleet.known.values()):
        return
    hosts, regions_ = len(fleet.hosts), len(fleet.report.regions)
    who = "The machine passes" if hosts == 1 else f"All {hosts} machines pass"
    where = "its region" if regions_ == 1 else f"all {counted(regions_)}"
    yield FleetFinding(
        kind=FindingKind.PASSED,
        hosts=fleet.names,
        of_hosts=hosts,
        sites=fleet.sites_of(range(hosts)),
        regions=fleet.report.regions,
        marked=f"{who} in {where}.",
    )


RULES: tuple[Rule, ...] = (
    Rule(kinds=(FindingKind.NOTHING,), meaning="There is no report, or none of them tells anything.", find=_nothing),
    *clocks.RULES,
    regions.EVERYWHERE,
    groups.ALONE,
    machines.ALONE,
    regions.PARTLY,
    machines.SCATTERED,
    Rule(kinds=(FindingKind.PASSED,), meaning="Nothing fails in the last round of any machine.", find=_passed),
    history.SILENT,
    history.RECOVERED,
    history.AT_TIMES,
)


def findings_of(fleet: Fleet) -> tuple[FleetFinding, ...]:
    """Return what the rules find, the weightiest first."""
    left, weights = Left(fleet), [*FindingKind]
    found = [finding for rule in RULES for finding in rule.find(fleet, left)]
    return tuple(sorted(found, key=lambda finding: weights.index(finding.kind)))


def findings(report: FleetReport) -> tuple[FleetFinding, ...]:
    """Say what the machines of a fleet show together, the most telling first.

    Times are those of the machines' own clocks, which nobody has compared; `by_clocks` tells which findings rest on
    them. A machine whose clock is known to be wrong counts for no time.
    """
    return findings_of(Fleet(report))
