"""A result in words, for a person or a program: pure functions of a `ConnectivityResult`, one format a file.

    import wsconn
    from wsconn import reports

    result = wsconn.check(regions)
    print(reports.to_text(result))

Whatever a record holds comes out escaped, as the format wants it.
"""

from wsconn.reports import _formats
from wsconn.reports._analysis.findings import findings
from wsconn.reports._formats import *  # noqa: F403 - the function of each row of the table
from wsconn.reports._from_json import from_json
from wsconn.reports._machine import Machine, this_machine
from wsconn.reports._signs import ASCII_SIGNS, SIGNS, Signs

__all__ = [
    "ASCII_SIGNS",
    "SIGNS",
    "Machine",
    "Signs",
    "findings",
    "from_json",
    "this_machine",
]
__all__ += _formats.__all__
