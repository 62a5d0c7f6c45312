"""A result in words, for a person or a program: pure functions of a `ConnectivityResult`, one format a file.

    import wsconn
    from wsconn import reports

    result = wsconn.check(regions)
    print(reports.to_text(result))

Whatever a record holds comes out escaped, as the format wants it.
"""

from wsconn.reports._analysis.findings import findings
from wsconn.reports._from_json import from_json
from wsconn.reports._html import to_html
from wsconn.reports._json import to_json
from wsconn.reports._machine import Machine, this_machine
from wsconn.reports._markdown import to_markdown
from wsconn.reports._prometheus import to_prometheus
from wsconn.reports._signs import ASCII_SIGNS, SIGNS, Signs
from wsconn.reports._text import to_text

__all__ = [
    "ASCII_SIGNS",
    "SIGNS",
    "Machine",
    "Signs",
    "findings",
    "from_json",
    "this_machine",
    "to_html",
    "to_json",
    "to_markdown",
    "to_prometheus",
    "to_text",
]
