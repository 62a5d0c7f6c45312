"""What is sent to a host, and what comes back: JSON, so that a host may have another version of Python or of wsconn.

A key or an argument that a host's wsconn does not know is an error there, which is sent back. What is not given is not
sent, so that only those who use something new need it everywhere.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from wsconn._api import start
from wsconn._regions import Discovery, Region
from wsconn._result import ConnectivityResult
from wsconn._run.handle import ConnectivityTest
from wsconn._text import sanitize


def write_request(regions: Iterable[Region], settings: Mapping[str, Any]) -> str:
    """Return what `begin` reads: `settings` are arguments of `start`, `None` where not given.

    It holds the regions' headers, secrets and all.
    """
    told = [attrs.asdict(region, filter=lambda _, value: value not in (None, ())) for region in regions]
    return json.dumps({"regions": told, "settings": settings})


def begin(request: str) -> ConnectivityTest:
    """Start the check that `write_request` wrote down, on the host that is to make it."""
    told = json.loads(request)
    return start([_region(fields) for fields in told["regions"]], **told["settings"])


def _region(fields: dict[str, Any]) -> Region:
    discovery = fields.pop("discovery", None)
    return Region(**fields, discovery=Discovery(**discovery) if discovery else None)


def write_report(result: ConnectivityResult) -> str:
    """Return what is sent back: the report, which names this machine, and what this host calls itself."""
    from wsconn.reports import to_json  # here: who asks has no need of it

    return json.dumps({"host": socket.gethostname(), "report": to_json(result, indent=None)})


def write_error(error: Exception) -> str:
    """Return what is sent back where the check could not begin. An exception might not unpickle where it is read."""
    return json.dumps({"host": socket.gethostname(), "error": f"{type(error).__name__}: {sanitize(str(error))}"})
