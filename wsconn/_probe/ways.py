"""What was found out about the ways to a server."""

from __future__ import annotations

from typing import NamedTuple

from wsconn._diagnosis.evidence import NOTHING
from wsconn._outcome import Evidence
from wsconn._proxies import Proxy


class Ways(NamedTuple):
    """The ways to a server in order, `None` being the direct one, and what a PAC file had to do with that.

    There is no way where nobody was asked, or the PAC file says nothing.
    """

    ways: tuple[Proxy | None, ...] = ()
    evidence: Evidence = NOTHING


NOBODY_ASKED = Ways()
