"""The last gate for secrets. The engine keeps them out of its records; a record may also be made by hand."""

from __future__ import annotations

import re

import attrs

from wsconn._outcome import Attempt, RegionOutcome
from wsconn._result import ConnectivityResult
from wsconn._text import without_query

_USERINFO = re.compile(r"(?<=://)[^/?#\s]*@")


def without_secrets(result: ConnectivityResult) -> ConnectivityResult:
    """Return `result` with no user name, password or query in a URL; what has none comes back as it is."""
    return attrs.evolve(result, outcomes=tuple(map(_outcome, result.outcomes)))


def _outcome(outcome: RegionOutcome) -> RegionOutcome:
    return attrs.evolve(
        outcome,
        url=None if outcome.url is None else _url(outcome.url),
        proxy=None if outcome.proxy is None else _USERINFO.sub("", outcome.proxy),
        attempts=tuple(map(_attempt, outcome.attempts)),
    )


def _attempt(attempt: Attempt) -> Attempt:
    return attrs.evolve(attempt, url=_url(attempt.url))


def _url(url: str) -> str:
    return _USERINFO.sub("", without_query(url))
