"""What to do about a certificate that was not accepted, and who can: its issuer, the server's operator, or people here.

Only a network whose own product signed it is its administrator's. What OpenSSL complains of under a root that this
machine trusts is the issuer's to mend, and nothing that is installed here helps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn._diagnosis.advice.words import mend_setting
from wsconn._diagnosis.causes.words import (
    clock,
    is_broken_rule,
    is_formal_rule,
    issuer,
    leaves_issuer_out,
    names_of,
    why,
)
from wsconn._diagnosis.interceptors import interceptor, runs_here
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import value

_SELF_SIGNED = (18, 19)  # the server's own certificate; a root in its chain
_FLAG = "a Python program can give an ssl_context whose verify_flags lack ssl.VERIFY_X509_STRICT"


def _for_untrusted(seen: Evidence) -> str | None:
    """Say whose the mending is where no root that is trusted stands behind a certificate, or it breaks a rule."""
    if seen.setting:
        return mend_setting(seen)
    maker = interceptor((seen.tls and seen.tls.issuer) or "") or interceptor(seen.top_issuer or "")
    if is_formal_rule(seen):
        return _for_formal_rule(seen, maker)
    if maker:
        return _for_interception(seen, maker)
    if seen.verify_code in _SELF_SIGNED:
        return (
            "The certificate is signed by no public authority: a company's proxy, a router, a portal or a test server"
            " does that. Ask the network's administrator whose it is; if it is meant to be there, have its root"
            " certificate installed on this machine."
        )
    if is_broken_rule(seen):
        return _for_broken_rule(seen)
    return _for_missing_issuer(seen) if leaves_issuer_out(seen) else None


def _for_interception(seen: Evidence, maker: str) -> str:
    opens = f"{value(maker)} opens and re-signs TLS on this way"
    if runs_here(maker):
        return (
            f"{opens}: mostly a program on this machine. Exempt {value(seen.host)} in its settings for HTTPS or TLS, or"
            " have Python trust its root certificate (ssl_context, at the command line --ca-file)."
        )
    return (
        f"{opens}. Ask the network's administrator to exempt {value(seen.host)} from TLS inspection, or to install"
        " their root certificate on this machine."
    )


def _for_missing_issuer(seen: Evidence) -> str:
    chain = "tell the service's operator to have the server send the whole chain"
    alone = f"without that of {issuer(seen)}, which signed it: browsers may know or fetch that one"
    if seen.issuer_url:
        return (
            f"{chain.capitalize()}. It sends its own certificate {alone} (from {value(seen.issuer_url)}), Python does"
            " not. There is nothing to install here."
        )
    return (
        f"If {issuer(seen)} is a public authority, {chain}, with that authority's certificate: browsers may know or"
        " fetch it, Python does not, and there is nothing to install here. If a company's proxy or an authority of"
        " your own signed it, have that authority's root certificate installed on this machine."
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
        owner = "Ask its owner, mostly the company's proxy administrator, for a corrected one"
    whose = "server's" if seen.faulty_role == "server" else "authority's"
    return (
        f"The {whose} certificate breaks a formal rule{why(seen)} that Python 3.13 and newer insist on. {owner}; until"
        f" then {_FLAG}."
    )


def _for_broken_rule(seen: Evidence) -> str:
    which = f" ({value(seen.faulty_certificate)})" if seen.faulty_certificate and seen.faulty_role != "server" else ""
    whose = {"root": "a root's", "intermediate": "an intermediate's"}.get(seen.faulty_role or "", "the server's")
    return (
        f"This machine trusts the authority, and refuses {whose} certificate{which} for what it is{why(seen)}. Tell the"
        f" service's operator to have {issuer(seen)} issue a better one. There is nothing to install here."
    )


def _for_expired(seen: Evidence) -> str | None:
    """Say who is to renew the certificate that expired, where it is not the server's own."""
    if seen.faulty_role == "intermediate":
        return (
            "Check this machine's clock. If it is right, tell the service's operator that the server sends an"
            f" intermediate certificate, {value(seen.faulty_certificate)}, that has expired, and must send the present"
            " one in its place. There is nothing to install here."
        )
    if seen.faulty_role == "root":
        return (
            "Check this machine's clock. If it is right, update this machine's root certificates (on macOS run Install"
            f" Certificates.command): their {value(seen.faulty_certificate)} has expired. If they are up to date, tell"
            " the service's operator that the server's chain must lead to a root that is valid."
        )
    return None


def _for_not_yet_valid(seen: Evidence) -> str:
    """Say that it is the clock's fault, or else whose."""
    whose = f"the {seen.faulty_role} certificate" if seen.faulty_role in ("intermediate", "root") else "the certificate"
    return (
        f"This machine's clock reads {clock(seen)}. If that is wrong, set it, and have it kept by a time server. If it"
        f" is right, {whose} is for a later day: tell the service's operator."
    )


def _for_other_name(seen: Evidence) -> str | None:
    """Say who is to put the name into the certificate."""
    if not seen.only_common_name_fits:
        return _for_a_new_server(seen) if seen.connect_to else None
    return (
        f"Tell the service's operator to have {value(seen.host)} put into the certificate's subjectAltName. That alone"
        f" counts, for browsers as for Python, and it has {names_of(seen)}; the common name in the subject does not."
    )


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
