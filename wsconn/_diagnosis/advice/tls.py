"""Advice on TLS: the handshake and the certificate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn._diagnosis.advice.words import server_and_port
from wsconn._diagnosis.causes.words import clock, why
from wsconn._diagnosis.interceptors import interceptor
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import value

_STRICT_CHECKS = range(80, 95)  # X509_V_ERR_* that VERIFY_X509_STRICT alone raises, OpenSSL x509_vfy.h
_SELF_SIGNED = (18, 19)  # the leaf itself; a root in its chain
_UNKNOWN_NAME = "TLSV1_UNRECOGNIZED_NAME"  # the alert 112, RFC 6066 section 3


def _for_tls_cut(seen: Evidence) -> str:
    return (
        "A firewall that filters TLS by the server's name most likely holds the handshake back: ask the network's"
        f" administrator to exempt {server_and_port(seen)} from TLS inspection and filtering. If it is the same"
        " from other networks, the port may speak no TLS: check it with the service's operator."
    )


def _for_tls_silence(seen: Evidence) -> str:
    return (
        f"{_for_tls_cut(seen)} Or large packets get lost on the way: test without a VPN, if one is on,"
        " or with a smaller MTU (the largest size of a packet), such as 1280."
    )


def _for_not_tls(seen: Evidence) -> str | None:
    if not seen.proxy:
        return None
    return (
        "What came may be the proxy's own words: ask its administrator whether it opens a tunnel to"
        f" {server_and_port(seen)}, or answers itself. If it does open one, check the port, and whether the URL"
        " should begin with ws://."
    )


def _for_untrusted(seen: Evidence) -> str | None:
    issuer = (seen.tls and seen.tls.issuer) or ""
    if seen.verify_code in _STRICT_CHECKS:
        return (
            f"The authority's certificate breaks a formal rule{why(seen)} that Python 3.13 and newer insist on. Ask"
            " its owner, mostly the company's proxy administrator, for a corrected one; until then a Python program can"
            " give an ssl_context whose verify_flags lack ssl.VERIFY_X509_STRICT."
        )
    if maker := interceptor(issuer):
        return (
            f"{value(maker)} opens and re-signs TLS on this way. Ask the network's administrator to exempt"
            f" {value(seen.host)} from TLS inspection, or to install their root certificate on this machine."
        )
    if seen.verify_code in _SELF_SIGNED:
        return (
            "The certificate is signed by no public authority: a company's proxy, a router, a portal or a test server"
            " does that. Ask the network's administrator whose it is; if it is meant to be there, have its root"
            " certificate installed on this machine."
        )
    return None


def _for_tls_failed(seen: Evidence) -> str | None:
    if seen.tls_reason != _UNKNOWN_NAME:
        return None
    return (
        f"What answered does not know the name {value(seen.host)}: check the host name in the URL, and that it leads"
        " to the right machine, with the service's operator."
    )


def _for_not_yet_valid(seen: Evidence) -> str:
    return (
        f"This machine's clock reads {clock(seen)}. If that is wrong, set it, and have it kept by a time server. If it"
        " is right, the certificate is for a later day: tell the service's operator."
    )


ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    (Stage.TLS, Cause.TIMEOUT): _for_tls_silence,
    (Stage.TLS, Cause.CLOSED): _for_tls_cut,
    Cause.NOT_TLS: _for_not_tls,
    Cause.TLS_FAILED: _for_tls_failed,
    Cause.TLS_UNTRUSTED: _for_untrusted,
    Cause.TLS_NOT_YET_VALID: _for_not_yet_valid,
}
