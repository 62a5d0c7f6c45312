"""Conclusions from experiments: one table of rules, of which the first that holds for a case is right."""

from __future__ import annotations

from collections.abc import Iterable

from wsconn._debug.case import Case
from wsconn._debug.conclusions import anywhere, tls, way, websocket
from wsconn._debug.conclusions.facts import FACTS, issuer
from wsconn._debug.conclusions.rule import Results, Rule
from wsconn._debug.records import Certainty, Conclusion, Experiment
from wsconn._diagnosis.interceptors import interceptor
from wsconn._outcome import Cause, Status

_ANSWERS = (Cause.HTTP_STATUS, Cause.REDIRECTED, Cause.BAD_UPGRADE)
# In the order of their weight: what is flaky shows nothing else, and a wrong address explains all that follows.
RULES: tuple[Rule, ...] = (*anywhere.FIRST, *way.RULES, *tls.RULES, *websocket.RULES, *anywhere.LAST)


def rule_for(case: Case, results: Results) -> Rule | None:
    """Return the rule that holds for a case, if one does."""
    return next((rule for rule in RULES if rule.holds(case, results, FACTS)), None)


def results_of(case: Case, experiments: Iterable[Experiment]) -> Results:
    """Return the experiments on a case, by name.

    Where the check got an answer, one that ran out of time tells nothing: this machine or the network was slow.
    """
    about = (one for one in experiments if one.region == case.region and one.is_control == case.passed)
    return Results(one for one in about if case.cause not in _ANSWERS or one.cause is not Cause.TIMEOUT)


def is_to_be_told(case: Case, experiments: Iterable[Experiment]) -> bool:
    """Tell whether there is something to say of a case: of a region that passed there mostly is not."""
    return not case.passed or rule_for(case, results_of(case, experiments)) is not None


def conclude(case: Case, experiments: Iterable[Experiment]) -> Conclusion:
    """Return what the experiments on a case show."""
    results = results_of(case, experiments)
    rule = rule_for(case, results)
    if rule is None:
        return _nothing(case)
    return Conclusion(
        region=case.region,
        suspect=rule.suspect,
        certainty=rule.certainty,
        sentence=rule.sentence.format_map(words(case, results)),
        addressee=rule.addressee,
        experiments=rule.experiments,
        like_it=case.like_it,
    )


def _nothing(case: Case) -> Conclusion:
    sentence = anywhere.UNKNOWN.format_map(words(case, Results(())))
    return Conclusion(
        region=case.region,
        suspect=None,
        certainty=Certainty.CANNOT_BE_TOLD,
        sentence=sentence,
        like_it=case.like_it,
    )


def words(case: Case, results: Results) -> dict[str, str]:
    """Return what a rule's sentence may name."""
    seen, failure = case.seen, case.outcome.failure
    return {
        **case.words(),
        "issuer": issuer(seen.tls) or "an unknown authority",
        "maker": interceptor(issuer(seen.tls or case.outcome.tls)) or "a product that opens TLS",
        "status": f"HTTP {seen.http_status}" if seen.http_status else "nothing",
        "location": seen.location or "elsewhere",
        "search_domain": seen.search_domain or "",
        "address": seen.address or "another address",
        "names": ", ".join(name.partition(":")[2] for name in seen.certificate_names[:3]) or "another name",
        "family": seen.missing_route or "that family",
        "passes": str(sum(one.cause is None for one in results.those("again", Status.PASSED))),
        "later": next((one.message for one in results.of("again") if one.cause), "unknown"),
        "tries": str(len(results.of("again"))),
        **{key: _list(results, name, status) for key, (name, status) in _LISTED.items()},
        **{key: _told(results, name, status) for key, (name, status) in _TOLD.items()},
        "server_says_all": "; ".join(one.message for one in results.those("name_server", Status.PASSED)),
        "check": failure.message if failure else "",
        "advice": failure.advice if failure else "",
    }


_LISTED = {
    "answering": ("name_server", Status.PASSED),
    "not_answering": ("name_server", Status.FAILED),
    "silent": ("name_server_alive", Status.FAILED),
    "good_addresses": ("address", Status.PASSED),
    "open_ports": ("port", Status.PASSED),
    "subprotocols": ("subprotocol", Status.PASSED),
}
_TOLD = {
    "hosts_entry": ("hosts_file", Status.FAILED),
    "server_says": ("name_server", Status.PASSED),
    "filter_says": ("name_server", Status.FAILED),
    "date": ("clock", Status.FAILED),
}


def _list(results: Results, name: str, status: Status) -> str:
    return " and ".join(experiment.variant for experiment in results.those(name, status)) or "none"


def _told(results: Results, name: str, status: Status) -> str:
    return next((experiment.message for experiment in results.those(name, status)), "")
