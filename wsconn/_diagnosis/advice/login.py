"""Advice where a proxy wants to know who asks: it depends on what it takes, and on what it was given."""

from __future__ import annotations

from wsconn._diagnosis.advice.words import source
from wsconn._diagnosis.causes.words import takes_password
from wsconn._outcome import Evidence
from wsconn._text import value

_OF_WINDOWS = {"ntlm", "negotiate", "kerberos"}
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
    if not takes_password(seen):
        return _for_another_way(seen)
    if seen.login_sent is False:
        return (
            "The proxy takes neither a user name with a password nor a connection without. Ask its administrator which"
            " way to log in it wants, and whether it serves this machine's address."
        )
    return _for_wrong_login(seen) if seen.login_sent else _for_missing_login(seen)


def _for_another_way(seen: Evidence) -> str:
    offered = {scheme.casefold() for scheme in seen.auth_schemes}
    names = value(" or ".join(seen.auth_schemes))
    useless = " It has no use for the user name and password that are there." if seen.login_sent is not None else ""
    if not seen.http_status:  # SOCKS
        return (
            f"The proxy wants {names}, which wsconn does not speak.{useless} Ask its administrator for a user name and"
            " password, or for an HTTP proxy."
        )
    helpers = "Px or CNTLM" if offered & _OF_WINDOWS else "Px"
    return (
        f"The proxy wants {names}, which wsconn does not speak.{useless} Run a local helper that does ({helpers}) and"
        f" name that as the proxy in {source(seen)}, or ask the proxy's administrator to allow Basic."
    )


def _for_wrong_login(seen: Evidence) -> str:
    return (
        f"The proxy refused the user name and password in {source(seen)}: check both, and that special characters in"
        " them are percent-encoded (@ is %40, # is %23, % is %25). If they are right, ask the proxy's administrator"
        " whether the account may use it."
    )


def _for_missing_login(seen: Evidence) -> str:
    return (
        f"Put your user name and password into {source(seen)} ({_example(seen, 'user:password')}, special characters"
        " percent-encoded). If you have none, ask the proxy's administrator."
    )


def _example(seen: Evidence, login: str) -> str:
    scheme = (seen.proxy or "http").partition("://")[0]
    return value(f"{scheme}://{login}@host:port")
