"""Many machines, one picture: what checks on several hosts and over time say together.

import pathlib
from wsconn import fleet

report = fleet.merge([pathlib.Path("reports")])
for finding in fleet.findings(report):
    print(finding.sentence)
"""

from wsconn.fleet._merged.findings import FindingKind, FleetFinding, Suspect
from wsconn.fleet._merged.formats.csv_format import to_csv
from wsconn.fleet._merged.formats.json_format import from_json, to_json
from wsconn.fleet._merged.formats.markdown_format import to_markdown
from wsconn.fleet._merged.formats.prometheus_format import to_prometheus
from wsconn.fleet._merged.formats.text_format import to_text
from wsconn.fleet._merged.merging import merge
from wsconn.fleet._merged.records import Cell, Ending, FleetHost, FleetReport, LeftOut
from wsconn.fleet._merged.rules import findings

__all__ = [
    "Cell",
    "Ending",
    "FindingKind",
    "FleetFinding",
    "FleetHost",
    "FleetReport",
    "LeftOut",
    "Suspect",
    "findings",
    "from_json",
    "merge",
    "to_csv",
    "to_json",
    "to_markdown",
    "to_prometheus",
    "to_text",
]
