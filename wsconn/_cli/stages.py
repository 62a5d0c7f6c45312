"""What each stage covers, and the causes that begin there, for `wsconn explain`."""

from __future__ import annotations

from collections.abc import Mapping

from wsconn import Cause, Stage

_ANYWHERE = (Cause.TIMEOUT, Cause.CLOSED, Cause.LOCAL_LIMIT, Cause.INTERNAL_ERROR)

STAGES: Mapping[Stage, tuple[str, tuple[Cause, ...]]] = {
    Stage.DISCOVERY: (
        "Asking an HTTPS endpoint for the region's URL. It can fail for any cause of the stages below, too.",
        (Cause.BAD_DISCOVERY, *_ANYWHERE),
    ),
    Stage.RESOLVE: (
        "Looking up the server's name.",
        (Cause.DNS_NOT_FOUND, Cause.DNS_FAILED, Cause.DNS_BLOCKED, *_ANYWHERE),
    ),
    Stage.CONNECT: (
        "Opening a TCP connection to the server, where there is no proxy.",
        (Cause.REFUSED, Cause.UNREACHABLE, Cause.BLOCKED_LOCALLY, *_ANYWHERE),
    ),
    Stage.PROXY: (
        "The whole way to an open tunnel. It can fail for any cause of resolve, connect and tls, too.",
        (
            Cause.PROXY_AUTH_REQUIRED,
            Cause.PROXY_DENIED,
            Cause.PROXY_TARGET_UNREACHABLE,
            Cause.PROXY_BAD_ANSWER,
            Cause.PROXY_UNSUPPORTED,
            *_ANYWHERE,
        ),
    ),
    Stage.TLS: (
        "The TLS handshake, and the server's certificate.",
        (
            Cause.TLS_UNTRUSTED,
            Cause.TLS_HOSTNAME_MISMATCH,
            Cause.TLS_EXPIRED,
            Cause.TLS_NOT_YET_VALID,
            Cause.TLS_CLIENT_CERTIFICATE_REQUIRED,
            Cause.TLS_VERSION,
            Cause.NOT_TLS,
            Cause.TLS_FAILED,
            *_ANYWHERE,
        ),
    ),
    Stage.UPGRADE: (
        "The HTTP request that asks for a WebSocket, and its answer: 101 opens it.",
        (Cause.HTTP_STATUS, Cause.REDIRECTED, Cause.BAD_UPGRADE, *_ANYWHERE),
    ),
    Stage.FRAMES: (
        "The first frames in the open WebSocket: a ping is sent, and a pong must come back.",
        (Cause.NO_PONG, Cause.BAD_FRAMES, *_ANYWHERE),
    ),
}
