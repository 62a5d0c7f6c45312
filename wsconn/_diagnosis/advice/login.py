"""Advice where a proxy wants to know who asks: it depends on what it takes, and on what it was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn._diagnosis.advice.words import source
from wsconn._diagnosis.causes.words import install
from wsconn._outcome import Evidence
from wsconn._text import value

_SPOKEN = {"basic", "digest", "ntlm", "negotiate"}
_WITH_DOMAIN = {"ntlm", "negotiate"}
_EXTRA_NAMES = {"kerberos": "Kerberos", "ntlm": "NTLM"}
_BY_NAME = {"basic", "digest", "user name and password"}  # a user name of any kind and a password; no extra
_NO_IDENTD, _OTHER_USER = 0x5C, 0x5D  # SOCKS 4


def for_login(seen: Evidence) -> str:
    """Advise where the proxy wants a login, or another one."""
    if seen.http_status == 511:
        return (
            "This network wants a login of its own: open any web page in a browser on this machine, log in there, and"
            " test again."
        )
    if seen.socks_code in (_NO_IDENTD, _OTHER_USER):
        return (
            "SOCKS 4 has no passwords: the proxy asks an ident service (RFC 1413) on this machine who you are. Put your"
            f" user name into {source(seen)} ({_example(seen, 'user')}), and run such a service, or ask the proxy's"
            " administrator for SOCKS 5."
        )
    if seen.http_status:
        return _for_http(seen)
    offered = _offered(seen)
    if offered and not offered & _BY_NAME:
        return _for_another_way(seen)
    if seen.login_sent is False:
        return (
            "The proxy takes neither a user name with a password nor a connection without. Ask its administrator which"
            " way to log in it wants, and whether it serves this machine's address."
        )
    return _for_wrong_login(seen) if seen.login_sent else _for_missing_login(seen)


def for_unanswered_login(seen: Evidence) -> str:
    """Advise where the proxy asked for a login, and did not answer it."""
    return (
        f"The proxy asked for a login by {value(' or '.join(seen.auth_schemes))}, and did not answer the one that was"
        " sent. Ask its administrator what the proxy's log says: the directory or domain controller that checks"
        " logins may be down or too slow."
    )


def _for_http(seen: Evidence) -> str:
    offered = _offered(seen)
    if seen.login_sent:
        return _for_wrong_login(seen)
    if seen.ticket_problem:
        return for_ticket(seen)
    if seen.logins_refused:
        return _for_refused_ticket(seen)
    if seen.missing_extra:
        return _for_missing_extra(seen, seen.missing_extra)
    if seen.login_sent is None and (not offered or offered & _SPOKEN):
        return _for_missing_login(seen)
    return _for_another_way(seen)


def _offered(seen: Evidence) -> set[str]:
    return {scheme.casefold() for scheme in seen.auth_schemes}


def _for_another_way(seen: Evidence) -> str:
    names = value(" or ".join(seen.auth_schemes))
    useless = " It has no use for the user name and password that are there." if seen.login_sent is not None else ""
    if not seen.http_status:  # SOCKS
        return (
            f"The proxy wants {names}, which wsconn does not speak.{useless} Ask its administrator for a user name and"
            " password, or for an HTTP proxy."
        )
    if _offered(seen) & _SPOKEN:
        return (
            f"No login by {names} came about, for the reason in the message. Ask the proxy's administrator whether that"
            " works for other programs, and which other way there is to log in."
        )
    return (
        f"The proxy wants {names}, which wsconn does not speak.{useless} Run a local helper that does (Px) and name"
        f" that as the proxy in {source(seen)}, or ask the proxy's administrator to allow Basic."
    )


def _for_wrong_login(seen: Evidence) -> str:
    refused = {scheme.casefold() for scheme in seen.logins_refused}
    domain = ""
    if refused & _WITH_DOMAIN:
        domain = f" The proxy may want the domain too ({value('DOMAIN%5Cuser')})."
    return (
        f"The proxy refused the user name and password in {source(seen)}: check both, and that special characters in"
        f" them are percent-encoded (@ is %40, # is %23, % is %25).{domain} If they are right, ask the proxy's"
        " administrator whether the account may use it."
    )


def _for_missing_login(seen: Evidence) -> str:
    return f"{_put_login(seen)}. If you have none, ask the proxy's administrator."


def _put_login(seen: Evidence) -> str:
    offered = _offered(seen)
    user = "DOMAIN%5Cuser" if offered & _WITH_DOMAIN and not offered & _BY_NAME else "user"
    if seen.pac_answer is not None:
        return (
            "Name this proxy yourself, since a PAC file holds no logins: proxy, at the command line --proxy, with your"
            f" user name and password ({_example(seen, f'{user}:password')}, special characters percent-encoded)"
        )
    return (
        f"Put your user name and password into {source(seen)} ({_example(seen, f'{user}:password')}, special"
        " characters percent-encoded)"
    )


def _for_missing_extra(seen: Evidence, extra: str) -> str:
    if seen.extra_error:
        again = value(f'pip install --force-reinstall "wsconn[{extra}]"')
        return (
            f"{_EXTRA_NAMES.get(extra, extra)} support is installed on this machine, but Python cannot load it: see"
            f" the reason in the message. Install what is missing, or reinstall all of it ({again})."
        )
    if extra == "kerberos":
        with_ticket = f"If you have a Kerberos ticket (klist shows it), install Kerberos support ({install(extra)})"
        if seen.login_sent is None:
            return f"{with_ticket}. If not: {_put_login(seen)[0].lower()}{_put_login(seen)[1:]}{_with_ntlm(seen)}."
        return f"{with_ticket}. If not, ask the proxy's administrator for another way to log in."
    if seen.login_sent is None:
        return f"{_put_login(seen)}{_with_ntlm(seen)}. If you have none, ask the proxy's administrator."
    return (
        f"Install NTLM support ({install(extra)}), and test again: the login in {source(seen)} is then sent that way."
    )


def _with_ntlm(seen: Evidence) -> str:
    return "" if _offered(seen) & _BY_NAME else f", and have NTLM support installed ({install('ntlm')})"


def _for_refused_ticket(seen: Evidence) -> str:
    return (
        "The proxy refused the Kerberos ticket. Ask its administrator whether the account may use it, and whether its"
        " key (keytab) is that of the service in the KDC. Check this machine's clock, too: Kerberos allows a"
        " difference of five minutes."
    )


# --- tickets ---------------------------------------------------------------------------------------------------------


def for_ticket(seen: Evidence) -> str:
    """Advise where there is no Kerberos ticket for the proxy."""
    advice = _TICKET_ADVICE.get(seen.ticket_problem or "", _for_other_ticket)(seen)
    if seen.login_sent is None and _offered(seen) & (_BY_NAME | {"ntlm"}):
        return f"{advice} Without Kerberos: {_put_login(seen)[0].lower()}{_put_login(seen)[1:]}."
    return advice


def _for_no_ticket(_: Evidence) -> str:
    return (
        "Get a Kerberos ticket, and test again: kinit, or log in to this machine with the domain's account. klist shows"
        " what there is."
    )


def _for_expired_ticket(_: Evidence) -> str:
    return "Renew the Kerberos ticket (kinit, or lock the screen and log in again), and test again."


def _for_silent_kdc(_: Evidence) -> str:
    return (
        "This is about Kerberos and not about the region: check that this machine is in the domain's network (is a VPN"
        " up?), and ask the domain's administrator whether its KDC can be reached from here, port 88, TCP and UDP."
    )


def _for_unknown_service(seen: Evidence) -> str:
    host = (seen.ticket_service or "").partition("@")[2] or seen.proxy_host or "the proxy's host"
    return (
        f"Name the proxy in {source(seen)} by its full host name, as the domain knows it, and not by an address or an"
        f" alias. If it is that, ask the domain's administrator to register the service {value(f'HTTP/{host}')} for the"
        " proxy."
    )


def _for_clock(_: Evidence) -> str:
    return "Set this machine's clock: Kerberos allows a difference of five minutes. Then get a new ticket (kinit)."


def _for_other_ticket(_: Evidence) -> str:
    return "Try kinit and klist on this machine, and show the domain's administrator what the message says."


_TICKET_ADVICE: Mapping[str, Callable[[Evidence], str]] = {  # by `Evidence.ticket_problem`
    "none": _for_no_ticket,
    "expired": _for_expired_ticket,
    "unanswered": _for_silent_kdc,
    "unreachable": _for_silent_kdc,
    "unknown_service": _for_unknown_service,
    "clock": _for_clock,
}


def _example(seen: Evidence, login: str) -> str:
    scheme = (seen.proxy or "http").partition("://")[0]
    return value(f"{scheme}://{login}@host:port")
