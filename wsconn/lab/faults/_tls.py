"""Faults of the TLS handshake; they need `tls=True`."""

from __future__ import annotations

import socket

from wsconn.lab._fault import Fault, Handshake, Serve
from wsconn.lab._wire import PIECE_BYTES, drain, end_stream, hang_up, reset, response


def tls_alert(
    description: int, *, name: str | None = None, summary: str | None = None, causes: tuple[str, ...] = ("tls_failed",)
) -> Fault:
    """Answer the ClientHello with a fatal alert.

    Args:
        description: The alert's number, 0 to 255 (RFC 8446 section 6).
        name: The fault's; by default `tls-alert-<description>`.
        summary: The fault's.
        causes: The fault's.
    """
    if not 0 <= description <= 255:
        raise ValueError(f"description must be a number from 0 to 255: {description!r}")
    return Fault(
        name=name or f"tls-alert-{description}",
        summary=summary or f"The ClientHello is answered with the fatal alert {description}.",
        # A record of type alert (21), version 3.1, of two bytes: level fatal (2) and the description.
        serve=_to_hello(bytes([21, 3, 1, 0, 2, 2, description])),
        handshake=Handshake.NONE,
        stage="tls",
        causes=causes,
    )


def _to_hello(answer: bytes) -> Serve:
    def serve(sock: socket.socket) -> None:
        if sock.recv(PIECE_BYTES):
            sock.sendall(answer)
            hang_up(sock)

    return serve


def _reset(sock: socket.socket) -> None:
    if sock.recv(PIECE_BYTES):
        reset(sock)


def _end(sock: socket.socket) -> None:
    if sock.recv(PIECE_BYTES):
        end_stream(sock)


SILENT_TLS = Fault(
    name="silent-tls",
    summary="The server accepts the connection, reads, and never answers the ClientHello.",
    serve=drain,
    handshake=Handshake.NONE,
    stage="tls",
    causes=("timeout",),
)
PLAIN_TEXT_ON_TLS = Fault(
    name="plain-text-on-tls",
    summary="The TLS port answers in plain text with HTTP 400, as a server without TLS does.",
    serve=_to_hello(response(400, {"Connection": "close"})),
    handshake=Handshake.NONE,
    stage="tls",
    causes=("not_tls",),
)
RESET_IN_HANDSHAKE = Fault(
    name="reset-in-handshake",
    summary="The ClientHello is answered with a RST, as by a firewall that reads the server's name in it.",
    serve=_reset,
    handshake=Handshake.NONE,
    stage="tls",
    causes=("closed",),
)
EOF_IN_HANDSHAKE = Fault(
    name="eof-in-handshake",
    summary="The server closes the connection once the ClientHello has come.",
    serve=_end,
    handshake=Handshake.NONE,
    stage="tls",
    causes=("closed",),
)
OLD_TLS = tls_alert(
    70,
    name="old-tls",
    summary="The server speaks only older versions of TLS and says so with the alert protocol_version.",
    causes=("tls_version",),
)
HANDSHAKE_FAILURE = tls_alert(
    40,
    name="handshake-failure",
    summary="The server ends the handshake with the alert handshake_failure, which gives no reason.",
)
UNTRUSTED = Fault(
    name="untrusted",
    summary="The certificate is from the Untrusted Lab Authority, as with a proxy that intercepts TLS.",
    handshake=Handshake.UNTRUSTED,
    stage="tls",
    causes=("tls_untrusted",),
)
MISSING_INTERMEDIATE = Fault(
    name="missing-intermediate",
    summary="The server sends its certificate without the intermediate that leads to the trusted root.",
    handshake=Handshake.MISSING_INTERMEDIATE,
    stage="tls",
    causes=("tls_untrusted",),
)
EXPIRED = Fault(
    name="expired",
    summary="The certificate expired on 2020-01-01.",
    handshake=Handshake.EXPIRED,
    stage="tls",
    causes=("tls_expired",),
)
EXPIRED_INTERMEDIATE = Fault(
    name="expired-intermediate",
    summary="The server's own certificate is valid; the intermediate above it expired on 2020-01-01.",
    handshake=Handshake.EXPIRED_INTERMEDIATE,
    stage="tls",
    causes=("tls_expired",),
)
NOT_YET_VALID = Fault(
    name="not-yet-valid",
    summary="The certificate is valid from 2090-01-01 on, as it looks to a machine whose clock is slow.",
    handshake=Handshake.NOT_YET_VALID,
    stage="tls",
    causes=("tls_not_yet_valid",),
)
WRONG_HOST = Fault(
    name="wrong-host",
    summary="The certificate is for wrong.example.",
    handshake=Handshake.WRONG_HOST,
    stage="tls",
    causes=("tls_hostname_mismatch",),
)
WRONG_PURPOSE = Fault(
    name="wrong-purpose",
    summary="The certificate is for clients only.",
    handshake=Handshake.WRONG_PURPOSE,
    stage="tls",
    causes=("tls_untrusted",),
)
WEAK_KEY = Fault(
    name="weak-key",
    summary="The certificate has an RSA key of 1024 bits, too few for OpenSSL's security level 2.",
    handshake=Handshake.WEAK_KEY,
    stage="tls",
    causes=("tls_untrusted",),
)
CLIENT_CERTIFICATE_WANTED = Fault(
    name="client-certificate-wanted",
    summary="The server wants a client certificate; in TLS 1.3 its alert comes after the client's handshake is over.",
    handshake=Handshake.CLIENT_CERTIFICATE_WANTED,
    stage="tls",
    causes=("tls_client_certificate_required",),
)
