"""A tunnel through an HTTP proxy: CONNECT, a login where the proxy wants one, and what it means that it says no."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from wsconn._diagnosis.evidence import NOTHING, StageFailed
from wsconn._io.importing import importing
from wsconn._io.stream import Stream
from wsconn._outcome import Cause, Evidence
from wsconn._protocols.challenges import challenges_in, schemes_of
from wsconn._protocols.http_response import Head
from wsconn._protocols.http_text import BodyStart, quote, title
from wsconn._stages.connect_request import LOGIN_WANTED, SUCCESS, ConnectRequests
from wsconn._stages.tunnel import WantedTunnel
from wsconn._text import host_port, sanitize

_REDIRECTS = (301, 302, 303, 307, 308)
_CONNECT_CAUSES: Mapping[int, Cause] = {
    401: Cause.PROXY_AUTH_REQUIRED,  # tinyproxy, for wrong credentials
    402: Cause.PROXY_DENIED,  # proxies that are paid for
    403: Cause.PROXY_DENIED,
    404: Cause.PROXY_TARGET_UNREACHABLE,  # privoxy, tor: no such name
    407: Cause.PROXY_AUTH_REQUIRED,
    429: Cause.PROXY_DENIED,
    451: Cause.PROXY_DENIED,
    500: Cause.PROXY_TARGET_UNREACHABLE,  # tinyproxy
    502: Cause.PROXY_TARGET_UNREACHABLE,  # mitmproxy
    503: Cause.PROXY_TARGET_UNREACHABLE,  # squid
    504: Cause.PROXY_TARGET_UNREACHABLE,
    508: Cause.PROXY_TARGET_UNREACHABLE,
    511: Cause.PROXY_AUTH_REQUIRED,  # RFC 6585, section 6: a login to the network
    **dict.fromkeys(range(520, 531), Cause.PROXY_TARGET_UNREACHABLE),  # hired proxies: 522 is a timeout
    **dict.fromkeys(range(590, 600), Cause.PROXY_TARGET_UNREACHABLE),  # proxy-chain (Node.js)
}
_SQUID_ERROR = re.compile(r"ERR_\w+ (\d{1,3})")
_LINUX_ERRORS = {  # asm-generic/errno.h: those of connect(2); the proxy's machine may be another than this one
    13: "EACCES",
    101: "ENETUNREACH",
    104: "ECONNRESET",
    110: "ETIMEDOUT",
    111: "ECONNREFUSED",
    113: "EHOSTUNREACH",
}


_STATUS_PROBLEMS = {
    504: "no_answer",
    508: "loop",
    522: "no_answer",
    **dict.fromkeys(range(590, 600), "next_proxy"),  # to CONNECT proxy-chain says them of that one alone
}
_ERRNO_PROBLEMS = {
    "ENETUNREACH": "no_route",
    "ETIMEDOUT": "no_answer",
    "ECONNREFUSED": "refused",
    "EHOSTUNREACH": "no_route",
}
_SQUID_PROBLEMS = {"ERR_DNS_FAIL": "name", "ERR_ACCESS_DENIED": "denied", "ERR_FORWARDING_DENIED": "denied"}
_PROXY_STATUS = re.compile(r';[ \t]*error="?([a-z_]+)')  # RFC 9209, section 2.1.1
_PROXY_STATUS_PROBLEMS = {  # section 2.3
    "dns_timeout": "name_server",
    "dns_error": "name",
    "destination_not_found": "name",
    "destination_ip_prohibited": "denied",
    "destination_ip_unroutable": "no_route",
    "connection_refused": "refused",
    "connection_timeout": "no_answer",
    "connection_limit_reached": "limit",
    "http_request_denied": "denied",
    "proxy_loop_detected": "loop",
}


def open_http_tunnel(wanted: WantedTunnel) -> Stream:
    """Ask for a tunnel, and return the stream that speaks to the server."""
    requests = ConnectRequests(wanted.reach, host_port(wanted.host, wanted.port))
    try:
        first = last = requests.ask()
        of_login = NOTHING
        if first.status in LOGIN_WANTED:
            last, of_login = _log_in(requests, first, wanted)
        if last.status not in SUCCESS:
            body = None if last.status in LOGIN_WANTED else requests.body()
            raise _refusal(first, last, of_login, wanted, body)
        return requests.stream()
    except BaseException:
        requests.renew()
        raise


def _log_in(requests: ConnectRequests, first: Head, wanted: WantedTunnel) -> tuple[Head, Evidence]:
    """Log in, and return the last answer and what became of the login."""
    with importing:  # here: few proxies want one
        from wsconn._stages.proxy_login import Login

    login = Login(requests, wanted.proxy, wanted.scope, wanted.hide)
    try:
        return login.log_in(first), login.seen()
    except StageFailed as failed:  # what broke off had begun well
        failed.evidence = attrs.evolve(failed.evidence or NOTHING, auth_schemes=_offered(first))
        raise


def _refusal(first: Head, last: Head, of_login: Evidence, wanted: WantedTunnel, body: BodyStart | None) -> StageFailed:
    """Return what the last answer means; the first one says which logins the proxy takes."""
    login_sent = None if wanted.proxy.username is None else bool(of_login.login_sent)
    if last.status not in LOGIN_WANTED:  # it got past the login, and what failed before that tells nothing
        seen = attrs.evolve(
            _evidence(last, last),
            login_sent=login_sent,
            body=body and quote(last.fields, body),
            page_title=body and title(last.fields, body),
        )
        return StageFailed(_cause(last, seen), seen)
    seen = attrs.evolve(
        _evidence(last, first),
        login_sent=login_sent,
        logins_refused=of_login.logins_refused,
        ticket_problem=of_login.ticket_problem,
        ticket_service=of_login.ticket_service,
        missing_extra=of_login.missing_extra,
        extra_error=of_login.extra_error,
        detail=of_login.detail,
    )
    if seen.ticket_problem == "unanswered" and not wanted.scope.remaining():
        return StageFailed(Cause.TIMEOUT, seen)
    return StageFailed(_cause(last, seen), seen)


def _cause(head: Head, seen: Evidence) -> Cause:
    if seen.proxy_problem == "denied" and head.status not in LOGIN_WANTED:
        return Cause.PROXY_DENIED
    if head.status in _REDIRECTS and "location" in head.fields:
        return Cause.PROXY_DENIED  # squid's deny_info, and most filters: the page there says why
    return _CONNECT_CAUSES.get(head.status, Cause.PROXY_BAD_ANSWER)


def _offered(head: Head) -> tuple[str, ...]:
    return tuple(map(sanitize, schemes_of(challenges_in(head.fields))))


def _evidence(head: Head, offering: Head) -> Evidence:
    squid, status = head.fields.get("x-squid-error", ""), head.fields.get("proxy-status", "")
    number = _SQUID_ERROR.fullmatch(squid)
    os_error = _LINUX_ERRORS.get(int(number[1])) if number else None
    return attrs.evolve(
        head.evidence(auth_schemes=_offered(offering)),
        proxy_error=sanitize(squid or status) or None,
        proxy_os_error=os_error,
        proxy_problem=_problem(head.status, squid, os_error, status),
    )


def _problem(status: int, squid: str, os_error: str | None, proxy_status: str) -> str | None:
    """Say why there is no tunnel: what a header says is more particular than a status."""
    errors = map(_PROXY_STATUS_PROBLEMS.get, _PROXY_STATUS.findall(proxy_status))
    told = (_SQUID_PROBLEMS.get(squid.partition(" ")[0]), _ERRNO_PROBLEMS.get(os_error or ""), *errors)
    return next(filter(None, told), _STATUS_PROBLEMS.get(status))
