"""What a rule may ask for beside experiments: facts of the check itself, and what an experiment showed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from wsconn._debug.case import Case
from wsconn._debug.conclusions.rule import Fact, Results
from wsconn._debug.experiments.upgrade import VARIATIONS
from wsconn._debug.records import Experiment
from wsconn._diagnosis.interceptors import interceptor, is_authentic, runs_here
from wsconn._outcome import Cause, Evidence, Stage, Status, TlsInfo
from wsconn._protocols.certificate_chain import UNTRUSTED
from wsconn._regions import DEFAULT_PORTS
from wsconn._text import is_loopback

_SELF_SIGNED = (18, 19)  # X509_V_ERR_*, OpenSSL x509_vfy.h
_LEAF_ALONE = (20, 21)
_NO_WEBSOCKET_HERE = (426, 501, 505)  # how HTTP says so, of a request that has lost its upgrade
_SERVER_ERRORS = (500, 502, 503, 504)
_SOON_SECONDS = 1.0  # what is lost is waited for


def issuer(tls: TlsInfo | None) -> str:
    """Return who signed a certificate, as far as that is known."""
    return (tls and tls.issuer) or ""


def _maker(case: Case) -> str | None:
    return interceptor(issuer(case.seen.tls or case.outcome.tls))


def _is_authentic(case: Case) -> bool:
    return case.target.secure and case.seen.verify_code is None and is_authentic(case.seen.tls)


def shown(results: Results, name: str) -> tuple[TlsInfo | None, Evidence]:
    """Return what an experiment that looks at certificates has seen."""
    for experiment in results.those(name, Status.PASSED):
        return experiment.tls, experiment.evidence or Evidence()
    return None, Evidence()


def _forges(case: Case, results: Results) -> bool:
    """Tell whether one certificate is made for whatever name is asked for, by somebody who signed neither's own.

    The region that passed has a certificate of its own, which another authority has signed.
    """
    tls, seen = shown(results, "other_server_name")
    other = case.control
    if tls is None or other is None or not seen.certificate_names:
        return False
    is_for_other = _fits(seen, other.target.host)
    same_authority = issuer(tls) == issuer(case.seen.tls) != ""
    is_anothers = issuer(other.outcome.tls) not in ("", issuer(tls))
    return is_for_other and same_authority and is_anothers and not _is_static(case, results)


def _fits(seen: Evidence, host: str) -> bool:
    return any(_covers(name, host) for name in seen.certificate_names)


def _covers(name: str, host: str) -> bool:
    kind, _, said = name.partition(":")
    if kind != "DNS":
        return False
    return said.lower() == host.lower() or (
        said.startswith("*.") and host.lower().partition(".")[2] == said[2:].lower()
    )


def _is_static(case: Case, results: Results) -> bool:
    mine, others = shown(results, "look"), shown(results, "other_server_name")
    if mine[0] is None or others[0] is None:
        return False
    same = (mine[0].subject, mine[0].issuer, mine[0].not_after, mine[1].certificate_names)
    return same == (others[0].subject, others[0].issuer, others[0].not_after, others[1].certificate_names)


def _leaves_issuer_out(case: Case) -> bool:
    seen = case.seen
    return (
        seen.verify_code in _LEAF_ALONE
        and seen.certificates_sent == 1
        and seen.issuer_url is not None
        and not _maker(case)
    )


def _status(case: Case) -> int:
    return case.seen.http_status or 0


def _leads_elsewhere(case: Case) -> bool:
    location = case.seen.location or ""
    try:
        host = urlsplit(location).hostname
    except ValueError:
        return False
    return host is not None and host != case.target.host


def _has_own_port(case: Case) -> bool:
    return case.place[1] != DEFAULT_PORTS["ws"]


def _redirects_to_tls(case: Case) -> bool:
    try:
        parts = urlsplit(case.seen.location or "")
        return parts.scheme in ("https", "wss") and parts.hostname == case.target.host and not case.target.secure
    except ValueError:
        return False


def _took_time(case: Case) -> bool:
    return case.cause is Cause.TIMEOUT or (case.seen.elapsed or 0.0) >= _SOON_SECONDS


def _disagree(results: Results) -> bool:
    """Tell whether the name servers give different addresses."""
    said = [one.evidence.resolved_to for one in results.those("name_server", Status.PASSED) if one.evidence]
    return len(set(map(frozenset, said))) > 1


def _is_of_its_domain(case: Case) -> bool:
    """Tell whether the certificate is for a name beside, above or below the server's: a stranger has none such."""
    host = case.target.host.lower().rstrip(".")
    said = [name.partition(":")[2].lower().removeprefix("*.") for name in case.seen.certificate_names]
    return any(_are_related(name, host) for name in said)


def _are_related(name: str, host: str) -> bool:
    above = {one.partition(".")[2] for one in (name, host)} | {name, host}
    return any(
        domain.count(".") and all(one == domain or one.endswith(f".{domain}") for one in (name, host))
        for domain in above
    )


def _is_shown_elsewhere(case: Case) -> bool:
    """Tell whether another host that failed has shown the same certificate."""
    seen = [(other.outcome.failure and other.outcome.failure.evidence) or Evidence() for other in case.others]
    mine = case.seen.tls
    return mine is not None and any(
        one.tls
        and (one.tls.issuer, one.tls.not_after) == (mine.issuer, mine.not_after)
        and one.certificate_names == case.seen.certificate_names
        for one in seen
    )


def _all_fail_alike(case: Case) -> bool:
    causes = {other.outcome.failure and other.outcome.failure.cause for other in case.others}
    return causes == {case.cause} and not case.some_passed


def _ends_here_and_there(repeats: Iterable[Experiment]) -> bool:
    silent = {one.reached for one in repeats if one.cause in (Cause.TIMEOUT, Cause.NO_PONG)}
    return len(silent) > 1


def _large_is_unanswered(results: Results) -> bool:
    return all(one.cause is Cause.NO_PONG for one in results.of("many_pings"))


def _all_failed(case: Case, results: Results) -> bool:
    return all(results.failed(trial.name) for trial in VARIATIONS if trial.variants(case))


def _get_status(results: Results) -> int:
    found = results.those("plain_get", Status.PASSED)
    return (found[0].evidence.http_status or 0) if found and found[0].evidence else 0


FACTS: Mapping[str, Fact] = {
    "others_pass": Fact(
        "a region of another host passed",
        lambda case, _: case.control is not None,
    ),
    "again_works": Fact(
        "of the repeats some opened a WebSocket, or found its server",
        lambda _, results: any(one.cause is None for one in results.those("again", Status.PASSED)),
    ),
    "silent_here_and_there": Fact(
        "the repeats ended in silence, at several stages",
        lambda _, results: _ends_here_and_there(results.of("again")),
    ),
    "nothing_else_fails": Fact(
        "no repeat came further than the check, and failed there",
        lambda _, results: not any(one.cause for one in results.those("again", Status.PASSED)),
    ),
    "others_verified": Fact(
        "a region passed with a certificate that is valid by this machine's clock",
        lambda case, _: case.some_verified,
    ),
    "all_out_of_date": Fact(
        "no region passed, and every certificate of several hosts is out of date in the same way",
        lambda case, _: _all_fail_alike(case),
    ),
    "this_machine_itself": Fact(
        "what is connected to is this machine itself: localhost, or an address of loopback",
        lambda case, _: case.proxy is None and is_loopback(case.place[0]),
    ),
    "pac_file_unused": Fact(
        "a PAC file was to name the way, and could not be had or asked",
        lambda case, _: case.seen.pac_problem is not None and case.seen.pac_missing_extra is None,
    ),
    "none_pass": Fact(
        "no region passed, and regions of several hosts were tried",
        lambda case, _: bool(case.others) and not case.some_passed,
    ),
    "others_pass_in_the_clear": Fact(
        "a region of another host passed without TLS",
        lambda case, _: any(other.passed and not other.target.secure for other in case.others),
    ),
    "none_pass_in_the_clear": Fact(
        "no region of another host passed without TLS",
        lambda case, _: not any(other.passed and not other.target.secure for other in case.others),
    ),
    "same_port": Fact(
        "the URL names a port of its own, at which both schemes are tried", lambda case, _: _has_own_port(case)
    ),
    "same_server_passes": Fact(
        "another region at the same host and port passed", lambda case, _: case.same_place_passed
    ),
    "redirects_to_tls": Fact("it redirects to the same host, with TLS", lambda case, _: _redirects_to_tls(case)),
    "took_time": Fact("the failure came after a second or more", lambda case, _: _took_time(case)),
    "addresses_differ": Fact("the name servers give different addresses", lambda _, results: _disagree(results)),
    "of_its_domain": Fact(
        "the certificate is for a name of the server's own domain", lambda case, _: _is_of_its_domain(case)
    ),
    "of_a_stranger": Fact(
        "the certificate is for names of other domains alone",
        lambda case, _: bool(case.seen.certificate_names) and not _is_of_its_domain(case),
    ),
    "shown_elsewhere": Fact("another host has shown the same certificate", lambda case, _: _is_shown_elsewhere(case)),
    "large_unanswered": Fact(
        "large packets were sent and answered with silence", lambda _, results: _large_is_unanswered(results)
    ),
    "in_the_clear": Fact("the region's URL has no TLS", lambda case, _: not case.target.secure),
    "authentic": Fact(
        "TLS was verified, and no product that opens TLS is named in the certificate",
        lambda case, _: _is_authentic(case),
    ),
    "opened_in_the_network": Fact(
        "the certificate names a product that opens TLS in the network",
        lambda case, _: bool(_maker(case)) and not runs_here(_maker(case) or ""),
    ),
    "opened_here": Fact(
        "the certificate names a product that opens TLS on this machine",
        lambda case, _: runs_here(_maker(case) or ""),
    ),
    "forged": Fact(
        "the same authority signs a certificate for the name of the region that passed, whose own is another's",
        _forges,
    ),
    "same_for_any_name": Fact("the certificate is the same whatever name is asked for", _is_static),
    "for_the_host": Fact(
        "the certificate is for the server's name",
        lambda case, results: _fits(shown(results, "look")[1], case.target.host),
    ),
    "no_trusted_root": Fact(
        "the certificate leads to no authority that is trusted",
        lambda case, _: case.seen.verify_code in UNTRUSTED,
    ),
    "dates_differ": Fact(
        "the server gave its date, which is another than this machine's",
        lambda _, results: any(one.cause is None for one in results.those("clock", Status.FAILED)),
    ),
    "issuer_left_out": Fact(
        "the server sent its own certificate alone, and its authority's is to be had elsewhere",
        lambda case, _: _leaves_issuer_out(case),
    ),
    "self_signed": Fact(
        "the certificate is signed by itself, or by a root that the server sent",
        lambda case, _: case.seen.verify_code in _SELF_SIGNED,
    ),
    "searched": Fact(
        "the name was found through the search list",
        lambda case, _: case.seen.search_domain is not None,
    ),
    "no_route": Fact(
        "this machine has no route in the family of addresses that the server has",
        lambda case, _: case.seen.missing_route is not None,
    ),
    "through_proxy": Fact("the way leads through a proxy", lambda case, _: case.proxy is not None),
    "directly": Fact("the way leads through no proxy", lambda case, _: case.proxy is None),
    "login_refused": Fact(
        "the proxy was sent a login and refused it; it is not sent again", lambda case, _: case.login_refused
    ),
    "proxy_connected": Fact(
        "a connection to the proxy stood",
        lambda case, _: case.stage is Stage.PROXY and case.seen.connected,
    ),
    "proxy_not_connected": Fact(
        "no connection to the proxy stood",
        lambda case, _: case.stage is Stage.PROXY and not case.seen.connected,
    ),
    "found_nothing": Fact("the answer is 404", lambda case, _: _status(case) == 404),
    "no_origin_sent": Fact("the request has no Origin", lambda case, _: not case.request.has_origin),
    "request_varied": Fact(
        "the request was made with every Origin, subprotocol and User-Agent that is tried, and failed each time",
        lambda case, results: case.stage is not Stage.UPGRADE or _all_failed(case, results),
    ),
    "answered": Fact("the answer was one in HTTP", lambda case, _: _status(case) != 0),
    "wants_login": Fact("the answer is 401", lambda case, _: _status(case) == 401),
    "is_refused": Fact("the answer is 403", lambda case, _: _status(case) == 403),
    "serves_a_page": Fact("the answer is 200", lambda case, _: _status(case) == 200),
    "server_error": Fact(
        "the answer is 500, or from 502 to 504", lambda case, _: _status(case) in (500, 502, 503, 504)
    ),
    "too_many": Fact("the answer is 429", lambda case, _: _status(case) == 429),
    "wants_network_login": Fact("the answer is 511 (RFC 6585, section 6)", lambda case, _: _status(case) == 511),
    "no_websocket_here": Fact(
        "the answer is one of HTTP's for a request that asks for no WebSocket",
        lambda case, _: _status(case) in _NO_WEBSOCKET_HERE,
    ),
    "get_found_nothing": Fact(
        "the ordinary request finds nothing: 404", lambda _, results: _get_status(results) == 404
    ),
    "get_same_status": Fact(
        "an ordinary request is answered with the same status",
        lambda case, results: _get_status(results) == _status(case) != 0,
    ),
    "leads_elsewhere": Fact("it redirects to another host", lambda case, _: _leads_elsewhere(case)),
    "bot_check": Fact("the answer says that it is a bot check", lambda case, _: case.seen.bot_check is not None),
}
