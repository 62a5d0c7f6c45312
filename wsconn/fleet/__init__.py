"""Many machines, one picture: what checks on several hosts and over time say together."""

from wsconn.fleet._otlp.exporter import OtlpExporter, export_otlp
from wsconn.fleet._otlp.sender import OtlpExport

__all__ = ["OtlpExport", "OtlpExporter", "export_otlp"]
