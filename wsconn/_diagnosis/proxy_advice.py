"""Advice on the proxy itself: what to do where it stands in the way, and where a region fails behind it."""

from __future__ import annotations

from wsconn._diagnosis.evidence import Evidence


def for_dead_proxy(seen: Evidence) -> str:
    """Advise where the proxy cannot be reached."""
    return (
        f"This is about the proxy and not about the region: check host and port in {named_by(seen)}, and"
        " ask the network's administrator whether it is up and which one to use from here."
    )


def for_silent_proxy(seen: Evidence) -> str:
    """Advise where the proxy took the connection and then said nothing."""
    if not seen.connected:
        return for_dead_proxy(seen)
    return (
        f"Something is there. Check that it speaks what {named_by(seen)} says (http, or socks5h for SOCKS). If it"
        f" does, ask the proxy's administrator to try {seen.host} port {seen.port} from the proxy itself: a firewall"
        " behind it may drop the connection, or its name server may not answer."
    )


def for_bad_answer(seen: Evidence) -> str:
    """Advise where it answered, but not as a proxy does."""
    if not seen.http_status:
        return for_dead_proxy(seen)
    return (
        f"What stands at the address in {named_by(seen)} speaks HTTP, but opened no tunnel. If it is the proxy, it may"
        " want a login or show a block page: open any web page in a browser that uses it. If it is some other server,"
        " ask the network's administrator for the proxy's address."
    )


def for_denial(seen: Evidence) -> str:
    """Advise where its rules forbid the target."""
    return f"Ask the proxy's administrator to allow CONNECT to {seen.host} port {seen.port}."


def for_unreachable_target(seen: Evidence) -> str:
    """Advise where it could not reach the target itself."""
    return f"The proxy itself works. Ask its administrator to try {seen.host} port {seen.port} from the proxy."


def for_login(seen: Evidence) -> str | None:
    """Advise where it wants a login."""
    offered = (seen.detail or "").casefold()
    if any(scheme in offered for scheme in ("ntlm", "negotiate")) and "basic" not in offered:
        return (
            "The proxy wants NTLM or Kerberos, which wsconn does not speak. Run a local helper that does (Px or CNTLM)"
            f" and name that as the proxy in {named_by(seen)}, or ask the network's administrator for a way without."
        )
    scheme = (seen.proxy or "http").partition("://")[0]
    return (
        f"Put a right user name and password into {named_by(seen)} ({scheme}://user:password@host:port, special"
        " characters percent-encoded), or ask the network's administrator for them."
    )


def for_unsupported_proxy(seen: Evidence) -> str | None:
    """Advise where wsconn cannot speak to it."""
    if "pip install" in (seen.detail or ""):
        return f'Install SOCKS support (pip install "wsconn[socks]"), or name an http:// proxy in {named_by(seen)}.'
    return f"Set {named_by(seen)} to the URL of an http or socks5h proxy, or to nothing for a direct way."


def named_by(seen: Evidence) -> str:
    """Tell which setting named the proxy."""
    return (seen.proxy or "").rpartition("(from ")[2].rstrip(")") or "the settings"
