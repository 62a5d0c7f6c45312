"""Advice on the proxy itself: what to do where it stands in the way, and where a region fails behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from wsconn._diagnosis.advice import proxy_tls
from wsconn._diagnosis.advice.login import for_login, for_ticket, for_unanswered_login
from wsconn._diagnosis.advice.words import server_and_port, source
from wsconn._diagnosis.causes.words import install, is_in_proxy_handshake
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._pac_settings import VARIABLE, names_pac
from wsconn._proxies import SCHEMES, SPOKEN_BY
from wsconn._text import is_ip_address, is_loopback, value


def _for_dead_proxy(seen: Evidence) -> str:
    """Advise where the proxy cannot be reached, or is something else."""
    if is_loopback(seen.proxy_host or ""):
        return (
            "This is about the proxy and not about the region: check host and port in"
            f" {source(seen)}, and that the proxy which should listen there, on this machine, is the program that does."
            f"{_if_by_tls(seen)}"
        )
    return (
        f"This is about the proxy and not about the region: check host and port in {source(seen)}, and"
        f" ask the network's administrator whether it is up and which one to use from here.{_if_by_tls(seen)}"
    )


def _if_by_tls(seen: Evidence) -> str:
    """Say what https:// means in a proxy's URL: many write it where they mean a proxy for https."""
    if not (seen.proxy or "").startswith("https://"):
        return ""
    return " Its URL begins with https://, which means TLS to the proxy itself: most proxies are reached by http://."


def _for_refusing_proxy(seen: Evidence) -> str:
    """Advise where nothing listens at its address."""
    if not is_loopback(seen.proxy_host or ""):
        return _for_dead_proxy(seen)
    return (
        "This is about the proxy and not about the region: nothing listens at that port of this machine. Start the"
        f" program that should, or correct the port in {source(seen)}. In a container, localhost is the container"
        f" itself.{_if_by_tls(seen)}"
    )


def _for_silent_proxy(seen: Evidence) -> str:
    """Advise where the proxy took the connection and then said nothing."""
    if not seen.connected:
        return _for_dead_proxy(seen)
    if is_in_proxy_handshake(seen):
        return proxy_tls.for_unfinished(seen)
    if seen.speaks_tls:
        return proxy_tls.for_port_of_tls(seen)
    if seen.ticket_problem:
        return for_ticket(seen)
    if seen.auth_schemes:
        return for_unanswered_login(seen)
    if seen.login_sent and not seen.http_status:
        return (
            "The proxy went no further than the login: check the user name and password in"
            f" {source(seen)}, and that special characters in them are percent-encoded (@ is %40, # is %23, % is %25)."
            " If they are right, ask the proxy's administrator whether the account may use it."
        )
    if seen.proxy_speaks:
        return _for_other_protocol(seen, seen.proxy_speaks)
    if seen.socks_greeted:
        return (
            f"The proxy speaks SOCKS, but opened no way to {server_and_port(seen)}, and did not say why. Try that from"
            " the proxy's own machine (of ssh -D, the one that ssh logs in to), or have its administrator try it."
        )
    if seen.tls and (seen.proxy or "").startswith("https://"):
        return (
            "What listens there speaks TLS, and opened no tunnel. Check that the host and port in"
            f" {source(seen)} are a proxy's. If they are, ask the proxy's administrator what its log says: it may not"
            f" let this machine in, or have no way to {server_and_port(seen)}."
        )
    return (
        f"Something is there. Check that it speaks what {source(seen)} says (http, https if the proxy itself wants TLS,"
        " or socks5h for SOCKS). If it does, ask the proxy's administrator to try"
        f" {server_and_port(seen)} from the proxy itself: a firewall behind it may drop the connection, its name"
        " server may not answer, or there is no such server."
    )


def _for_bad_answer(seen: Evidence) -> str:
    """Advise where it answered, but not as a proxy does."""
    if seen.speaks_tls:
        return proxy_tls.for_port_of_tls(seen)
    if seen.speaks_http2:
        return proxy_tls.for_another_version(seen)
    if seen.proxy_speaks:
        return _for_other_protocol(seen, seen.proxy_speaks)
    if seen.socks_code:
        return (
            f"What answers speaks SOCKS, and refuses with a code that no standard has. Check host and port in"
            f" {source(seen)}; if they are right, ask the proxy's administrator to try {server_and_port(seen)} from the"
            " proxy."
        )
    if not seen.http_status:
        return for_unanswered_login(seen) if seen.auth_schemes else _for_dead_proxy(seen)
    if seen.http_status in _NO_CONNECT:
        return (
            f"What stands at the address in {source(seen)} speaks HTTP, but knows no CONNECT: it is a web server, or a"
            " proxy for http:// alone. Check host and port there, and ask the network's administrator for the address"
            " of the proxy for https://."
        )
    return (
        f"What stands at the address in {source(seen)} speaks HTTP, but opened no tunnel. If it is the proxy, it may"
        " want a login or show a block page: open any web page in a browser that uses it. If it is some other server,"
        " ask the network's administrator for the proxy's address."
    )


def _for_other_protocol(seen: Evidence, speaks: str) -> str:
    """Advise where it speaks something else than its scheme says."""
    scheme, _, rest = (seen.proxy or "").partition("://")
    right = SPOKEN_BY.get(speaks, scheme)
    return (
        f"Write {value(f'{right}://')} in place of {value(f'{scheme}://')} in {source(seen)}:"
        f" {value(f'{right}://{rest}')}. What listens there speaks {speaks}."
    )


def _for_denial(seen: Evidence) -> str:
    """Advise where its rules forbid the target."""
    if seen.http_status == 402:
        return (
            f"The proxy wants to be paid: check the account or quota behind {source(seen)}, or ask its administrator to"
            f" allow CONNECT to {server_and_port(seen)}."
        )
    if seen.http_status == 429:
        later = value(seen.retry_after) if seen.retry_after else "a while"
        return (
            f"The proxy has had too many connections from here: wait {later} and test fewer regions at once"
            " (max_workers, at the command line --max-workers). If it stays so, ask its administrator to raise the"
            " limit."
        )
    ask = f"Ask the proxy's administrator to allow CONNECT to {server_and_port(seen)}."
    if seen.location:
        return (
            f"{ask} Or open any web page in a browser that uses this proxy: if a login appears there, log in and test"
            f" again. If {source(seen)} leads to a web server and not to a proxy, correct that."
        )
    return ask


def _for_unreachable_target(seen: Evidence) -> str:
    """Advise where it could not reach the target itself."""
    if not seen.retry_after:
        return _for_reason(seen)
    return f"Wait {value(seen.retry_after)}, as the proxy says, and test again. If it stays so: {_for_reason(seen)}"


def _for_reason(seen: Evidence) -> str:
    if seen.socks_code in _ONION_ADVICE:
        return _ONION_ADVICE[seen.socks_code]
    if seen.socks_code == _ADDRESS_TYPE:
        return _for_address_type(seen)
    if advise := _PROBLEM_ADVICE.get(seen.proxy_problem or ""):
        return advise(seen)
    if seen.http_status == 404:
        return (
            f"The proxy most likely does not find the name {value(seen.host)}: check its spelling, and ask the proxy's"
            f" administrator to look it up there. If {source(seen)} leads to a web server and not to a proxy, correct"
            " that."
        )
    return f"The proxy itself works. Ask its administrator to try {server_and_port(seen)} from the proxy."


def _for_name_there(seen: Evidence) -> str:
    return (
        f"The proxy itself works, and does not find the name {value(seen.host)}: check its spelling, and ask the"
        " proxy's administrator to look it up from the proxy."
    )


def _for_name_server_there(seen: Evidence) -> str:
    return (
        f"The proxy itself works, and got no answer about the name {value(seen.host)}: ask its administrator to check"
        " the DNS server that it uses."
    )


def _for_refused_there(seen: Evidence) -> str:
    return (
        f"The proxy itself works, and {value(seen.host)} refused it: check the port in the URL, {seen.port}. If it is"
        " right and other networks reach it, ask the proxy's administrator to try it from the proxy; if not, tell the"
        " service's operator."
    )


def _for_silence_there(seen: Evidence) -> str:
    return (
        f"The proxy itself works, and {value(seen.host)} did not answer it. Ask its administrator to try"
        f" {server_and_port(seen)} from the proxy: a firewall behind it may drop the connection. If other networks do"
        " not reach it either, tell the service's operator."
    )


def _for_no_route_there(seen: Evidence) -> str:
    return (
        f"The proxy itself works, and has no way to {value(seen.host)}: its name may not be found there, or have an"
        f" IPv6 address alone. Ask the proxy's administrator to try {server_and_port(seen)} from the proxy."
    )


def _for_limit(seen: Evidence) -> str:
    return (
        "The proxy has too many connections: wait a while, and test fewer regions at once (max_workers, at the command"
        " line --max-workers). If it stays so, ask its administrator to raise the limit."
    )


def _for_loop(seen: Evidence) -> str:
    return (
        f"The proxy came back to itself. Ask its administrator to check where it sends {server_and_port(seen)}: most"
        " likely its next proxy, or its name server, leads to itself."
    )


def _for_next_proxy(seen: Evidence) -> str:
    return (
        "The proxy itself works, but the next proxy behind it refuses, or cannot be reached. Ask its administrator to"
        f" check that one's address and login, and to try {server_and_port(seen)} from the proxy."
    )


_PROBLEM_ADVICE: Mapping[str, Callable[[Evidence], str]] = {  # by `Evidence.proxy_problem`
    "name": _for_name_there,
    "name_server": _for_name_server_there,
    "refused": _for_refused_there,
    "no_answer": _for_silence_there,
    "no_route": _for_no_route_there,
    "limit": _for_limit,
    "loop": _for_loop,
    "next_proxy": _for_next_proxy,
}


def _for_address_type(seen: Evidence) -> str:
    """Advise where a SOCKS proxy cannot make use of the address that it was given: a name, or one of IPv6."""
    scheme = (seen.proxy or "").partition("://")[0]
    if scheme in SCHEMES and SCHEMES[scheme].resolves and not is_ip_address(seen.host or ""):
        return (
            f"The proxy takes no host names: write {value('socks5://')} in place of {value('socks5h://')} in"
            f" {source(seen)}, so that this machine looks the name up."
        )
    return (
        "The proxy does not take this kind of address, most likely because it has no IPv6. Use a URL with the server's"
        f" name and a proxy that looks it up ({value('socks5h://')} in {source(seen)}), or ask the proxy's"
        " administrator for IPv6."
    )


_ADDRESS_TYPE = 8  # RFC 1928, section 6
_NO_CONNECT = (405, 501)
_NO_ONION_WAY = (
    "The onion service cannot be reached through Tor at the moment: test again in a few minutes. If it stays so, tell"
    " the service's operator."
)
_ONION_LOGIN = (
    "The onion service lets in only who has its key: ask its operator for one, and put it where ClientOnionAuthDir in"
    " tor's configuration says."
)
_ONION_ADVICE: Mapping[int | None, str] = {
    0xF0: (
        "Tor finds no such onion service: check the onion address in the URL. If it is right, the service is offline:"
        " tell its operator."
    ),
    **dict.fromkeys((0xF1, 0xF2, 0xF3, 0xF7), _NO_ONION_WAY),
    **dict.fromkeys((0xF4, 0xF5), _ONION_LOGIN),
    0xF6: "That is not an onion address: check the host name in the URL, all 56 characters before .onion.",
}


def _for_unsupported_proxy(seen: Evidence) -> str | None:
    """Advise where wsconn cannot speak to it."""
    if seen.missing_extra:
        return f"Install SOCKS support ({install(seen.missing_extra)}), or name an http:// proxy in {source(seen)}."
    if seen.in_quotes:
        return (
            f"Take the quotes out of {source(seen)}: they are part of the value. Files that are not read by a shell"
            " (env_file in Docker, many a .env or .ini file) keep them."
        )
    if seen.unencoded:
        encoded = value(quote(seen.unencoded, safe=""))
        return (
            f"Percent-encode the user name and password in {source(seen)}: {value(seen.unencoded)} is written"
            f" {encoded} there."
        )
    if seen.pac_answer:
        return (
            f"wsconn does not speak to what {source(seen)} names. Ask the network's administrator for an HTTP or SOCKS"
            " proxy, and name that: proxy, at the command line --proxy."
        )
    if names_pac(seen.proxy or ""):
        return f"To name a PAC file, set {value(VARIABLE)} to its URL, and unset {source(seen)}."
    return f"Set {source(seen)} to the URL of an http, https or socks5h proxy, or to nothing for a direct way."


_OF_THE_PROXY_ITSELF = (
    *(Cause.DNS_NOT_FOUND, Cause.DNS_FAILED, Cause.DNS_BLOCKED),
    *(Cause.REFUSED, Cause.UNREACHABLE),
)
ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    **{(Stage.PROXY, cause): _for_dead_proxy for cause in _OF_THE_PROXY_ITSELF},
    (Stage.PROXY, Cause.REFUSED): _for_refusing_proxy,
    (Stage.PROXY, Cause.TIMEOUT): _for_silent_proxy,
    (Stage.PROXY, Cause.CLOSED): _for_silent_proxy,
    **proxy_tls.ADVICE,
    Cause.PROXY_BAD_ANSWER: _for_bad_answer,
    Cause.PROXY_AUTH_REQUIRED: for_login,
    Cause.PROXY_DENIED: _for_denial,
    Cause.PROXY_TARGET_UNREACHABLE: _for_unreachable_target,
    Cause.PROXY_UNSUPPORTED: _for_unsupported_proxy,
}
