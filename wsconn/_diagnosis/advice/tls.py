"""Advice on TLS, but for certificates: what ends the handshake."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn._diagnosis.advice.words import SMALLER_PACKETS, mend_setting, server_and_port
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import value

_CLIENT_CERTIFICATE = "ssl_context with load_cert_chain, at the command line --client-cert"
_NOT_ACCEPTED: Mapping[str, str] = {  # this client's certificate, by OpenSSL's names of alerts (RFC 8446, section 6.2)
    "SSLV3_ALERT_NO_CERTIFICATE": "none was sent",
    "SSLV3_ALERT_BAD_CERTIFICATE": "none was sent, or it cannot be read",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": "its kind is not supported",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "it was revoked",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "it has expired",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "no reason is given",
    "TLSV1_ALERT_UNKNOWN_CA": "its authority is not known there",
    "TLSV1_ALERT_ACCESS_DENIED": "it is denied access",
}

_TOO_OLD: Mapping[str, str] = {  # what this end has refused, by OpenSSL's names of reasons
    "DH_KEY_TOO_SMALL": "has too small a Diffie-Hellman group",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": "does not support secure renegotiation (RFC 5746)",
    "WRONG_SIGNATURE_TYPE": "signs the handshake with too weak an algorithm",
    "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED": "signs the handshake with too weak an algorithm",
}


def _for_tls_cut(seen: Evidence) -> str:
    return (
        "A firewall that filters TLS by the server's name most likely holds the handshake back: ask the network's"
        f" administrator to exempt {server_and_port(seen)} from TLS inspection and filtering. If it is the same"
        " from other networks, the port may speak no TLS: check it with the service's operator."
    )


def _for_tls_silence(seen: Evidence) -> str:
    return f"{_for_tls_cut(seen)} Or large packets get lost on the way: {SMALLER_PACKETS}."


def _for_not_tls(seen: Evidence) -> str | None:
    if not seen.proxy:
        return None
    return (
        "What came may be the proxy's own words: ask its administrator whether it opens a tunnel to"
        f" {server_and_port(seen)}, or answers itself. If it does open one, check the port, and whether the URL"
        " should begin with ws://."
    )


def _for_tls_failed(seen: Evidence) -> str | None:
    if seen.setting:
        return mend_setting(seen)
    if seen.alpn:
        return (
            f"Leave {value(seen.alpn)} out of what the ssl_context offers by ALPN: give its set_alpn_protocols http/1.1"
            " alone."
        )
    if why := _NOT_ACCEPTED.get(seen.tls_reason or ""):
        return _for_client_certificate(why)
    if lack := _TOO_OLD.get(seen.tls_reason or ""):
        return (
            f"What answered {lack}, and this machine's OpenSSL requires better. Tell the service's operator to bring"
            " the server's TLS up to date. If it works from other networks, ask this network's administrator whether"
            " TLS is inspected on the way to this host."
        )
    particular = _ALERTS.get(seen.tls_reason or "")
    return particular(seen) if particular else None


def _for_client_certificate(why: str) -> str:
    return (
        f"What answered does not accept this client's certificate: {why}. Ask the service's operator for one that is"
        f" accepted, and send it ({_CLIENT_CERTIFICATE}). If the service wants none, ask the network's administrator"
        " whether TLS is inspected on the way to this host."
    )


def _for_handshake_failure(seen: Evidence) -> str:
    return (
        "What answered accepts none of the TLS that was offered, and does not say why. Ask the service's operator"
        f" whether the server has a certificate for {value(seen.host)}, wants a client certificate"
        f" ({_CLIENT_CERTIFICATE}), or takes only other ciphers. If it works from other networks, ask this network's"
        " administrator whether TLS is inspected on the way to this host."
    )


def _for_internal_error(seen: Evidence) -> str:
    return (
        f"What answered reports an internal error, as servers without a certificate for {value(seen.host)} do: check"
        " the host name in the URL, and tell the service's operator."
    )


def _for_weak_offer(_: Evidence) -> str:
    return (
        "What answered finds all that was offered too weak: update this Python and its OpenSSL, or ask the service's"
        " operator which ciphers and keys the server takes."
    )


def _for_no_protocol(_: Evidence) -> str:
    return (
        "What answered speaks none of the protocols that were offered in ALPN. Ask the service's operator to enable"
        " HTTP/1.1 there, over which a WebSocket is opened; if an ssl_context is given, have it offer http/1.1."
    )


def _for_unknown_name(seen: Evidence) -> str:
    return (
        f"What answered does not know the name {value(seen.host)}: check the host name in the URL, and that it leads"
        " to the right machine, with the service's operator."
    )


_ALERTS: Mapping[str, Callable[[Evidence], str]] = {  # by OpenSSL's names of alerts
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _for_handshake_failure,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _for_weak_offer,
    "TLSV1_ALERT_INTERNAL_ERROR": _for_internal_error,
    "TLSV1_UNRECOGNIZED_NAME": _for_unknown_name,  # RFC 6066, section 3
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": _for_no_protocol,  # RFC 7301, section 3.2
}


ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    (Stage.TLS, Cause.TIMEOUT): _for_tls_silence,
    (Stage.TLS, Cause.CLOSED): _for_tls_cut,
    Cause.NOT_TLS: _for_not_tls,
    Cause.TLS_FAILED: _for_tls_failed,
}
