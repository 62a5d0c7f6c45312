"""What regions that fail for one cause at one stage have in common, as the end of a sentence about them.

A phrase says no more than all of them show. What explains a pattern is added where several regions show it: one that
fails alone may have a fault of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from wsconn._diagnosis.advice.behind_proxy import may_be_unreached
from wsconn._diagnosis.bot_checks import who_checks
from wsconn._diagnosis.causes import EXPLANATIONS
from wsconn._diagnosis.interceptors import interceptor
from wsconn._outcome import Cause, RegionOutcome, Stage
from wsconn._text import value
from wsconn.reports._analysis.destinations import destination_of
from wsconn.reports._analysis.facts import Regions, are_on_several_hosts, shared
from wsconn.reports._analysis.issuers import issuer_of, organization

AT: Mapping[Stage, str] = {
    Stage.DISCOVERY: "at discovery",
    Stage.RESOLVE: "at the name lookup",
    Stage.CONNECT: "at connect",
    Stage.PROXY: "at the proxy",
    Stage.TLS: "at TLS",
    Stage.UPGRADE: "at the upgrade",
    Stage.FRAMES: "at the first frames",
}
_TLS_SCHEMES = ("wss", "https")  # what is said there is for the two ends alone
_PORTAL_STATUSES = (200, 511)  # a page in place of a WebSocket; RFC 6585, section 6
_UNAUTHORIZED = 401
_REFUSALS = (400, 401, 403, 404)  # of servers that want an Origin
_PORTAL_REDIRECTS = (302, 303, 307)


def where(regions: Regions, stage: Stage) -> str:
    """Say at which stage these fail, and at which proxy or discovery endpoint, where it is one for all."""
    if stage is Stage.PROXY and (proxy := shared(region.proxy for region in regions)):
        return f"at the proxy {value(proxy)}"
    if stage is Stage.DISCOVERY and (asked := shared(destination_of(region.url) for region in regions)):
        return f"at discovery, asking {value(asked.host)}"
    return AT[stage]


def what(regions: Regions, stage: Stage, cause: Cause, *, is_refuted: bool = False) -> str:
    """Say what these have in common beside the stage, with the punctuation before it.

    Where the other regions show that what one would suspect is not so, it is not said.
    """
    if setting := shared(_bad_setting(region) for region in regions):
        return f": this machine's setting {value(setting)} leads nowhere"
    if all(map(_has_no_roots, regions)):
        return ": this machine has no root certificates"
    if source := shared(_missing_source(region) for region in regions):
        return f": this machine has no address {value(source)} to connect from"
    if all(map(_was_not_loaded, regions)):
        slow = cause is Cause.TIMEOUT
        return f": this machine {'was too slow to' if slow else 'could not'} load what a test needs"
    if own := _own_fault(regions):
        return own
    if is_refuted:
        return _expired(regions, is_clock_right=True) if cause is Cause.TLS_EXPIRED else f": {_phrase(stage, cause)}"
    particular = _PARTICULAR.get(cause)
    phrase = particular(regions) if particular else f": {_phrase(stage, cause)}"
    suspicion = _suspicion(regions, stage, cause) if are_on_several_hosts(regions) else None
    return f"{phrase}; {suspicion}" if suspicion else phrase


def _bad_setting(region: RegionOutcome) -> str | None:
    seen = region.failure and region.failure.evidence
    return seen.setting if seen else None


def _has_no_roots(region: RegionOutcome) -> bool:
    seen = region.failure and region.failure.evidence
    return bool(seen and seen.no_roots)


def _missing_source(region: RegionOutcome) -> str | None:
    seen = region.failure and region.failure.evidence
    return seen.source if seen and seen.no_such_source else None


def _own_fault(regions: Regions) -> str | None:
    """Say that this process was why nothing came, where it was so of all."""
    seen = [region.failure and region.failure.evidence for region in regions]
    return (
        ": this process itself stood still past the deadline"
        if all(one and one.stalled_seconds for one in seen)
        else None
    )


def _was_not_loaded(region: RegionOutcome) -> bool:
    seen = region.failure and region.failure.evidence
    return bool(seen and seen.not_loaded)


def _suspicion(regions: Regions, stage: Stage, cause: Cause) -> str | None:
    if all(_may_be_unreached(region, cause) for region in regions):
        return "the proxy may never have reached the servers"
    if (stage, cause) not in _INSIDE:
        return _SUSPICIONS.get((stage, cause)) or _SUSPICIONS.get(cause)
    at_the_end, on_the_way = _INSIDE[stage, cause]
    if _are_opaque(regions):
        return at_the_end
    makers = [_interceptor(region) for region in regions]
    if maker := shared(makers):
        return on_the_way.format(who=f"{value(maker)}, which opens TLS on the way,")
    readable = all(maker or not _speaks_tls(region) for maker, region in zip(makers, regions, strict=True))
    return on_the_way.format(who="something on the way") if readable else None


def _may_be_unreached(region: RegionOutcome, cause: Cause) -> bool:
    seen = region.failure and region.failure.evidence
    return bool(seen and may_be_unreached(cause, seen))


def _are_opaque(regions: Regions) -> bool:
    """Whether nothing between the two ends can have read what these said: it was TLS, and nobody known opens it."""
    return all(_speaks_tls(region) and issuer_of(region) and not _interceptor(region) for region in regions)


def _speaks_tls(region: RegionOutcome) -> bool:
    place = destination_of(region.url)
    return place is not None and place.scheme in _TLS_SCHEMES


def _interceptor(region: RegionOutcome) -> str | None:
    return interceptor(issuer_of(region) or "")


def _phrase(stage: Stage, cause: Cause) -> str:
    return EXPLANATIONS[cause].phrase.format(
        proxy="it" if stage is Stage.PROXY else "the proxy", peer="it" if stage is Stage.PROXY else "the server"
    )


def _login(regions: Regions) -> str:
    """Tell a login that all were refused from one that was never made."""
    failures = [region.failure for region in regions if region.failure]
    seen = [failure.evidence for failure in failures]
    if not all(one and (one.login_sent or one.logins_refused) for one in seen):
        return f": {_phrase(failures[0].stage, Cause.PROXY_AUTH_REQUIRED)}"
    return f": {'it' if failures[0].stage is Stage.PROXY else 'the proxy'} refused the login"


def _untrusted(regions: Regions) -> str:
    return f": {EXPLANATIONS[Cause.TLS_UNTRUSTED].phrase}{_signed(regions)}"


def _mismatch(regions: Regions) -> str:
    """Tell the issuer of one that opens TLS alone: others have been found trustworthy."""
    signed = _signed(regions) if all(map(_interceptor, regions)) else ""
    return f": {EXPLANATIONS[Cause.TLS_HOSTNAME_MISMATCH].phrase}{signed}"


def _signed(regions: Regions) -> str:
    issuers = [_signer(region) for region in regions]
    owner = shared(issuer and organization(issuer) for issuer in issuers)
    return f", signed by {value(owner)}" if owner else ""


def _signer(region: RegionOutcome) -> str | None:
    """Return who signed the certificate that was not accepted, the server's or its proxy's."""
    seen = region.failure and region.failure.evidence
    return seen.tls.issuer if seen and seen.tls else issuer_of(region)


def _expired(regions: Regions, *, is_clock_right: bool = False) -> str:
    role = shared(_role_at_fault(region) for region in regions)
    whose = {"intermediate": "an intermediate", "root": "a root"}.get(role or "", "the")
    end = shared(_end_of_validity(region) for region in regions)
    if end:
        return f": {whose} certificate expired on {value(f'{end:%Y-%m-%d}')}"
    clock = ", or this machine's clock is ahead" if are_on_several_hosts(regions) and not is_clock_right else ""
    return f": {EXPLANATIONS[Cause.TLS_EXPIRED].phrase}{clock}"


def _role_at_fault(region: RegionOutcome) -> str | None:
    seen = region.failure and region.failure.evidence
    return seen.faulty_role if seen else None


def _end_of_validity(region: RegionOutcome) -> datetime | None:
    seen = region.failure and region.failure.evidence
    tls = (seen and seen.tls) or region.tls
    return (seen and seen.faulty_date) or (tls.not_after if tls else None)


def _status(regions: Regions) -> str:
    status = shared(region.http_status for region in regions)
    if told := _told_by_header(regions):
        return told
    if status is None:
        return f": {EXPLANATIONS[Cause.HTTP_STATUS].phrase}"
    portal = status in _PORTAL_STATUSES and are_on_several_hosts(regions) and not _are_opaque(regions)
    told = f": the answer is {value(f'HTTP {status}')}{'; a portal or block page seems to answer' if portal else ''}"
    return f"{told}{_without_origin(regions) if status in _REFUSALS else ''}"


def _told_by_header(regions: Regions) -> str | None:
    """Tell what headers of all the answers say beyond doubt, whatever their status is."""
    seen = [region.failure and region.failure.evidence for region in regions]
    if maker := shared(one and one.bot_check and who_checks(one) for one in seen):
        return f": {value(maker)} takes this check for a bot"
    if all(one and one.login_challenge and one.http_status == _UNAUTHORIZED for one in seen):
        return f": {'the server wants' if len(regions) == 1 else 'the servers want'} a login ({value('HTTP 401')})"
    return None


def _without_origin(regions: Regions) -> str:
    """Tell that no Origin was sent to several servers that all refuse: those made for browsers want one."""
    seen = [region.failure and region.failure.evidence for region in regions]
    if len(regions) < 2 or any(not one or one.origin_sent or one.discovery for one in seen):
        return ""
    return "; no Origin was sent, which servers for browsers may want (--origin)"


def _redirect(regions: Regions) -> str:
    host = shared(_sent_to(region) for region in regions)
    portal = host and are_on_several_hosts(regions) and all(r.http_status in _PORTAL_REDIRECTS for r in regions)
    login = "; a portal seems to want a login" if portal and not _are_opaque(regions) else ""
    return f": {EXPLANATIONS[Cause.REDIRECTED].phrase}{f' to {value(host)}' if host else ''}{login}"


def _sent_to(region: RegionOutcome) -> str | None:
    seen = region.failure and region.failure.evidence
    destination = destination_of(seen.location) if seen else None
    return destination.host if destination else None


_PARTICULAR: Mapping[Cause, Callable[[Regions], str]] = {
    Cause.PROXY_AUTH_REQUIRED: _login,
    Cause.TLS_UNTRUSTED: _untrusted,
    Cause.TLS_HOSTNAME_MISMATCH: _mismatch,
    Cause.TLS_EXPIRED: _expired,
    Cause.HTTP_STATUS: _status,
    Cause.REDIRECTED: _redirect,
}
_SUSPICIONS: Mapping[Cause | tuple[Stage, Cause], str] = {
    (Stage.CONNECT, Cause.TIMEOUT): "a firewall most likely drops the packets",
    (Stage.TLS, Cause.TIMEOUT): "a firewall most likely filters TLS by the server's name",
    (Stage.TLS, Cause.CLOSED): "a firewall most likely filters TLS by the server's name",
    Cause.TLS_NOT_YET_VALID: "this machine's clock seems to be behind",
}
# Of what is said behind TLS, where there is TLS: first what to suspect where nobody else can have read it, then where
# somebody can.
_NO_UPGRADE = (
    "the servers, or a gateway before them, seem to take no WebSocket there",
    "{who} most likely lets HTTP pass, but not the upgrade",
)
_INSIDE: Mapping[tuple[Stage, Cause], tuple[str, str]] = {
    (Stage.UPGRADE, Cause.TIMEOUT): _NO_UPGRADE,
    (Stage.UPGRADE, Cause.CLOSED): _NO_UPGRADE,
    (Stage.FRAMES, Cause.NO_PONG): (
        "a gateway in front of the servers seems to let the upgrade pass and to hold the frames back",
        "{who} seems to let the upgrade pass and to hold the frames back",
    ),
}
