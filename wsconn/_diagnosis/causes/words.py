"""What a cause's record holds, and the words that messages are made of: each names what the evidence holds, if it does.

A value of the evidence stands in a sentence between the marks that `wsconn._text.value` sets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import attrs

from wsconn._addresses import registered_domain
from wsconn._outcome import Evidence, Stage
from wsconn._places import split_place
from wsconn._text import duration, host_port, sanitize, value

# X509_V_ERR_* (OpenSSL x509_vfy.h) under a root that is trusted.
_BROKEN_RULES = (
    7,
    13,
    14,
    *range(22, 27),
    28,
    32,
    34,
    37,
    *range(39, 44),
    *range(45, 54),
    *range(66, 69),
    *range(76, 80),
)
_GAPS = (0, 2, 20, 21)  # between what was sent and what is trusted; 0: what the system's own verification says
_SELF_SIGNED, _ROOT_IN_CHAIN = 18, 19
_STRICT_CHECKS = range(80, 95)  # those that VERIFY_X509_STRICT alone raises
_ONE_PACKET_BYTES = 1200  # what is left of IPv6's least MTU, 1280 (RFC 8200), below the headers of IP, TCP and TLS


class Explanation(NamedTuple):
    """A cause in general, and how to tell of it in particular.

    `advice` is what a person gets where nothing more particular is known. `message` makes of the evidence what was
    seen. `phrase` is the end of a sentence on several regions; `{proxy}` in it stands for the proxy, `{peer}` for the
    one that was spoken to.
    """

    meaning: str
    origin: str
    advice: str
    message: Callable[[Evidence], str]
    phrase: str


def after(seen: Evidence) -> str:
    """Tell how long it took."""
    return f"after {duration(seen.elapsed or 0.0)}"


def within(seen: Evidence) -> str:
    """Tell how long was waited in vain."""
    return f"within {duration(seen.elapsed or 0.0)}"


def name(seen: Evidence) -> str:
    """Name the host name that was looked up."""
    if seen.stage is Stage.PROXY:
        return f"the proxy's name, {value(seen.proxy_host)}," if seen.proxy_host else "the proxy's name"
    if seen.connect_to:
        return f"the name {value(split_place(seen.connect_to)[0])} (in place of {value(seen.host)})"
    return f"the name {value(seen.host)}" if seen.host else "the server's name"


def server(seen: Evidence) -> str:
    """Name the server that the URL leads to, or what is connected to in its place."""
    if seen.connect_to:
        return f"{value(seen.connect_to)} (in place of {value(_server(seen))})"
    return value(_server(seen)) if seen.host else "the region"


def _server(seen: Evidence) -> str:
    return host_port(seen.host or "", seen.port or 0)


def proxy(seen: Evidence) -> str:
    """Name the proxy, and who named it."""
    url = f" {value(seen.proxy)}" if seen.proxy else ""
    source = f" (from {value(seen.proxy_source)})" if seen.proxy_source else ""
    return f"the proxy{url}{source}"


def pac_file(seen: Evidence) -> str:
    """Name the PAC file, and who named it."""
    source = f" (from {value(seen.pac_source)})" if seen.pac_source else ""
    return f"the PAC file {value(seen.pac)}{source}"


def peer(seen: Evidence) -> str:
    """Name who was spoken to in the stage."""
    if seen.stage is Stage.PROXY:
        return proxy(seen)
    if seen.proxy:
        return f"{server(seen)} (through {proxy(seen)})"
    place = seen.connect_to or (_server(seen) if seen.host else "the region")
    told = [
        *([f"at {value(seen.address)}"] if seen.address not in (None, place) else []),
        *([f"found as {value(seen.canonical_name)}"] if seen.search_domain else []),
        *([f"in place of {value(_server(seen))}"] if seen.connect_to else []),
        *([f"from {value(seen.source)}"] if seen.source else []),
    ]
    return f"{value(place)} ({', '.join(told)})" if told else server(seen)


def party(seen: Evidence) -> str:
    """Name whose certificate it is."""
    return "the proxy" if seen.stage is Stage.PROXY else "the server"


def certified_host(seen: Evidence) -> str:
    """Name the host that the certificate should be for."""
    if seen.stage is not Stage.PROXY:
        return value(seen.host)
    return value(seen.proxy_host) if seen.proxy_host else "the proxy's name"


def is_in_proxy_handshake(seen: Evidence) -> bool:
    """Whether TLS to the proxy had begun, and was not done."""
    secure = (seen.proxy or "").startswith("https://")
    return seen.stage is Stage.PROXY and secure and seen.connected and seen.tls is None


def is_formal_rule(seen: Evidence) -> bool:
    """Whether a certificate breaks a rule that Python 3.13 and newer alone insist on."""
    return seen.verify_code in _STRICT_CHECKS


def is_broken_rule(seen: Evidence) -> bool:
    """Whether a certificate breaks a rule, and there is nothing wrong with who stands behind it."""
    return seen.verify_code in _BROKEN_RULES


def fills_packets(seen: Evidence) -> bool:
    """Whether the request was larger than what one packet can always hold."""
    return (seen.request_bytes or 0) > _ONE_PACKET_BYTES


def issuer(seen: Evidence) -> str:
    """Name who signed the certificate."""
    return value(seen.tls.issuer) if seen.tls and seen.tls.issuer else "an authority that could not be learned"


def leaves_issuer_out(seen: Evidence) -> bool:
    """Whether the server sent its own certificate, and not that of the authority which signed it."""
    return _has_gap(seen) and seen.tls is not None and seen.top_issuer == seen.tls.issuer


def unknown_authority(seen: Evidence) -> str | None:
    """Return who stands above all certificates that the server sent, and is not known here; `None`: its own issuer."""
    is_unknown = _has_gap(seen) or seen.verify_code == _ROOT_IN_CHAIN
    return seen.top_issuer if is_unknown and seen.tls and seen.top_issuer != seen.tls.issuer else None


def _has_gap(seen: Evidence) -> bool:
    return seen.top_issuer is not None and seen.verify_code in _GAPS


def is_self_signed(seen: Evidence) -> bool:
    """Whether the server's own certificate is signed with its own key."""
    return seen.verify_code == _SELF_SIGNED


def names_of(seen: Evidence) -> str:
    """Name whom the server's certificate is for."""
    if seen.certificate_names:
        return value(sanitize(", ".join(_nearest_first(seen))))
    return value(seen.tls.subject) if seen.tls and seen.tls.subject else "nobody"


def _nearest_first(seen: Evidence) -> list[str]:
    """Return whom the certificate is for, those in the host's domain first: a long list is cut."""
    host = (seen.proxy_host if seen.stage is Stage.PROXY else seen.host) or ""
    domain = registered_domain(host)
    return sorted(seen.certificate_names, key=lambda name: registered_domain(name.partition(":")[2]) != domain)


def bad_setting(seen: Evidence) -> str:
    """Tell which variable of this machine names what cannot be used."""
    if seen.setting_value:
        what = f"names {value(seen.setting_value)}"
        lack = "cannot be written to" if seen.setting == "SSLKEYLOGFILE" else "holds no certificate in PEM form"
        fault = f"cannot be opened: {value(seen.os_error)}" if seen.os_error else lack
    else:
        what, fault = "is empty", "leads nowhere"
    return f"setting {value(seen.setting)} {what}, which {fault}"


def clock(seen: Evidence) -> str:
    """Tell the time that this machine believes it is."""
    return value(f"{seen.clock:%Y-%m-%d %H:%M} UTC") if seen.clock else "an unknown time"


def http_status(seen: Evidence) -> str:
    """Name the status of an answer."""
    return value(f"HTTP {seen.http_status}") if seen.http_status else "in HTTP"


def why(seen: Evidence, *more: str | None) -> str:
    """Tell in brackets what the system, a library or the peer said, where it said something, and what else is known."""
    reason = (seen.tls_reason or "").replace("_", " ").lower()
    said = [value(word) for word in (seen.os_error, reason, seen.detail) if word]
    told = ", ".join(part for part in (*more, *said) if part)
    return f" ({told})" if told else ""


def not_installed(extra: str) -> str:
    """Tell which extra is missing, and how to get it."""
    return f"the extra {value(extra)} is not installed: {install(extra)}"


def _missing(seen: Evidence) -> str:
    if seen.extra_error:
        return f"the extra {value(seen.missing_extra)} cannot be loaded: {value(seen.extra_error)}"
    return not_installed(seen.missing_extra or "")


def install(extra: str) -> str:
    """Tell the command that installs an extra."""
    return value(f'pip install "wsconn[{extra}]"')


def body_says(seen: Evidence) -> str:
    """Quote what the body says, or the title of its page, beyond the status line."""
    known = (seen.http_reason or "").casefold()
    said = (seen.body or "").strip(" .").casefold()
    if said and said != known:
        return f"; it says: {value(seen.body)}"
    titled = (seen.page_title or "").casefold()
    if not titled or titled in (known, f"{seen.http_status} {known}", f"error {seen.http_status} {known}"):
        return ""
    return f"; it is a page titled {value(seen.page_title)}"


def other_protocol(seen: Evidence) -> str | None:
    """Name what is spoken where something else was spoken to it."""
    return "TLS" if seen.speaks_tls else seen.proxy_speaks


def others(seen: Evidence) -> str | None:
    """Tell how many more addresses failed."""
    count = seen.other_addresses_failed
    return f"{count} more address{'es' * (count > 1)} failed too" if count else None


_TICKET_PROBLEMS = {
    "none": "this user has no Kerberos ticket",
    "expired": "this user's Kerberos ticket has expired",
    "unanswered": "the Kerberos server (KDC) gave no ticket for {service}",
    "unreachable": "no Kerberos server (KDC) can be reached for a ticket for {service}",
    "unknown_service": "the Kerberos server (KDC) knows no service {service}",
    "clock": "the clocks of this machine and of the Kerberos server (KDC) differ too much",
    "other": "there is no Kerberos ticket for {service}",
}


def ticket(seen: Evidence) -> str:
    """Tell why there is no Kerberos ticket for a proxy, where one was wanted."""
    if not seen.ticket_problem:
        return ""
    problem = _TICKET_PROBLEMS.get(seen.ticket_problem, _TICKET_PROBLEMS["other"])
    detail = f" ({value(seen.detail)})" if seen.detail else ""
    return f", and {problem.format(service=value(seen.ticket_service or 'the proxy'))}{detail}"


def reply(seen: Evidence) -> str:
    """Tell in brackets what a proxy replied, and what it said to it."""
    status = http_status(seen) if seen.http_status else None
    said = f"it says {value(seen.http_reason)}" if seen.http_reason else None
    if status and not seen.auth_schemes:  # as the proxy wrote it: the schemes come first, where there are some
        status, said = value(" ".join(filter(None, (f"HTTP {seen.http_status}", seen.http_reason)))), None
    offers = f"it offers {value(', '.join(seen.auth_schemes))}" if seen.auth_schemes else None
    missing = _missing(seen) if seen.missing_extra else None
    error = value(seen.proxy_error) if seen.proxy_error else None
    meaning = f"on Linux that is {value(seen.proxy_os_error)}" if seen.proxy_os_error else None
    if seen.ticket_problem:  # of which `detail` is then
        seen = attrs.evolve(seen, detail=None)
    return why(seen, status, offers, said, missing, error, meaning)
