"""What to do about a certificate that was not accepted, and who can: its issuer, the server's operator, or people here.

Only a network whose own product signed it is its administrator's. What OpenSSL complains of under a root that this
machine trusts is the issuer's to mend, and nothing that is installed here helps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from wsconn._addresses import registered_domain
from wsconn._diagnosis.advice.rules import wanted, which
from wsconn._diagnosis.advice.words import NO_ROOTS, mend_setting
from wsconn._diagnosis.causes.words import (
    clock,
    is_broken_rule,
    is_formal_rule,
    is_self_signed,
    issuer,
    leaves_issuer_out,
    names_of,
    unknown_authority,
    why,
)
from wsconn._diagnosis.interceptors import interceptor, runs_here
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import value

_INSIDE = ("corp", "home", "internal", "intranet", "lan", "local", "private")  # no one else's names end so
_ROOT_SENT = 19  # X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN
_FLAG = "a Python program can give an ssl_context whose verify_flags lack ssl.VERIFY_X509_STRICT"
_UPDATE_ROOTS = "update this machine's root certificates (on macOS run Install Certificates.command)"
_NOTHING_HERE = "There is nothing to install here."


def _maker(seen: Evidence) -> str | None:
    """Return whose product signed the certificate, if it is one that opens TLS."""
    return interceptor((seen.tls and seen.tls.issuer) or "") or interceptor(seen.top_issuer or "")


def _for_untrusted(seen: Evidence) -> str | None:
    """Say whose the mending is where no root that is trusted stands behind a certificate, or it breaks a rule."""
    if seen.setting or seen.no_roots:
        return mend_setting(seen) if seen.setting else NO_ROOTS
    maker = _maker(seen)
    if is_formal_rule(seen):
        return _for_formal_rule(seen, maker)
    if maker:
        return _for_interception(seen, maker)
    if is_self_signed(seen):
        return _for_stranger(seen) if _is_a_strangers(seen) else _for_self_signed(seen)
    if is_broken_rule(seen):
        return _for_broken_rule(seen)
    return _for_missing_issuer(seen) if leaves_issuer_out(seen) else _for_unknown_authority(seen)


def _for_interception(seen: Evidence, maker: str) -> str:
    opens = f"{value(maker)} opens and re-signs TLS on this way"
    if runs_here(maker):
        return (
            f"{opens}: mostly a program on this machine. Exempt {value(seen.host)} in its settings for HTTPS or TLS, or"
            " have Python trust its root certificate (ssl_context, at the command line --ca-file)."
        )
    exempt = f"{opens}. Ask the network's administrator to exempt {value(seen.host)} from TLS inspection, or to"
    if is_broken_rule(seen):
        return f"{exempt} correct {which(seen)}{why(seen)}.{wanted(seen)}"
    return f"{exempt} install their root certificate on this machine."


def _is_a_strangers(seen: Evidence) -> bool:
    """Whether a certificate names others alone, be it in the subject, which does not count."""
    subject = (seen.tls and seen.tls.subject) or ""
    return seen.certificate_fits is False and f"CN={seen.host}".lower() not in subject.lower()


def _for_self_signed(seen: Evidence) -> str:
    return (
        "The server signed its certificate itself, so no public authority stands behind it. Tell the service's"
        " operator to get one from a public authority. If this is intended, as on a test server, trust the certificate"
        " itself (ssl_context, at the command line --ca-file)."
    )


def _for_stranger(seen: Evidence) -> str:
    return (
        f"What answered has a certificate that it signed itself, for {names_of(seen)}: most likely a router, a portal"
        " or another device in the server's place. Open any web page in a browser, and log in if a login page"
        f" appears. If none does, ask the network's administrator what answers for {value(seen.host)}. If it is the"
        " service's own device, tell the service's operator."
    )


def _for_missing_issuer(seen: Evidence) -> str:
    chain = "tell the service's operator to have the server send the whole chain"
    alone = f"without that of {issuer(seen)}, which signed it: browsers may know or fetch that one"
    if seen.issuer_url and _is_public(seen.issuer_url):
        return (
            f"{chain.capitalize()}. It sends its own certificate {alone} (from {value(seen.issuer_url)}), Python does"
            f" not. {_NOTHING_HERE}"
        )
    return (
        f"If {issuer(seen)} is a public authority, {chain}, with that authority's certificate: browsers may know or"
        " fetch it, Python does not, and there is nothing to install here. If a company's proxy or an authority of"
        " your own signed it, have that authority's root certificate installed on this machine."
    )


def _is_public(url: str) -> bool:
    """Whether a URL can lead to a public authority: a company's own gives addresses inside its network."""
    try:
        more, _, last = (urlsplit(url).hostname or "").rpartition(".")
    except ValueError:
        return False
    return bool(more) and last not in _INSIDE


def _for_unknown_authority(seen: Evidence) -> str | None:
    """Advise where the server has sent what signed its own certificate, and that leads nowhere."""
    above = unknown_authority(seen)
    if seen.verify_code == _ROOT_SENT:
        return (
            f"The chain ends at {value(above) if above else 'a root'}, which this machine does not trust. Most likely"
            " it is the root of a company's proxy, of a test server or your own, and not a public one. Ask the"
            " network's administrator whose it is. If it belongs there, have that root certificate installed on this"
            f" machine. If it is a public one, {_UPDATE_ROOTS}."
        )
    if not above:
        return None
    url = f" (from {value(seen.issuer_url)})" if seen.issuer_url else ""
    return (
        f"The chain that the server sends ends below {value(above)}, which this machine does not know. If that is"
        " another intermediate, tell the service's operator to have the server send it too: browsers may know or"
        f" fetch it{url}, but Python does not. If it is a public root, {_UPDATE_ROOTS}. If a company's proxy or an"
        " authority of your own signed it, ask the network's administrator for its root certificate, and have that"
        " installed on this machine."
    )


def _for_formal_rule(seen: Evidence, maker: str | None) -> str:
    if maker:
        owner = f"{value(maker)} signed it: ask the network's administrator for a corrected one"
    elif seen.faulty_role == "server":
        owner = (
            f"Tell the service's operator to get a corrected one from {issuer(seen)}; if that is a company's proxy, ask"
            " its administrator"
        )
    else:
        owner = "Tell its owner, the service's operator or a company's proxy administrator, to get a corrected one"
    fault = which(seen)
    return (
        f"{fault[0].upper()}{fault[1:]} breaks a formal rule{why(seen)} that Python 3.13 and newer insist on. {owner};"
        f" until then {_FLAG}."
    )


def _for_broken_rule(seen: Evidence) -> str:
    refused = f"This machine trusts the authority, but refuses {which(seen)} itself{why(seen)}.{wanted(seen)}"
    tell = f"{refused} Tell the service's operator to have"
    match seen.faulty_role:
        case "root":
            return f"{tell} it replaced by its authority, or to use another one. A new root must be installed here too."
        case "intermediate":
            return f"{tell} it replaced by the authority above it, or to use another one. {_NOTHING_HERE}"
        case _:
            return f"{tell} {issuer(seen)} issue a better one. {_NOTHING_HERE}"


def _for_expired(seen: Evidence) -> str | None:
    """Say who is to renew the certificate that expired, where it is not the server's own."""
    if maker := _maker(seen):
        return _for_intercepted(seen, maker, "has expired", "Check this machine's clock. If it is right, ")
    if seen.faulty_role == "intermediate":
        return (
            "Check this machine's clock. If it is right, tell the service's operator that the server sends an"
            f" intermediate certificate, {value(seen.faulty_certificate)}, that has expired, and must send the present"
            f" one in its place. {_NOTHING_HERE}"
        )
    if seen.faulty_role == "root":
        return (
            f"Check this machine's clock. If it is right, {_UPDATE_ROOTS}: their {value(seen.faulty_certificate)} has"
            " expired. If they are up to date, tell the service's operator that the server's chain must lead to a"
            " valid root."
        )
    return None


def _for_intercepted(seen: Evidence, maker: str, fault: str, before: str = "") -> str:
    """Advise on a certificate that was made on the way, and so is not the server's."""
    whose = f"{value(maker)} opens and re-signs TLS on this way, and its certificate {fault}"
    if runs_here(maker):
        return f"{before}{whose}: exempt {value(seen.host)} in its settings for HTTPS or TLS, or update the program."
    ask = f"{before}ask the network's administrator" if before else "Ask the network's administrator"
    return f"{ask} to exempt {value(seen.host)} from TLS inspection, or to correct the certificate: {whose}."


def _for_not_yet_valid(seen: Evidence) -> str:
    """Say that it is the clock's fault, or else whose."""
    clocked = (
        f"This machine's clock reads {clock(seen)}. If that is wrong, set it, and have it kept by a time server. If it"
        " is right, "
    )
    if maker := _maker(seen):
        return _for_intercepted(seen, maker, "is not valid yet", clocked)
    whose = f"the {seen.faulty_role} certificate" if seen.faulty_role in ("intermediate", "root") else "the certificate"
    return f"{clocked}{whose} is not valid yet: tell the service's operator."


def _for_other_name(seen: Evidence) -> str | None:
    """Say who is to put the name into the certificate."""
    if maker := _maker(seen):
        return _for_intercepted(seen, maker, f"is for {names_of(seen)}")
    has = f"it has {names_of(seen)}" if seen.certificate_names else "this certificate has none"
    put = f"Tell the service's operator to have {value(seen.host)} put into the certificate's subjectAltName"
    if f"DNS:{seen.host}" in seen.certificate_names:
        return f"{put} as an IP address. It is there as a DNS name, which does not count for an address."
    if seen.only_common_name_fits:
        return (
            f"{put}. Only that counts, in browsers as in Python, and {has}. The common name in the subject does not"
            " count."
        )
    if seen.connect_to:
        return _for_a_new_server(seen)
    if _is_of_same_domain(seen):
        return (
            "Check the host name in the URL. If it is right, tell the service's operator: the certificate is for"
            f" {names_of(seen)}, and must be for {value(seen.host)} too. A wildcard (*) stands for exactly one whole"
            " label."
        )
    return None


def _is_of_same_domain(seen: Evidence) -> bool:
    """Whether a certificate is for other hosts in the domain of the region's: then no stranger has shown it."""
    domain = registered_domain(seen.host or "")
    names = (name.partition(":")[2] for name in seen.certificate_names if name.startswith("DNS:"))
    return any(registered_domain(name) == domain for name in names)


def _for_a_new_server(seen: Evidence) -> str:
    return (
        f"If it is right, have the service's operator put a certificate for {value(seen.host)} on that server before"
        " the name leads to it."
    )


ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    Cause.TLS_UNTRUSTED: _for_untrusted,
    Cause.TLS_HOSTNAME_MISMATCH: _for_other_name,
    Cause.TLS_EXPIRED: _for_expired,
    Cause.TLS_NOT_YET_VALID: _for_not_yet_valid,
}
