"""What a fleet's report is written as, one format a file: here as the command line uses them, which has a summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn.fleet._merged.formats.csv_format import table
from wsconn.fleet._merged.formats.html_format import page
from wsconn.fleet._merged.formats.json_format import document
from wsconn.fleet._merged.formats.markdown_format import markdown
from wsconn.fleet._merged.formats.prometheus_format import metrics
from wsconn.fleet._merged.formats.text_format import text
from wsconn.fleet._merged.summary import Summary

WRITERS: Mapping[str, Callable[[Summary], str]] = {
    "text": text,
    "json": document,
    "markdown": markdown,
    "html": page,
    "csv": table,
    "prometheus": metrics,
}
