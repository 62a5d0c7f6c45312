"""The last gate for secrets. The engine keeps them out of its records; a record may also be made by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import attrs

from wsconn._outcome import Attempt, Evidence, Failure, RegionOutcome
from wsconn._result import ConnectivityResult
from wsconn._text import without_query

if TYPE_CHECKING:
    from wsconn._debug.records import Conclusion, DebugReport, Experiment, Hold

Text = TypeVar("Text", str, str | None)
_USERINFO = re.compile(r"(?<=://)[^/?#\s]*@")
_QUERY = re.compile(r"(?<=://)([^?#\s]*)[?#]\S*")


def without_secrets(result: ConnectivityResult) -> ConnectivityResult:
    """Return `result` with no user name, password or query in a URL; what has none comes back as it is."""
    return attrs.evolve(result, outcomes=tuple(map(_outcome, result.outcomes)))


def report_without_secrets(report: DebugReport) -> DebugReport:
    """Return a debugger's report in the same way; in its sentences too."""
    return attrs.evolve(
        report,
        result=without_secrets(report.result),
        experiments=tuple(map(_experiment, report.experiments)),
        conclusions=tuple(map(_conclusion, report.conclusions)),
        holds=tuple(map(_hold, report.holds)),
    )


def _experiment(made: Experiment) -> Experiment:
    return attrs.evolve(
        made,
        changed=_in_words(made.changed),
        sent=_in_words(made.sent),
        message=_in_words(made.message),
        evidence=made.evidence and _evidence(made.evidence),
    )


def _conclusion(conclusion: Conclusion) -> Conclusion:
    return attrs.evolve(conclusion, sentence=_in_words(conclusion.sentence))


def _hold(hold: Hold) -> Hold:
    return attrs.evolve(hold, failure=hold.failure and _failure(hold.failure))


def _in_words(said: str) -> str:
    return _QUERY.sub(r"\1", _USERINFO.sub("", said))


def _outcome(outcome: RegionOutcome) -> RegionOutcome:
    return attrs.evolve(
        outcome,
        url=_url(outcome.url),
        failure=outcome.failure and _failure(outcome.failure),
        proxy=outcome.proxy and proxy_without_secrets(outcome.proxy),
        attempts=tuple(map(_attempt, outcome.attempts)),
        evidence=outcome.evidence and _evidence(outcome.evidence),
        help=outcome.help and _USERINFO.sub("", outcome.help),
    )


def proxy_without_secrets(proxy: str) -> str:
    """Return a proxy's URL, and what is said of it, without user name and password."""
    return _USERINFO.sub("", proxy)


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
