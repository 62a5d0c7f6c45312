"""Advice on the proxy itself: what to do where it stands in the way, and where a region fails behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn._diagnosis.advice.words import server_and_port, source
from wsconn._diagnosis.causes.words import install
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import value


def _for_dead_proxy(seen: Evidence) -> str:
    """Advise where the proxy cannot be reached."""
    return (
        f"This is about the proxy and not about the region: check host and port in {source(seen)}, and"
        " ask the network's administrator whether it is up and which one to use from here."
    )


def _for_silent_proxy(seen: Evidence) -> str:
    """Advise where the proxy took the connection and then said nothing."""
    if not seen.connected:
        return _for_dead_proxy(seen)
    return (
        f"Something is there. Check that it speaks what {source(seen)} says (http, or socks5h for SOCKS). If it"
        f" does, ask the proxy's administrator to try {server_and_port(seen)} from the proxy itself: a firewall"
        " behind it may drop the connection, or its name server may not answer."
    )


def _for_bad_answer(seen: Evidence) -> str:
    """Advise where it answered, but not as a proxy does."""
    if not seen.http_status:
        return _for_dead_proxy(seen)
    return (
        f"What stands at the address in {source(seen)} speaks HTTP, but opened no tunnel. If it is the proxy, it may"
        " want a login or show a block page: open any web page in a browser that uses it. If it is some other server,"
        " ask the network's administrator for the proxy's address."
    )


def _for_denial(seen: Evidence) -> str:
    """Advise where its rules forbid the target."""
    return f"Ask the proxy's administrator to allow CONNECT to {server_and_port(seen)}."


def _for_unreachable_target(seen: Evidence) -> str:
    """Advise where it could not reach the target itself."""
    return f"The proxy itself works. Ask its administrator to try {server_and_port(seen)} from the proxy."


def _for_login(seen: Evidence) -> str | None:
    """Advise where it wants a login."""
    offered = {scheme.casefold() for scheme in seen.auth_schemes}
    if offered & {"ntlm", "negotiate"} and "basic" not in offered:
        return (
            "The proxy wants NTLM or Kerberos, which wsconn does not speak. Run a local helper that does (Px or CNTLM)"
            f" and name that as the proxy in {source(seen)}, or ask the network's administrator for a way without."
        )
    scheme = (seen.proxy or "http").partition("://")[0]
    return (
        f"Put a right user name and password into {source(seen)} ({value(f'{scheme}://user:password@host:port')},"
        " special characters percent-encoded), or ask the network's administrator for them."
    )


def _for_unsupported_proxy(seen: Evidence) -> str | None:
    """Advise where wsconn cannot speak to it."""
    if seen.missing_extra:
        return f"Install SOCKS support ({install(seen.missing_extra)}), or name an http:// proxy in {source(seen)}."
    return f"Set {source(seen)} to the URL of an http or socks5h proxy, or to nothing for a direct way."


_OF_THE_PROXY_ITSELF = (
    *(Cause.DNS_NOT_FOUND, Cause.DNS_FAILED, Cause.DNS_BLOCKED),
    *(Cause.REFUSED, Cause.UNREACHABLE),
)
ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    **{(Stage.PROXY, cause): _for_dead_proxy for cause in _OF_THE_PROXY_ITSELF},
    (Stage.PROXY, Cause.TIMEOUT): _for_silent_proxy,
    (Stage.PROXY, Cause.CLOSED): _for_silent_proxy,
    Cause.PROXY_BAD_ANSWER: _for_bad_answer,
    Cause.PROXY_AUTH_REQUIRED: _for_login,
    Cause.PROXY_DENIED: _for_denial,
    Cause.PROXY_TARGET_UNREACHABLE: _for_unreachable_target,
    Cause.PROXY_UNSUPPORTED: _for_unsupported_proxy,
}
