"""Advice on TLS to the proxy itself: its certificate is its administrator's to mend, and not a server's operator's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn._diagnosis.advice.rules import wanted, which
from wsconn._diagnosis.advice.words import NO_ROOTS, mend_setting, source
from wsconn._diagnosis.causes.words import (
    certified_host,
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
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import value

_NO_COMMON_PROTOCOL = "TLSV1_ALERT_NO_APPLICATION_PROTOCOL"  # the alert 120, RFC 7301 section 3.2: http/1.1 is offered
_TRUST_IT = "have it trusted (proxy_ssl_context, at the command line --proxy-ca-file; --ca-file is for servers alone)"
_GIVE_IT = "give it along (proxy_ssl_context with load_cert_chain, at the command line --proxy-client-cert)"


def in_plain(seen: Evidence) -> str:
    """Say how to speak to the proxy without TLS."""
    rest = (seen.proxy or "").partition("://")[2]
    return f"write http:// in place of https:// in {source(seen)}: {value(f'http://{rest}')}"


def for_port_of_tls(seen: Evidence) -> str:
    """Advise where TLS is wanted, and was not spoken."""
    scheme, _, rest = (seen.proxy or "http://").partition("://")
    return (
        f"Write https:// in place of {scheme}:// in {source(seen)}: {value(f'https://{rest}')}. What listens there"
        " speaks TLS."
    )


def for_another_version(seen: Evidence) -> str:
    """Advise where TLS is spoken, and HTTP/1.1 is not."""
    return (
        f"Ask the proxy's administrator for a port that speaks HTTP/1.1, and name it in {source(seen)}: this one takes"
        f" only {'HTTP/2' if seen.speaks_http2 else 'another version, most likely HTTP/2'}."
    )


def _for_not_tls(seen: Evidence) -> str:
    plain = in_plain(seen)
    return (
        f"{plain[0].upper()}{plain[1:]}. This proxy is spoken to by plain HTTP, as most are, for wss:// and https://"
        " too."
    )


def for_unfinished(seen: Evidence) -> str:
    """Advise where the handshake was not answered, or was cut."""
    return (
        f"Most proxies are spoken to by plain HTTP, and may say nothing to TLS: {in_plain(seen)}. If this one wants"
        " TLS, check its port, and ask the network's administrator whether a firewall before it holds TLS back."
    )


def _for_untrusted(seen: Evidence) -> str:
    if seen.setting or seen.no_roots:
        return mend_setting(seen) if seen.setting else NO_ROOTS
    if is_formal_rule(seen):
        fault = which(seen)
        return (
            f"{fault[0].upper()}{fault[1:]} breaks a formal rule{why(seen)} that Python 3.13 and newer insist on. Ask"
            " the proxy's administrator for a corrected one; until then a Python program can give a proxy_ssl_context"
            " whose verify_flags lack ssl.VERIFY_X509_STRICT."
        )
    if is_broken_rule(seen):
        by = f"{issuer(seen)} issue" if seen.faulty_role in ("server", None) else "the authority above it issue"
        return (
            f"This machine trusts the authority, but refuses {which(seen)}{why(seen)}.{wanted(seen)} Ask the proxy's"
            f" administrator to have {by} a better one."
        )
    if is_self_signed(seen):
        return (
            "This is about the proxy and not about the region. The proxy signed its certificate itself: ask its"
            f" administrator for that certificate, and {_TRUST_IT}. Or ask for one from an authority to be installed"
            " there."
        )
    above = unknown_authority(seen)
    return (
        "This is about the proxy and not about the region. Ask the proxy's administrator for the root certificate that"
        f" stands behind {value(above) if above else issuer(seen)}, and {_TRUST_IT}. {_otherwise(seen)}"
    )


def _otherwise(seen: Evidence) -> str:
    if leaves_issuer_out(seen):
        return (
            "If that is a public authority, have the proxy send the whole chain, with that authority's certificate:"
            " browsers may know or fetch it, Python does not."
        )
    return "If they do not know that authority, something on the way answers in the proxy's place."


def _for_other_name(seen: Evidence) -> str:
    if seen.only_common_name_fits:
        return (
            f"Ask the proxy's administrator to have {certified_host(seen)} put into the subjectAltName of its"
            " certificate: that alone counts, and not the common name in the subject."
        )
    return (
        f"Check the host in {source(seen)}: the proxy's certificate is for {names_of(seen)}. If that is the same proxy,"
        f" name it so; if not, ask the proxy's administrator for a certificate for {certified_host(seen)}."
    )


def _for_expired(seen: Evidence) -> str:
    check = "Check this machine's clock. If it is right,"
    if seen.faulty_role == "root":
        return (
            f"{check} update this machine's root certificates: their {value(seen.faulty_certificate)} has expired. If"
            " they are up to date, tell the proxy's administrator."
        )
    return f"{check} tell the proxy's administrator that {_certificate(seen)} has expired."


def _for_not_yet_valid(seen: Evidence) -> str:
    return (
        f"This machine's clock reads {clock(seen)}. If that is wrong, set it, and have it kept by a time server. If it"
        f" is right, {_certificate(seen)} is not valid yet: tell the proxy's administrator."
    )


def _certificate(seen: Evidence) -> str:
    if seen.faulty_role in ("intermediate", "root"):
        return f"the {seen.faulty_role} certificate {value(seen.faulty_certificate)} behind the proxy's"
    return "the proxy's certificate"


def _for_client_certificate(seen: Evidence) -> str:
    return f"Ask the proxy's administrator for a client certificate and {_GIVE_IT}. It is for {source(seen)} alone."


def _for_version(seen: Evidence) -> str:
    return f"Ask the proxy's administrator to enable TLS 1.2 or 1.3 at the proxy in {source(seen)}."


def _for_failed(seen: Evidence) -> str:
    if seen.setting:
        return mend_setting(seen)
    if seen.alpn:
        return (
            f"Leave {value(seen.alpn)} out of what the proxy_ssl_context offers by ALPN: give its set_alpn_protocols"
            " http/1.1 alone."
        )
    if seen.tls_reason == _NO_COMMON_PROTOCOL:
        return for_another_version(seen)
    return (
        f"Ask the proxy's administrator which versions and ciphers of TLS the proxy takes, which name it goes by, and"
        f" whether it wants a client certificate; if it does, {_GIVE_IT}."
    )


ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    (Stage.PROXY, Cause.TLS_UNTRUSTED): _for_untrusted,
    (Stage.PROXY, Cause.TLS_HOSTNAME_MISMATCH): _for_other_name,
    (Stage.PROXY, Cause.TLS_EXPIRED): _for_expired,
    (Stage.PROXY, Cause.TLS_NOT_YET_VALID): _for_not_yet_valid,
    (Stage.PROXY, Cause.TLS_CLIENT_CERTIFICATE_REQUIRED): _for_client_certificate,
    (Stage.PROXY, Cause.TLS_VERSION): _for_version,
    (Stage.PROXY, Cause.NOT_TLS): _for_not_tls,
    (Stage.PROXY, Cause.TLS_FAILED): _for_failed,
}
