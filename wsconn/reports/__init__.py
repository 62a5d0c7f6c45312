"""A result in words, for a person or a program: pure functions of a `ConnectivityResult`, one format a file.

    import wsconn
    from wsconn import reports

    result = wsconn.check(regions)
    print(reports.to_text(result))

Whatever a record holds comes out escaped, as the format wants it.
"""

from wsconn.reports._findings import findings
from wsconn.reports._json import to_json
from wsconn.reports._signs import ASCII_SIGNS, SIGNS, Signs
from wsconn.reports._text import to_text

__all__ = ["ASCII_SIGNS", "SIGNS", "Signs", "findings", "to_json", "to_text"]
