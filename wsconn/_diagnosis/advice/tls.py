"""Advice on TLS, but for certificates: what ends the handshake."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wsconn._diagnosis.advice.words import NO_COMMON_PROTOCOL, SMALLER_PACKETS, mend_setting, server_and_port
from wsconn._outcome import Cause, Evidence, Stage
from wsconn._text import value

_UNKNOWN_NAME = "TLSV1_UNRECOGNIZED_NAME"  # the alert 112, RFC 6066 section 3


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
    if seen.tls_reason == NO_COMMON_PROTOCOL:
        return (
            "Ask the service's operator to have the server speak HTTP/1.1 too, which a WebSocket begins with: it takes"
            " other versions alone, most likely HTTP/2."
        )
    if seen.tls_reason != _UNKNOWN_NAME:
        return None
    return (
        f"What answered does not know the name {value(seen.host)}: check the host name in the URL, and that it leads"
        " to the right machine, with the service's operator."
    )


ADVICE: Mapping[Cause | tuple[Stage, Cause], Callable[[Evidence], str | None]] = {
    (Stage.TLS, Cause.TIMEOUT): _for_tls_silence,
    (Stage.TLS, Cause.CLOSED): _for_tls_cut,
    Cause.NOT_TLS: _for_not_tls,
    Cause.TLS_FAILED: _for_tls_failed,
}
