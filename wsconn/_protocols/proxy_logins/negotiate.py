"""Negotiate (RFC 4559) with Kerberos: a ticket that the user has, for the service `HTTP` on the proxy's host.

On Windows SSPI does all of it, through pyspnego. Elsewhere it is GSSAPI, in two steps. First the ticket is fetched by
the mechanism of Kerberos alone, whose errors say what is wrong; SPNEGO hides them. Then each connection gets a token of
its own from that ticket, since a proxy takes a token once. No other file imports gssapi.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from wsconn._outcome import Evidence
from wsconn._protocols.proxy_logins import ntlm
from wsconn._protocols.proxy_logins.legs import Asked, Credentials, Legs, LoginFailed, loading
from wsconn._text import sanitize

_KERBEROS = "1.2.840.113554.1.2.2"  # RFC 4121
_SPNEGO = "1.3.6.1.5.5.2"  # RFC 4178
_ERRORS_BEGIN = -1765328384  # krb5_err.et, in MIT's Kerberos and in Heimdal's
_PROBLEMS: Mapping[int, str] = {
    7: "unknown_service",  # KDC_ERR_S_PRINCIPAL_UNKNOWN
    32: "expired",  # KRB_AP_ERR_TKT_EXPIRED
    33: "clock",  # KRB_AP_ERR_TKT_NYV: the ticket is not valid yet
    37: "clock",  # KRB_AP_ERR_SKEW
    141: "none",  # KRB5_CC_NOTFOUND
    154: "unreachable",  # KRB5_REALM_UNKNOWN
    156: "unreachable",  # KRB5_KDC_UNREACH
    164: "unreachable",  # KRB5_REALM_CANT_RESOLVE
    195: "none",  # KRB5_FCC_NOFILE
}


def service(host: str) -> str:
    """Name whom a ticket is for, as GSSAPI writes it (RFC 2743, section 4.1)."""
    return f"HTTP@{host}"


def fetch_ticket(host: str) -> None:
    """Have the user's cache hold a ticket for the proxy. It asks the KDC, and waits as long as the library likes."""
    if not ntlm.has_own_login():
        _step(_context(host, _KERBEROS), None, host)


def log_in(asked: Asked) -> Legs:
    """Give a token, and answer where the proxy wants to hear more."""
    if ntlm.has_own_login():
        yield from ntlm.exchange(asked, "negotiate", is_own=True)
        return
    host = asked.proxy.host
    context = _context(host, _SPNEGO)
    token = _step(context, None, host)
    while token:
        text = base64.b64encode(token).decode()
        challenges = yield Credentials(text.encode(), (text,))
        received = ntlm.token_of(challenges)
        if not received:
            return
        with contextlib.suppress(LoginFailed):  # what came with a refusal says why, to SPNEGO
            token = _step(context, received, host)
            continue
        return


def _context(host: str, mechanism: str) -> Any:  # noqa: ANN401 - gssapi has no types
    with loading("kerberos"):
        import gssapi

    with _translated(host):
        return gssapi.SecurityContext(
            name=gssapi.Name(service(host), gssapi.NameType.hostbased_service),
            mech=gssapi.OID.from_int_seq(mechanism),
            # One leg: no proof of the proxy's own is asked for. Without any flag the library would take its default.
            flags=[gssapi.RequirementFlag.out_of_sequence_detection],
            usage="initiate",
        )


def _step(context: Any, received: bytes | None, host: str) -> bytes:  # noqa: ANN401 - as above
    with _translated(host):
        return context.step(received) or b""


@contextlib.contextmanager
def _translated(host: str) -> Iterator[None]:
    import gssapi

    try:
        yield
    except gssapi.exceptions.GSSError as error:
        raise LoginFailed(_seen(error, host)) from error


def _seen(error: Any, host: str) -> Evidence:  # noqa: ANN401 - as above
    number = (error.min_code - _ERRORS_BEGIN) & 0xFFFFFFFF
    said = " ".join(error.get_all_statuses(error.min_code, False)).strip("\0 ")
    return Evidence(
        ticket_problem=_PROBLEMS.get(number, "other"), ticket_service=service(host), detail=sanitize(said) or None
    )
