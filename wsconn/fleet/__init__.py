"""Many machines, one picture: what checks on several hosts and over time say together.

import wsconn.fleet

application = wsconn.fleet.exporter("regions.toml")  # WSGI: serve it, or mount it in a site of yours
"""

import typing as _typing

if _typing.TYPE_CHECKING:
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
else:

    def __getattr__(name: str) -> object:
        """Load what a name stands for when it is first used: few programs use more than one part of the fleet."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from wsconn._io.importing import undisturbed

        undisturbed(lambda: globals().update({name: getattr(_part(name), name)}))
        return globals()[name]

    def _part(name: str) -> object:  # noqa: C901 - a case for each file
        match name:
            case "Absence" | "HostAnswer":
                from wsconn.fleet._engines import answers as part
            case "FleetTest":
                from wsconn.fleet._engines import handle as part
            case "check_everywhere" | "start_everywhere":
                from wsconn.fleet import _everywhere as part
            case "exporter":
                from wsconn.fleet._exporter import entry as part
            case "Exporter":
                from wsconn.fleet._exporter import exporter as part
            case "FindingKind" | "FleetFinding" | "Suspect":
                from wsconn.fleet._merged import findings as part
            case "to_csv":
                from wsconn.fleet._merged.formats import csv_format as part
            case "to_html":
                from wsconn.fleet._merged.formats import html_format as part
            case "from_json" | "to_json":
                from wsconn.fleet._merged.formats import json_format as part
            case "to_markdown":
                from wsconn.fleet._merged.formats import markdown_format as part
            case "to_prometheus":
                from wsconn.fleet._merged.formats import prometheus_format as part
            case "to_text":
                from wsconn.fleet._merged.formats import text_format as part
            case "merge":
                from wsconn.fleet._merged import merging as part
            case "Cell" | "Ending" | "FleetHost" | "FleetReport" | "LeftOut":
                from wsconn.fleet._merged import records as part
            case "findings":
                from wsconn.fleet._merged import rules as part
            case "OtlpExporter" | "export_otlp":
                from wsconn.fleet._otlp import exporter as part
            case _:
                from wsconn.fleet._otlp import sender as part
        return part

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


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
