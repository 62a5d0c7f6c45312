"""What became of one region: frozen records that pickle and compare by value."""

from __future__ import annotations

import enum
from datetime import datetime

import attrs


class Stage(enum.StrEnum):
    """Where on the way to a region: the stages in the order in which they are passed.

    Values are never renamed or removed within a major version; a minor may add some.
    """

    DISCOVERY = "discovery"
    RESOLVE = "resolve"
    CONNECT = "connect"
    PROXY = "proxy"
    TLS = "tls"
    UPGRADE = "upgrade"
    FRAMES = "frames"


class Cause(enum.StrEnum):
    """What went wrong there. A cause does not imply its stage; treat one that you do not know as a failure.

    Values are never renamed or removed within a major version; a minor may add some.
    """

    BAD_DISCOVERY = "bad_discovery"
    DNS_NOT_FOUND = "dns_not_found"
    DNS_FAILED = "dns_failed"
    DNS_BLOCKED = "dns_blocked"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    BLOCKED_LOCALLY = "blocked_locally"
    PROXY_AUTH_REQUIRED = "proxy_auth_required"
    PROXY_DENIED = "proxy_denied"
    PROXY_TARGET_UNREACHABLE = "proxy_target_unreachable"
    PROXY_BAD_ANSWER = "proxy_bad_answer"
    PROXY_UNSUPPORTED = "proxy_unsupported"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS_HOSTNAME_MISMATCH = "tls_hostname_mismatch"
    TLS_EXPIRED = "tls_expired"
    TLS_NOT_YET_VALID = "tls_not_yet_valid"
    TLS_CLIENT_CERTIFICATE_REQUIRED = "tls_client_certificate_required"
    TLS_VERSION = "tls_version"
    NOT_TLS = "not_tls"
    TLS_FAILED = "tls_failed"
    HTTP_STATUS = "http_status"
    REDIRECTED = "redirected"
    BAD_UPGRADE = "bad_upgrade"
    NO_PONG = "no_pong"
    BAD_FRAMES = "bad_frames"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    LOCAL_LIMIT = "local_limit"
    OUTRUN = "outrun"
    INTERNAL_ERROR = "internal_error"


class Status(enum.StrEnum):
    """How a region settled."""

    PASSED = "passed"
    FAILED = "failed"
    ABORTED = "aborted"


@attrs.frozen(kw_only=True)
class Failure:
    """Why a region failed: where, what, and what to do about it.

    `message` is one line for a person: what was seen. `advice` is what to do next, for that person or their network's
    administrator. `os_error` is symbolic (`"ECONNREFUSED"`, `"EAI_NONAME"`), or `None`.
    """

    stage: Stage
    cause: Cause
    message: str
    advice: str
    os_error: str | None = None


@attrs.frozen(kw_only=True)
class Attempt:
    """One address, URL or discovery that was tried. `stage` is the last one reached; no `cause` means that it worked.

    `duration` is in seconds; `address` is `host:port`, or `None` where none was known yet.
    """

    url: str
    address: str | None
    stage: Stage
    cause: Cause | None
    message: str
    duration: float
    os_error: str | None = None
    http_status: int | None = None


@attrs.frozen(kw_only=True)
class Timings:
    """Seconds per stage on the way tried last; `None` where a stage was not reached. The failing stage is included.

    Loading the system's root certificates is not in `tls`.
    """

    discovery: float | None = None
    resolve: float | None = None
    connect: float | None = None
    proxy: float | None = None
    tls: float | None = None
    upgrade: float | None = None
    frames: float | None = None


@attrs.frozen(kw_only=True)
class TlsInfo:
    """What was seen of TLS. `issuer` and `subject` are RFC 4514 strings; all but `version` may be unknown (`None`).

    For a certificate that was not trusted, `issuer` names who signed it: often an intercepting proxy.
    """

    version: str | None = None
    cipher: str | None = None
    issuer: str | None = None
    subject: str | None = None
    not_after: datetime | None = None


@attrs.frozen(kw_only=True)
class RegionOutcome:
    """What became of one region.

    `url` is the one tried last, without its query. `duration` and `round_trip` (ping to pong) are in seconds.
    `proxy` is the proxy that was used, without its password, and which variable or argument said so.
    `http_status` is 101 for a pass. `close_code` and `close_reason` are set when the server's Close was the frame.
    An aborted region has no failure, and the timings and attempts so far.
    """

    region: str
    url: str | None
    status: Status
    failure: Failure | None = None
    attempts: tuple[Attempt, ...] = ()
    timings: Timings = Timings()
    duration: float = 0.0
    round_trip: float | None = None
    address: str | None = None
    proxy: str | None = None
    tls: TlsInfo | None = None
    http_status: int | None = None
    close_code: int | None = None
    close_reason: str | None = None
