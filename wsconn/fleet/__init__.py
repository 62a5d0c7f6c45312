"""Many machines, one picture: what checks on several hosts and over time say together.

import wsconn.fleet

application = wsconn.fleet.exporter("regions.toml")  # WSGI: serve it, or mount it in a site of yours
"""

from wsconn.fleet._engines.answers import Absence, HostAnswer
from wsconn.fleet._engines.handle import FleetTest
from wsconn.fleet._everywhere import check_everywhere, start_everywhere
from wsconn.fleet._exporter.entry import exporter
from wsconn.fleet._exporter.exporter import Exporter
from wsconn.fleet._otlp.exporter import OtlpExporter, export_otlp
from wsconn.fleet._otlp.sender import OtlpExport

__all__ = [
    "Absence",
    "Exporter",
    "FleetTest",
    "HostAnswer",
    "OtlpExport",
    "OtlpExporter",
    "check_everywhere",
    "export_otlp",
    "exporter",
    "start_everywhere",
]
