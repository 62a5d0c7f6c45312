"""Many machines, one picture: what checks on several hosts and over time say together.

import wsconn.fleet

application = wsconn.fleet.exporter("regions.toml")  # WSGI: serve it, or mount it in a site of yours
"""

from wsconn.fleet._engines.answers import Absence, HostAnswer
from wsconn.fleet._engines.handle import FleetTest
from wsconn.fleet._everywhere import check_everywhere, start_everywhere
from wsconn.fleet._exporter.entry import exporter
from wsconn.fleet._exporter.exporter import Exporter
from wsconn.fleet._merged.findings import FindingKind, FleetFinding, Suspect
from wsconn.fleet._merged.formats.csv_format import to_csv
from wsconn.fleet._merged.formats.html_format import to_html
from wsconn.fleet._merged.formats.json_format import from_json, to_json
from wsconn.fleet._merged.formats.markdown_format import to_markdown
from wsconn.fleet._merged.formats.prometheus_format import to_prometheus
from wsconn.fleet._merged.formats.text_format import to_text
from wsconn.fleet._merged.merging import merge
from wsconn.fleet._merged.records import Cell, Ending, FleetHost, FleetReport, LeftOut
from wsconn.fleet._merged.rules import findings
from wsconn.fleet._otlp.exporter import OtlpExporter, export_otlp
from wsconn.fleet._otlp.sender import OtlpExport

__all__ = [
    "Absence",
    "Cell",
    "Ending",
    "Exporter",
    "FindingKind",
    "FleetFinding",
    "FleetHost",
    "FleetReport",
    "FleetTest",
    "HostAnswer",
    "LeftOut",
    "OtlpExport",
    "OtlpExporter",
    "Suspect",
    "check_everywhere",
    "export_otlp",
    "exporter",
    "findings",
    "from_json",
    "merge",
    "start_everywhere",
    "to_csv",
    "to_html",
    "to_json",
    "to_markdown",
    "to_prometheus",
    "to_text",
]
