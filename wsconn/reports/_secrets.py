"""The last gate for secrets. The engine keeps them out of its records; a record may also be made by hand."""

from __future__ import annotations

import re
from typing import TypeVar

import attrs

from wsconn._outcome import Attempt, Evidence, Failure, RegionOutcome
from wsconn._result import ConnectivityResult
from wsconn._text import without_query

Text = TypeVar("Text", str, str | None)
_USERINFO = re.compile(r"(?<=://)[^/?#\s]*@")


def without_secrets(result: ConnectivityResult) -> ConnectivityResult:
    """Return `result` with no user name, password or query in a URL; what has none comes back as it is."""
    return attrs.evolve(result, outcomes=tuple(map(_outcome, result.outcomes)))


def _outcome(outcome: RegionOutcome) -> RegionOutcome:
    return attrs.evolve(
        outcome,
        url=_url(outcome.url),
        failure=outcome.failure and _failure(outcome.failure),
        proxy=outcome.proxy and _USERINFO.sub("", outcome.proxy),
        attempts=tuple(map(_attempt, outcome.attempts)),
        evidence=outcome.evidence and _evidence(outcome.evidence),
        help=outcome.help and _USERINFO.sub("", outcome.help),
    )


def _attempt(attempt: Attempt) -> Attempt:
    return attrs.evolve(attempt, url=_url(attempt.url))


def _failure(failure: Failure) -> Failure:
    return attrs.evolve(failure, evidence=failure.evidence and _evidence(failure.evidence))


def _evidence(seen: Evidence) -> Evidence:
    return attrs.evolve(
        seen,
        discovery=_url(seen.discovery),
        location=_url(seen.location),
        proxy=_url(seen.proxy),
        pac=_url(seen.pac),
    )


def _url(url: Text) -> Text:
    return url and _USERINFO.sub("", without_query(url))
